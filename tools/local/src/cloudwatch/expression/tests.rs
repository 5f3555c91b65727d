//! Tests of the expressions that are computed, and of those that are not.

use test_case::test_case;

use super::*;

#[test_case("errors / invocations * 100", Some(20.0); "a rate in percent")]
#[test_case("100*(errors/invocations)", Some(20.0); "in parentheses")]
#[test_case("1 + 2 * 3 ^ 2 - -1", Some(20.0); "binding")]
#[test_case("errors / nothing", None; "a missing value")]
#[test_case("errors / zero", None; "division by zero")]
#[test_case("errors + FILL(nothing, 5)", Some(7.0); "filled")]
#[test_case("IF(invocations > 0, errors * 100 / invocations, 0)", Some(20.0); "a condition")]
#[test_case("IF(zero > 0, 1)", None; "no alternative")]
#[test_case("SUM([errors, invocations, nothing])", Some(12.0); "several series")]
#[test_case("AVG(METRICS()) + MAX([errors, invocations])", Some(16.0); "all metrics")]
#[test_case("errors / PERIOD(errors)", Some(0.033_333); "a rate by its period")]
#[test_case("LOG10(invocations) + LOG(zero)", None; "a logarithm of nothing")]
#[test_case("IF(zero > 0 AND errors > 0, 1, CEIL(0.2) - ABS(-3))", Some(-2.0); "an alternative")]
fn it_computes(text: &str, expected: Option<f64>) {
    let found = Expression::parse(text).unwrap().value(&Three);
    assert_eq!(found.map(|value| (value * 1e6).round() / 1e6), expected);
}

struct Three;

impl Scope for Three {
    fn value(&self, id: &str) -> Option<f64> {
        match id {
            "errors" => Some(2.0),
            "invocations" => Some(10.0),
            "zero" => Some(0.0),
            _ => None,
        }
    }

    fn period(&self, _: &str) -> Option<f64> {
        Some(60.0)
    }

    fn metrics(&self) -> Vec<&str> {
        vec!["errors", "invocations", "nothing"]
    }
}

#[test_case("m1 +", "ends too early"; "half an expression")]
#[test_case("m1 m2", "unexpected m2"; "two expressions")]
#[test_case("FOO(m1)", "FOO does not exist"; "an unknown function")]
#[test_case("ABS(m1, m2)", "takes one argument"; "too many arguments")]
#[test_case("1.2.3", "no number"; "no number")]
fn what_cloudwatch_does_not_understand_is_refused(text: &str, message: &str) {
    let Err(Refusal::Malformed(error)) = Expression::parse(text) else { panic!("{text}") };
    assert!(error.contains(message), "{error}");
}

#[test_case("SELECT SUM(x) FROM \"n\"", "Metrics Insights"; "a query")]
#[test_case("SEARCH('{AWS/Lambda}', 'Sum', 60)", "SEARCH"; "a search")]
#[test_case("ANOMALY_DETECTION_BAND(m1, 2)", "ANOMALY_DETECTION_BAND"; "a model")]
#[test_case("m1 * RATE(m2)", "RATE"; "a rate")]
#[test_case("SUM(m1)", "SUM of one series"; "a sum over time")]
#[test_case("FILL(m1, REPEAT)", "REPEAT"; "another way to fill")]
fn what_the_plane_does_not_compute_is_named(text: &str, name: &str) {
    let Err(Refusal::NotRun(what)) = Expression::parse(text) else { panic!("{text}") };
    assert!(what.contains(name), "{what}");
}

#[test]
fn no_expression_is_too_deep_to_refuse() {
    assert!(Expression::parse(&"(".repeat(100_000)).is_err());
    assert!(Expression::parse(&"-".repeat(100_000)).is_err());
}
