//! Policies by which nothing can be judged, and the shares of the evidence.

use test_case::test_case;

use super::{errors, judge_of, pair};
use crate::{Direction, Group, Judge, Metric, Policy, PolicyError};

fn fault(policy: Policy) -> String {
    Judge::new(policy).unwrap_err().to_string()
}

fn users() -> Policy {
    errors(Policy::LEVEL, 1.0, Direction::Increase)
}

#[test_case(0.0; "none")]
#[test_case(-0.01; "negative")]
#[test_case(0.6; "as good as a coin")]
#[test_case(1e-10; "smaller than can be computed")]
#[test_case(f64::NAN; "not a number")]
fn a_level_that_is_none_is_refused(level: f64) {
    assert_eq!(fault(Policy { level, ..users() }), format!("level {level} is not between 1e-9 and 0.5"));
}

#[test_case(0.0)]
#[test_case(-1.0)]
#[test_case(f64::INFINITY)]
#[test_case(f64::NAN)]
fn a_weight_that_is_none_is_refused(weight: f64) {
    let group = Group { weight, ..Group::new("users", vec![Metric::new("errors")]) };
    assert_eq!(
        fault(Policy::new(vec![group])),
        format!("group \"users\": weight {weight} is not between 1e-6 and 1e6")
    );
}

#[test_case(0.99)]
#[test_case(1001.0)]
#[test_case(f64::NAN)]
fn a_tolerance_that_is_none_is_refused(tolerance: f64) {
    let expected = format!("metric \"errors\": tolerance {tolerance} is not between 1 and 1,000");
    assert_eq!(fault(errors(0.01, tolerance, Direction::Increase)), expected);
}

#[test_case(95.0, 96.0; "marginal above pass")]
#[test_case(101.0, 75.0; "pass above 100")]
#[test_case(95.0, -1.0; "marginal below 0")]
#[test_case(0.0, 0.0; "a pass that nothing needs")]
#[test_case(f64::NAN, 75.0; "pass not a number")]
#[test_case(95.0, f64::NAN; "marginal not a number")]
fn thresholds_that_are_none_are_refused(pass: f64, marginal: f64) {
    let fault = Judge::new(Policy { pass, marginal, ..users() }).unwrap_err();
    assert!(matches!(fault, PolicyError::Thresholds { .. }), "{fault}");
}

#[test]
fn a_metric_may_be_there_once_over_all_groups() {
    let group = |name: &str| Group::new(name, vec![Metric::new("errors")]);
    assert_eq!(fault(Policy::new(vec![group("users"), group("machines")])), "metric \"errors\" is there twice");
}

#[test]
fn without_metrics_nothing_is_judged() {
    assert_eq!(fault(Policy::new(Vec::new())), "no metric is judged");
    assert_eq!(fault(Policy::new(vec![Group::new("users", Vec::new())])), "no metric is judged");
}

#[test]
fn shares_of_the_evidence_follow_the_groups_weights_and_count_critical_metrics_more() {
    let critical = Metric { critical: true, ..Metric::new("errors") };
    let groups = vec![
        Group { weight: 3.0, ..Group::new("users", vec![critical, Metric::new("refused")]) },
        Group::new("nothing", Vec::new()),
        Group { weight: 1.0, ..Group::new("latency", vec![Metric::new("latency>250ms"), Metric::new("latency>1s")]) },
    ];
    let shares: Vec<_> =
        Judge::new(Policy::new(groups)).unwrap().judgement().metrics.into_iter().map(|metric| metric.share).collect();
    for (share, expected) in shares.iter().zip([0.6, 0.15, 0.125, 0.125]) {
        assert!((share - expected).abs() < 1e-12, "{shares:?}");
    }
}

#[test]
fn the_thresholds_of_one_quantity_share_one_metrics_part() {
    let of = |name: &str| Metric { quantity: Some("duration".into()), ..Metric::new(name) };
    let metrics = vec![of("duration>50ms"), of("duration>90ms"), Metric::new("errors")];
    let shares: Vec<_> = judge_of(metrics).judgement().metrics.into_iter().map(|metric| metric.share).collect();
    for (share, expected) in shares.iter().zip([0.25, 0.25, 0.5]) {
        assert!((share - expected).abs() < 1e-12, "{shares:?}");
    }
}

#[test]
fn a_metric_of_which_more_is_good_is_judged_by_its_decrease() {
    for (direction, is_stopped) in
        [(Direction::Increase, false), (Direction::Decrease, true), (Direction::Either, true)]
    {
        let mut judge = judge_of(vec![Metric { direction, ..Metric::new("hits") }]);
        let hits = judge.metric("hits").unwrap();
        assert_eq!(judge.look([(hits, pair((200, 20), (800, 400)))]), is_stopped, "{direction:?}");
    }
}
