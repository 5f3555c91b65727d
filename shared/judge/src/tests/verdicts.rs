//! Verdicts: the classes of metrics after Kayenta, the score, and what they come to.

use super::{judge_of, look, pair};
use crate::{Class, Direction, Grade, Group, Judge, Metric, Outcome, Pair, Policy};

const WELL: (u64, u64) = (900, 9);

fn well() -> Pair {
    pair((100, 1), WELL)
}

fn worse() -> Pair {
    pair((100, 40), WELL)
}

fn too_little() -> Pair {
    pair((10, 0), WELL)
}

fn metric(name: &str) -> Metric {
    Metric::new(name)
}

fn classes(judge: &Judge) -> Vec<Class> {
    judge.judgement().metrics.iter().map(|metric| metric.class).collect()
}

/// The outcome and the score.
fn verdict(judge: &Judge) -> (Outcome, f64) {
    let judgement = judge.judgement();
    (judgement.outcome, judgement.score)
}

#[test]
fn a_release_that_is_no_worse_passes() {
    let mut judge = judge_of(vec![metric("errors")]);
    look(&mut judge, [("errors", well())]);
    let judgement = judge.judgement();
    assert_eq!((judgement.outcome, judgement.score, judgement.grade), (Outcome::Passed, 100.0, Grade::Pass));
    assert_eq!(judgement.reasons, Vec::<String>::new());
    assert_eq!(classes(&judge), [Class::Pass]);
}

#[test]
fn a_release_that_is_worse_fails_with_its_numbers() {
    let mut judge = judge_of(vec![metric("errors")]);
    assert!(look(&mut judge, [("errors", worse())]));
    let judgement = judge.judgement();
    assert_eq!((judgement.outcome, judgement.score, judgement.grade), (Outcome::Failed, 0.0, Grade::Fail));
    assert_eq!(classes(&judge), [Class::High]);
    let expected = "errors: 40 bad of 100 requests of the target, 9 of 900 of the current version; odds at least ";
    assert!(judgement.reasons[0].starts_with(expected), "{:?}", judgement.reasons);
    assert!(judgement.metrics[0].interval.0 > 10.0, "{:?}", judgement.metrics[0].interval);
}

#[test]
fn nothing_seen_is_inconclusive() {
    let judge = judge_of(vec![metric("errors")]);
    assert_eq!(verdict(&judge), (Outcome::Inconclusive, 0.0));
    assert_eq!(classes(&judge), [Class::Nodata]);
}

#[test]
fn below_the_minimum_of_either_version_it_is_inconclusive() {
    for (target, current, expected) in [
        (49, 5000, Outcome::Inconclusive),
        (50, 49, Outcome::Inconclusive),
        (5000, 0, Outcome::Inconclusive),
        (50, 50, Outcome::Passed),
    ] {
        let mut judge = judge_of(vec![metric("errors")]);
        look(&mut judge, [("errors", pair((target, 0), (current, 0)))]);
        assert_eq!(judge.judgement().outcome, expected, "{target} {current}");
    }
}

#[test]
fn requests_of_different_looks_are_not_compared() {
    let mut judge = judge_of(vec![metric("errors")]);
    for _ in 0..9 {
        look(&mut judge, [("errors", pair((0, 0), (1000, 10)))]);
        look(&mut judge, [("errors", pair((1000, 600), (0, 0)))]);
    }
    assert_eq!(verdict(&judge), (Outcome::Inconclusive, 0.0));
    assert_eq!(classes(&judge), [Class::Nodata]);
}

#[test]
fn a_minimum_of_none_still_needs_a_request() {
    let policy = Policy { minimum_requests: 0, ..Policy::new(vec![Group::new("users", vec![metric("errors")])]) };
    let mut judge = Judge::new(policy).unwrap();
    assert_eq!(judge.judgement().outcome, Outcome::Inconclusive);
    look(&mut judge, [("errors", pair((1, 0), (1, 0)))]);
    assert_eq!(judge.judgement().outcome, Outcome::Passed);
}

#[test]
fn evidence_below_the_minimum_of_requests_stops_all_the_same() {
    let mut judge = judge_of(vec![metric("errors")]);
    assert!(look(&mut judge, [("errors", pair((20, 15), (180, 0)))]));
    assert_eq!(verdict(&judge), (Outcome::Failed, 0.0));
}

#[test]
fn less_is_low_where_less_is_worse() {
    let mut judge = judge_of(vec![Metric { direction: Direction::Decrease, ..metric("hits") }]);
    look(&mut judge, [("hits", pair((500, 50), (500, 250)))]);
    assert_eq!(classes(&judge), [Class::Low]);
    assert_eq!(
        judge.judgement().reasons,
        ["hits: 50 bad of 500 requests of the target, 250 of 500 of the current version; fewer"]
    );
}

#[test]
fn one_metric_of_three_without_data_is_left_out() {
    let mut judge = judge_of(["errors", "throttles", "slow"].map(metric).to_vec());
    look(&mut judge, [("errors", well()), ("throttles", well()), ("slow", too_little())]);
    assert_eq!(classes(&judge), [Class::Pass, Class::Pass, Class::Nodata]);
    assert_eq!(verdict(&judge), (Outcome::Passed, 100.0));
}

#[test]
fn half_of_the_metrics_without_data_leave_no_score() {
    let mut judge = judge_of(["errors", "slow"].map(metric).to_vec());
    look(&mut judge, [("errors", well()), ("slow", too_little())]);
    assert_eq!(verdict(&judge), (Outcome::Inconclusive, 0.0));
    assert!(judge.judgement().reasons[0].starts_with("slow: 0 bad of 10 requests"), "{:?}", judge.judgement().reasons);
}

#[test]
fn the_thresholds_of_one_quantity_are_one_metric_of_the_score() {
    let of = |name: &str| Metric { quantity: Some("duration".into()), ..metric(name) };
    let mut judge = judge_of(vec![of("duration>50ms"), of("duration>90ms"), metric("errors"), metric("throttles")]);
    let slow = [("duration>50ms", too_little()), ("duration>90ms", too_little())];
    look(&mut judge, slow.into_iter().chain([("errors", well()), ("throttles", well())]));
    assert_eq!(verdict(&judge), (Outcome::Passed, 100.0), "one of three has no data, and not two of four");
    for share in 0..10 {
        let worse = ("duration>90ms", pair((10, u64::from(share > 0)), (90, 0)));
        look(&mut judge, [("duration>50ms", pair((10, 0), (90, 0))), worse]);
    }
    assert_eq!(classes(&judge)[..2], [Class::Pass, Class::High]);
    let score = verdict(&judge).1;
    assert!(judge.is_stopped() || (score - 200.0 / 3.0).abs() < 1e-9, "{score}");
}

#[test]
fn a_metric_that_must_have_data_counts_against_the_release_without_it() {
    let slow = Metric { must_have_data: true, ..metric("slow") };
    let mut judge = judge_of(vec![metric("errors"), metric("throttles"), metric("refused"), slow]);
    look(&mut judge, [("errors", well()), ("throttles", well()), ("refused", well()), ("slow", too_little())]);
    assert_eq!(classes(&judge)[3], Class::NodataFailMetric);
    let judgement = judge.judgement();
    assert_eq!((judgement.outcome, judgement.score, judgement.grade), (Outcome::Inconclusive, 75.0, Grade::Marginal));
}

#[test]
fn a_metric_that_could_not_be_read_is_an_error_and_critical_ones_need_an_answer() {
    for (critical, expected) in [(false, (Outcome::Passed, 100.0)), (true, (Outcome::Inconclusive, 0.0))] {
        let mut judge = judge_of(vec![metric("errors"), Metric { critical, ..metric("slow") }]);
        look(&mut judge, [("errors", well()), ("slow", well())]);
        let slow = judge.metric("slow").unwrap();
        judge.could_not_read(slow);
        assert_eq!(classes(&judge), [Class::Pass, Class::Error]);
        assert_eq!(verdict(&judge), expected);
    }
}

#[test]
fn one_metric_by_itself_may_be_high_without_stopping_the_release() {
    // Its share of the evidence is a twentieth.
    let names: Vec<_> = (0..20).map(|number| format!("metric-{number}")).collect();
    let mut judge = judge_of(names.iter().map(|name| metric(name)).collect());
    let mut pairs: Vec<_> = names.iter().map(|name| (name.as_str(), well())).collect();
    pairs[0].1 = pair((100, 8), WELL);
    assert!(!look(&mut judge, pairs));
    assert_eq!(classes(&judge)[0], Class::High);
    assert_eq!(verdict(&judge), (Outcome::Passed, 95.0));
}

#[test]
fn groups_count_by_weight_in_the_score() {
    let groups = vec![
        Group { weight: 0.7, ..Group::new("users", vec![metric("errors")]) },
        Group {
            weight: 0.3,
            ..Group::new("latency", vec![metric("slow"), Metric { must_have_data: true, ..metric("slower") }])
        },
    ];
    let mut judge = Judge::new(Policy { pass: 85.0, ..Policy::new(groups) }).unwrap();
    look(&mut judge, [("errors", well()), ("slow", well()), ("slower", too_little())]);
    let (outcome, score) = verdict(&judge);
    assert!((score - 85.0).abs() < 1e-9, "{score}");
    assert_eq!(outcome, Outcome::Passed);
}

#[test]
fn a_judgement_is_written_in_the_words_of_records() {
    let mut judge = judge_of(vec![metric("errors")]);
    look(&mut judge, [("errors", pair((100, 4), (900, 0)))]);
    let text = serde_json::to_value(judge.judgement()).unwrap();
    assert_eq!(text["outcome"], "failed");
    assert_eq!(text["metrics"][0]["class"], "High");
    assert_eq!(text["metrics"][0]["interval"][1], serde_json::Value::Null);
    assert_eq!(text["metrics"][0]["target"], serde_json::json!({"requests": 100, "bad": 4}));
}
