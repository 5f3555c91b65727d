//! Tests of manifests in their canonical form; those of files are with `slipway check`.

use serde_json::{Value, json};
use test_case::test_case;

use super::*;
use crate::judge::{Direction, Policy};
use crate::suite::TimeLimit;

/// A manifest with every member of what is judged.
fn everything() -> Value {
    json!({
        "application": "shop",
        "template": "template.yaml",
        "functions": {"Shop": {
            "suite": {"checks": [{"name": "a", "kind": "invoke", "event": {"z": 1, "a": 2}, "expect": {}}]},
            "judge": {"level": 0.01, "minimumRequests": 10, "pass": 90.0, "marginal": 50.0, "inconclusive": "pass", "groups": [
                {"name": "users", "weight": 2.0, "metrics": [
                    {"name": "failed", "of": "metric", "namespace": "shop", "bad": "Failures", "requests": "Requests",
                     "dimensions": {"Service": "${function}"}, "versionDimension": "Version", "tolerance": 1.5, "direction": "either",
                     "critical": true, "mustHaveData": true},
                    {"name": "errors", "of": "errors", "tolerance": 1.0},
                    {"name": "throttles", "of": "throttles", "tolerance": 1.0},
                    {"name": "duration", "of": "duration", "quantiles": [0.5], "thresholds": ["2s"], "tolerance": 1.0},
                    {"name": "lists", "of": "duration", "namespace": "shop", "metric": "Latency", "unit": "us",
                     "dimensions": {"Route": "/orders"}, "versionDimension": "ExecutedVersion", "tolerance": 1.0},
                ]},
            ]},
        }},
    })
}

#[test]
fn what_is_written_is_what_was_read() {
    let manifest = Manifest::parse(&everything().to_string()).unwrap();
    assert_eq!(serde_json::to_value(&manifest).unwrap(), everything());
    assert_eq!(Manifest::parse(&manifest.to_canonical()).unwrap(), manifest);
}

#[test]
fn the_canonical_text_depends_on_no_order() {
    let canonical = |event: &str| {
        let text = everything().to_string().replace(r#"{"z":1,"a":2}"#, event);
        Manifest::parse(&text).unwrap().to_canonical()
    };
    assert_eq!(canonical(r#"{"z":1,"a":2}"#), canonical(r#"{"a":2,"z":1}"#));
    assert!(canonical("{}").starts_with(r#"{"application":"shop","functions":{"Shop":{"judge":{"groups":[{"#));
}

#[test]
fn what_is_judged_is_the_judges_policy() {
    let manifest = Manifest::parse(&everything().to_string()).unwrap();
    let judged = manifest.judged("Shop");
    let policy = judged.policy(|metric| match &metric.measure {
        Measure::Duration(_) => ["a", "b"].map(|threshold| format!("{}>{threshold}", metric.name)).to_vec(),
        _ => vec![metric.name.clone()],
    });
    assert_eq!((policy.level, policy.minimum_requests, policy.pass, policy.marginal), (0.01, 10, 90.0, 50.0));
    let metric = &policy.groups[0].metrics[0];
    assert_eq!((metric.name.as_str(), metric.tolerance, metric.direction), ("failed", 1.5, Direction::Either));
    assert!(metric.critical && metric.must_have_data);
    let slow = &policy.groups[0].metrics[3..5];
    assert_eq!((slow[0].name.as_str(), slow[1].name.as_str()), ("duration>a", "duration>b"));
    assert_eq!((&slow[0].quantity, &slow[1].quantity), (&Some("duration".into()), &Some("duration".into())));
}

/// The faults of a manifest whose only metric is this one.
fn faults(metric: &Value) -> String {
    let groups = json!([{"name": "a", "metrics": [metric]}]);
    let manifest = json!({"application": "shop", "functions": {"Shop": {"suite": {}}}, "judge": {"groups": groups}});
    Manifest::parse(&manifest.to_string()).map_or_else(|faults| faults.to_string(), |_| String::new())
}

#[test_case(json!({"metric": "Latency"}), "metric: durations of the function's own are named by namespace and metric together"; "no namespace")]
#[test_case(json!({"unit": "s"}), "unit: durations of the function's own are named by namespace and metric together"; "nothing but a unit")]
#[test_case(json!({"namespace": "n", "metric": "m", "unit": "hours"}), "unit: \"hours\" is not known; it is one of us, ms, s"; "another unit")]
#[test_case(json!({"namespace": "n", "metric": "m", "dimensions": {"R": "${route}"}}),
    "dimensions/R: there is no ${route}: there are ${function}, ${alias}, ${resource}, ${stage}"; "an unknown name")]
#[test_case(json!({"namespace": "n", "metric": "m", "dimensions": {"V": "1"}, "versionDimension": "V"}),
    "dimensions/V: V tells the version (versionDimension): it has no value of its own"; "a version that is given")]
#[test_case(json!({"namespace": "n", "metric": "m", "dimensions": {"R": "${resource}", "A": 1}, "unit": "s"}), ""; "nothing")]
fn a_duration_that_cannot_be_read_is_a_fault(own: Value, expected: &str) {
    let mut metric = json!({"name": "a", "of": "duration"});
    metric.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    let at = if expected.is_empty() { "" } else { "/judge/groups/0/metrics/0/" };
    assert_eq!(faults(&metric), format!("{at}{expected}"));
}

#[test]
fn a_dimension_is_filled_with_what_a_shift_knows() {
    let dimensions: Dimensions = [("A", "${function}-$${x}"), ("B", "b"), ("R", "${resource}")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let value = |name: &str| Some(if name == "function" { "api" } else { "api:live" });
    let filled: Vec<String> = filled(&dimensions, value).into_iter().map(|(_, value)| value).collect();
    assert_eq!(filled, ["api-${x}", "b", "api:live"]);
    assert!(tell_the_resource(&dimensions) && !tell_the_resource(&Dimensions::new()));
}

#[test]
fn the_usual_quantiles_are_taken_where_no_threshold_is_named() {
    assert_eq!(Durations::default().quantiles(), [0.5, 0.9, 0.99]);
    let fixed = Durations { thresholds: TimeLimit::from_text("1s").into_iter().collect(), ..Durations::default() };
    assert!(fixed.quantiles().is_empty());
}

#[test]
fn a_function_that_says_nothing_is_judged_as_its_application_is() {
    let mut value = everything();
    let judge = value["functions"]["Shop"].as_object_mut().unwrap().remove("judge").unwrap();
    let judged = |value: &Value| Manifest::parse(&value.to_string()).unwrap().judged("Shop");
    assert_eq!(judged(&value).level, Policy::LEVEL);
    value["judge"] = judge;
    assert_eq!(judged(&value).level, 0.01);
}

#[test]
fn a_release_names_no_files() {
    let text = r#"{"application": "shop", "functions": {"Shop": {"suite": "suites/shop.yaml"}}}"#;
    let faults = Manifest::parse(text).unwrap_err();
    assert_eq!(faults.to_string(), "/functions/Shop/suite: expected a map, found a text");
}
