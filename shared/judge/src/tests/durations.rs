//! Raw durations, beside the answers of scipy.
//!
//! `scipy/cases.json` was written by `scipy/regenerate.py`: p-values by `scipy.stats.mannwhitneyu` with its defaults, the shift as the
//! median of all differences, its interval from the distribution of the same statistic.

use serde::Deserialize;
use test_case::test_case;

use crate::{Class, Direction, DurationPolicy, classify, hodges_lehmann, mann_whitney};

#[derive(Deserialize)]
struct Case {
    name: String,
    target: Vec<f64>,
    current: Vec<f64>,
    statistic: f64,
    p_value: f64,
    confidence: f64,
    shift: f64,
    low: f64,
    high: f64,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("scipy/cases.json")).unwrap()
}

fn assert_near(name: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-3), "{name}: {ours}, and scipy says {theirs}");
}

#[test]
fn the_test_answers_as_scipy_does() {
    for case in cases() {
        let answer = mann_whitney(&case.target, &case.current).unwrap();
        assert_near(&case.name, answer.statistic, case.statistic);
        assert_near(&case.name, answer.p_value, case.p_value);
    }
}

#[test]
fn the_shift_is_the_median_of_all_differences_with_the_interval_of_the_same_statistic() {
    for case in cases() {
        let shift = hodges_lehmann(&case.target, &case.current, case.confidence).unwrap();
        assert_near(&case.name, shift.estimate, case.shift);
        assert_near(&case.name, shift.low, case.low);
        assert_near(&case.name, shift.high, case.high);
    }
}

#[test]
fn tiny_probabilities_are_as_exact_as_others() {
    let case = cases().into_iter().find(|case| case.p_value > 0.0 && case.p_value < 1e-6).unwrap();
    let answer = mann_whitney(&case.target, &case.current).unwrap();
    assert!((answer.p_value / case.p_value - 1.0).abs() < 1e-9, "{}: {}", case.name, answer.p_value);
}

#[test_case(&[], &[1.0]; "no target")]
#[test_case(&[1.0], &[]; "no current version")]
#[test_case(&[f64::NAN], &[1.0]; "not a number")]
#[test_case(&[1.0], &[f64::INFINITY]; "not finite")]
fn durations_that_are_none_have_no_answer(target: &[f64], current: &[f64]) {
    assert_eq!(mann_whitney(target, current), None);
    assert_eq!(hodges_lehmann(target, current, 0.98), None);
}

#[test]
fn a_large_sample_beside_a_small_one_is_counted_out_to_the_end() {
    // One value above 150,000 others: one order in 150,001, and its mirror image.
    let current: Vec<_> = (0..150_000).map(f64::from).collect();
    let answer = mann_whitney(&[1e9], &current).unwrap();
    assert!((answer.p_value * 150_001.0 / 2.0 - 1.0).abs() < 1e-9, "{}", answer.p_value);
}

fn durations(median: f64) -> Vec<f64> {
    (1..=40).map(|place| median * (0.5 + f64::from(place) / 40.0)).collect()
}

#[test]
fn a_shift_beyond_the_tolerance_is_classed_by_its_direction() {
    let class = |target: f64, direction| {
        classify(&durations(target), &durations(100.0), DurationPolicy { direction, ..DurationPolicy::default() })
    };
    assert_eq!(class(200.0, Direction::Increase), Class::High);
    assert_eq!(class(200.0, Direction::Decrease), Class::Pass);
    assert_eq!(class(50.0, Direction::Either), Class::Low);
    assert_eq!(class(50.0, Direction::Increase), Class::Pass);
    assert_eq!(class(101.0, Direction::Either), Class::Pass);
}

#[test]
fn no_durations_are_no_data_and_others_than_numbers_an_error() {
    assert_eq!(classify(&[], &durations(100.0), DurationPolicy::default()), Class::Nodata);
    assert_eq!(classify(&[f64::NAN], &durations(100.0), DurationPolicy::default()), Class::Error);
}
