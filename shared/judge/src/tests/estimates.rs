//! The estimate of a metric's odds ratio, and its interval.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use test_case::test_case;

use super::{errors, pair};
use crate::{Direction, Judge, Pair};

fn judged(tolerance: f64, looks: &[Pair]) -> (Option<f64>, (f64, Option<f64>)) {
    let mut judge = Judge::new(errors(0.008, tolerance, Direction::Either)).unwrap();
    let errors = judge.metric("errors").unwrap();
    for pair in looks {
        judge.look([(errors, *pair)]);
    }
    let metric = judge.judgement().metrics.remove(0);
    (metric.estimate, metric.interval)
}

#[test]
fn the_estimate_of_one_look_is_its_odds_ratio() {
    let (estimate, (low, high)) = judged(1.0, &[pair((100, 10), (900, 30))]);
    let expected = (10.0 / 90.0) / (30.0 / 870.0);
    assert!((estimate.unwrap() - expected).abs() < 1e-12);
    assert!(low < expected && expected < high.unwrap(), "{low} {high:?}");
}

#[test]
fn rates_that_drift_do_not_bend_the_estimate() {
    // Twice the odds at either look; all requests together would say eleven times.
    let looks = [pair((1000, 20), (9000, 91)), pair((9000, 1800), (1000, 111))];
    let (estimate, _) = judged(1.0, &looks);
    assert!((1.99..2.01).contains(&estimate.unwrap()), "{estimate:?}");
}

#[test_case(&[] => (None, (0.0, None)); "nothing was seen")]
#[test_case(&[pair((50, 0), (450, 0))] => (None, (0.0, None)); "nothing was bad")]
fn without_bad_requests_nothing_is_known(looks: &[Pair]) -> (Option<f64>, (f64, Option<f64>)) {
    judged(1.0, looks)
}

#[test]
fn errors_of_the_target_alone_leave_the_upper_end_open() {
    let (estimate, (low, high)) = judged(1.0, &[pair((100, 4), (900, 0))]);
    assert_eq!((estimate, high), (None, None));
    assert!(low > 1.0, "{low}");
}

#[test]
fn errors_of_the_current_version_alone_bound_the_target_from_above() {
    let (estimate, (low, high)) = judged(1.0, &[pair((900, 0), (900, 40))]);
    assert_eq!((estimate, low), (Some(0.0), 0.0));
    assert!(high.unwrap() < 0.5, "{high:?}");
}

#[test]
fn a_tolerance_moves_the_reach_of_the_interval_and_not_what_it_says() {
    let looks = [pair((500, 30), (500, 15)), pair((500, 34), (500, 16))];
    let (estimate, (low, high)) = judged(1.0, &looks);
    let (with_tolerance, (other_low, other_high)) = judged(1.3, &looks);
    assert_eq!(estimate, with_tolerance);
    assert!((low / other_low - 1.0).abs() < 0.02, "{low} {other_low}");
    assert!((high.unwrap() / other_high.unwrap() - 1.0).abs() < 0.02, "{high:?} {other_high:?}");
}

#[test_case(0.7)]
#[test_case(1.0)]
#[test_case(2.0)]
fn the_truth_is_within_the_interval_at_every_look_as_often_as_is_said(ratio: f64) {
    const LEVEL: f64 = 0.05;
    const RELEASES: u64 = 200;
    let left = (0..RELEASES).filter(|release| {
        let random = &mut SmallRng::seed_from_u64(*release);
        // Nothing stops this judge, whose tolerance is the last value: its intervals are looked at alone.
        let mut judge = Judge::new(errors(LEVEL, 1.0, Direction::Decrease)).unwrap();
        let errors = judge.metric("errors").unwrap();
        (0..12).any(|_| {
            let mut bad = |requests: u64, rate: f64| (0..requests).filter(|_| random.random_bool(rate)).count() as u64;
            let odds = ratio * 0.1 / 0.9;
            judge.look([(errors, pair((40, bad(40, odds / (1.0 + odds))), (60, bad(60, 0.1))))]);
            let (low, high) = judge.judgement().metrics[0].interval;
            ratio < low || high.is_some_and(|high| high < ratio)
        })
    });
    let share = left.count() as f64 / RELEASES as f64;
    let (both, spread) = (2.0 * LEVEL, 3.0 * (2.0 * LEVEL / RELEASES as f64).sqrt());
    assert!(share <= both + spread, "{share}");
}
