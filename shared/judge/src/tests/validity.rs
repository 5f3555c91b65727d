//! The guarantee: the evidence is a nonnegative supermartingale while the target is no worse, so that a good release is stopped with
//! the level's probability at most. Expectations are enumerated, paths are drawn from a fixed seed.

use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use test_case::test_case;

use super::{errors, pair};
use crate::{Direction, Group, Judge, Metric, Pair, Policy};

/// The probabilities of 0, 1, …, `requests` bad requests.
fn binomial(requests: u64, probability: f64) -> Vec<f64> {
    let mut law = vec![0.0; requests as usize + 1];
    law[0] = 1.0;
    for _ in 0..requests {
        for bad in (0..law.len()).rev() {
            let before = if bad > 0 { law[bad - 1] } else { 0.0 };
            law[bad] = law[bad] * (1.0 - probability) + before * probability;
        }
    }
    law
}

fn after(judge: &Judge, pair: Pair) -> f64 {
    let mut judge = judge.clone();
    let errors = judge.metric("errors").unwrap();
    judge.look([(errors, pair)]);
    judge.evidence()
}

/// The expected evidence after a look at so many requests, with those probabilities of a bad one.
fn expected(judge: &Judge, requests: (u64, u64), probabilities: (f64, f64)) -> f64 {
    let (target, current) = (binomial(requests.0, probabilities.0), binomial(requests.1, probabilities.1));
    let mut sum = 0.0;
    for (bad, chance) in target.iter().enumerate() {
        for (current_bad, current_chance) in current.iter().enumerate() {
            let look = pair((requests.0, bad as u64), (requests.1, current_bad as u64));
            sum += chance * current_chance * after(judge, look);
        }
    }
    sum
}

/// The probability whose odds are `ratio` times those of `probability`.
fn times_the_odds(probability: f64, ratio: f64) -> f64 {
    let odds = ratio * probability / (1.0 - probability);
    odds / (1.0 + odds)
}

fn looks() -> impl Strategy<Value = Vec<Pair>> {
    let counts = || (0_u64..60).prop_flat_map(|requests| (Just(requests), 0..=requests));
    prop::collection::vec((counts(), counts()).prop_map(|(target, current)| pair(target, current)), 0..6)
}

fn judge_after(looks: Vec<Pair>, policy: Policy) -> Judge {
    let mut judge = Judge::new(policy).unwrap();
    let errors = judge.metric("errors").unwrap();
    for pair in looks {
        judge.look([(errors, pair)]);
    }
    judge
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_evidence_does_not_rise_on_average_while_the_target_is_no_worse(
        earlier in looks(),
        level in prop::sample::select(vec![1e-9, 0.008, 0.1]),
        tolerance in prop::sample::select(vec![1.0, 1.5]),
        requests in (1_u64..9, 1_u64..12),
        probability in 0.01..0.9,
        below in prop::sample::select(vec![1.0, 0.9, 0.3]),
    ) {
        let judge = judge_after(earlier, errors(level, tolerance, Direction::Increase));
        let target = times_the_odds(probability, tolerance * below);
        let (now, then) = (judge.evidence(), expected(&judge, requests, (target, probability)));
        prop_assert!(then <= now * (1.0 + 1e-9), "{now} becomes {then}");
        if below == 1.0 && !judge.is_stopped() && level < 1e-8 {
            prop_assert!(then >= now * (1.0 - 1e-9), "{now} becomes {then}: given away at the boundary");
        }
    }

    #[test]
    fn less_or_any_change_is_judged_as_validly(
        earlier in looks(),
        direction in prop::sample::select(vec![Direction::Decrease, Direction::Either]),
        requests in (1_u64..9, 1_u64..9),
        probability in 0.01..0.9,
    ) {
        let judge = judge_after(earlier, errors(0.008, 1.0, direction));
        let (now, then) = (judge.evidence(), expected(&judge, requests, (probability, probability)));
        prop_assert!(then <= now * (1.0 + 1e-9), "{now} becomes {then}");
    }

    #[test]
    fn the_more_of_the_bad_requests_are_the_targets_the_more_evidence(
        earlier in looks(),
        level in prop::sample::select(vec![1e-9, 0.008]),
        requests in (1_u64..90, 1_u64..90),
        share in 0.0..1.0,
    ) {
        let judge = judge_after(earlier, errors(level, 1.0, Direction::Increase));
        let bad = (share * (requests.0 + requests.1) as f64) as u64;
        let evidence: Vec<_> = (bad.saturating_sub(requests.1)..=bad.min(requests.0))
            .map(|of_target| after(&judge, pair((requests.0, of_target), (requests.1, bad - of_target))))
            .collect();
        prop_assert!(evidence.is_sorted_by(|less, more| *less <= more * (1.0 + 1e-12)), "{evidence:?}");
    }

    #[test]
    fn a_look_that_can_tell_nothing_changes_nothing(earlier in looks(), requests in 0_u64..50) {
        let judge = judge_after(earlier, errors(0.008, 1.0, Direction::Increase));
        for nothing in [pair((requests, 0), (0, 0)), pair((requests, requests), (0, 0)), pair((requests, 0), (90, 0))] {
            prop_assert_eq!(after(&judge, nothing), judge.evidence());
        }
    }
}

/// The share of good releases that are stopped within 20 looks.
fn stopped(policy: &Policy, seed: u64, look: impl Fn(usize, &mut SmallRng) -> Pair) -> f64 {
    const RELEASES: u64 = 1000;
    let stopped = (0..RELEASES).filter(|release| {
        let random = &mut SmallRng::seed_from_u64((seed << 32) + release);
        let mut judge = Judge::new(policy.clone()).unwrap();
        let metrics: Vec<_> = ["errors", "failures"].iter().filter_map(|name| judge.metric(name)).collect();
        // Metrics that say the same: no dependence is worse.
        (0..20).any(|number| {
            let pair = look(number, random);
            judge.look(metrics.iter().map(|metric| (*metric, pair)))
        })
    });
    stopped.count() as f64 / RELEASES as f64
}

fn drawn(random: &mut SmallRng, requests: u64, share: f64, probability: f64) -> Pair {
    let mut counts = [(0, 0), (0, 0)];
    for _ in 0..requests {
        let (all, bad) = &mut counts[usize::from(!random.random_bool(share))];
        *all += 1;
        *bad += u64::from(random.random_bool(probability));
    }
    pair(counts[0], counts[1])
}

/// The level, and three standard deviations of what is counted over 1,000 releases.
fn bound(level: f64) -> f64 {
    level + 3.0 * (level * (1.0 - level) / 1000.0).sqrt()
}

#[test_case(1, 0.01; "errors are rare")]
#[test_case(2, 0.05; "errors are not so rare")]
#[test_case(3, 0.4; "errors are frequent")]
fn good_releases_are_stopped_with_the_levels_probability_at_most(seed: u64, rate: f64) {
    for level in [0.008, 0.1] {
        let policy = errors(level, 1.0, Direction::Increase);
        let share = stopped(&policy, seed, |_, random| drawn(random, 120, 0.1, rate));
        assert!(share <= bound(level), "{share} at {level}");
    }
}

#[test]
fn rates_and_shares_may_drift_from_look_to_look() {
    let policy = errors(0.1, 1.0, Direction::Increase);
    let share = stopped(&policy, 4, |number, random| {
        let requests = random.random_range(20..300);
        let rate = if random.random_bool(0.3) { 0.25 } else { 0.01 };
        drawn(random, requests, 0.1 * (1 + number / 3) as f64, rate)
    });
    assert!(share <= bound(0.1), "{share}");
}

#[test]
fn metrics_that_say_the_same_do_not_add_up() {
    let metrics = vec![Metric::new("errors"), Metric::new("failures")];
    let policy = Policy { level: 0.1, ..Policy::new(vec![Group::new("users", metrics)]) };
    let share = stopped(&policy, 5, |_, random| drawn(random, 150, 0.3, 0.05));
    assert!(share <= bound(0.1), "{share}");
}

#[test]
fn a_target_that_is_worse_within_the_tolerance_is_good() {
    let policy = errors(0.1, 2.0, Direction::Increase);
    let share = stopped(&policy, 6, |_, random| {
        let (target, current) = (drawn(random, 30, 1.0, times_the_odds(0.05, 2.0)), drawn(random, 270, 0.0, 0.05));
        Pair { target: target.target, current: current.current }
    });
    assert!(share <= bound(0.1), "{share}");
}

#[test]
fn a_release_that_is_stopped_stays_stopped_and_learns_nothing_more() {
    let mut judge = judge_after(vec![pair((100, 30), (900, 9))], errors(0.008, 1.0, Direction::Increase));
    let errors = judge.metric("errors").unwrap();
    let before = judge.judgement();
    assert!(judge.is_stopped());
    assert!(judge.look([(errors, pair((100_000, 0), (1000, 900)))]));
    assert_eq!(judge.judgement(), before);
}

#[test]
fn counts_of_any_size_are_judged() {
    let most = crate::MOST_REQUESTS;
    let mut judge = judge_after(Vec::new(), errors(0.008, 1.0, Direction::Increase));
    let errors = judge.metric("errors").unwrap();
    assert!(!judge.look([(errors, pair((most / 1000, most / 1_000_000), (most, most / 1000)))]));
    assert!(judge.evidence().is_finite());
    assert!(judge.look([(errors, pair((most / 1000, most / 500_000), (most, most / 1000)))]));
    assert!(judge.judgement().evidence.is_finite());
}
