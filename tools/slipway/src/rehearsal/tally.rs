//! Requests by version against the weight that was set.

use std::time::Instant;

use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

use super::load::Sample;

/// The probability below which a count is held against the routing: one honest step in ten thousand fails.
const SIGNIFICANCE: f64 = 1e-4;

/// The weight of the target version from a moment on.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// The time at which it was first seen.
    pub since: Instant,
    /// The time at which it was last seen.
    pub until: Instant,
    /// The version that the alias names.
    pub current: String,
    /// The version that gets a share, and its share from 0 to 1.
    pub additional: Option<(String, f64)>,
}

/// A step of the shift as users saw it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The version that the alias names.
    pub current_version: String,
    /// The version beside it, when the traffic is shared.
    pub target_version: Option<String>,
    /// The share that was set for the target version, from 0 to 1.
    pub weight: f64,
    /// The length of the step, in real seconds.
    pub seconds: f64,
    /// Requests that the current version answered.
    pub current_requests: u64,
    /// Requests that the target version answered.
    pub target_requests: u64,
    /// Requests that neither answered.
    pub stray_requests: u64,
    /// Answers that a user would call an error, and requests lost.
    pub errors: u64,
    /// True if the share is within sampling error of the weight.
    pub within_sampling_error: bool,
}

/// The steps that `weights` make. A request counts for the step in which it was both sent and answered; one that spans a
/// change could have met either weight, and counts for none.
pub fn steps(weights: &[Weight], samples: &[Sample]) -> Vec<Step> {
    weights.iter().map(|weight| step(weight, samples)).collect()
}

fn step(weight: &Weight, samples: &[Sample]) -> Step {
    let share = weight.additional.as_ref().map_or(0.0, |(_, share)| *share);
    let target = weight.additional.as_ref().map(|(version, _)| version.clone());
    let (mut current_requests, mut target_requests, mut stray, mut errors) = (0, 0, 0, 0);
    for sample in samples.iter().filter(|sample| sample.sent >= weight.since && sample.answered <= weight.until) {
        match &sample.version {
            Some(version) if *version == weight.current => current_requests += 1,
            version if version.is_some() && *version == target => target_requests += 1,
            _ => stray += 1,
        }
        errors += u64::from(sample.is_error());
    }
    Step {
        current_version: weight.current.clone(),
        target_version: target,
        weight: share,
        seconds: weight.until.saturating_duration_since(weight.since).as_secs_f64(),
        current_requests,
        target_requests,
        stray_requests: stray,
        errors,
        within_sampling_error: stray == 0 && is_plausible(share, target_requests, current_requests + target_requests),
    }
}

/// True if `hits` of `total` are plausible for a share, by the exact binomial test, two-sided.
fn is_plausible(share: f64, hits: u64, total: u64) -> bool {
    if share <= 0.0 {
        return hits == 0;
    }
    if share >= 1.0 {
        return hits == total;
    }
    Binomial::new(share, total).is_ok_and(|binomial| {
        let below = binomial.cdf(hits);
        let above = if hits == 0 { 1.0 } else { 1.0 - binomial.cdf(hits - 1) };
        2.0 * below.min(above) > SIGNIFICANCE
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn shares_are_held_against_the_binomial_distribution() {
        assert!(is_plausible(0.1, 100, 1000));
        assert!(is_plausible(0.1, 130, 1000));
        assert!(!is_plausible(0.1, 200, 1000));
        assert!(!is_plausible(0.1, 50, 1000));
        assert!(is_plausible(0.1, 0, 5));
        assert!(is_plausible(0.0, 0, 1000) && !is_plausible(0.0, 1, 1000));
        assert!(is_plausible(1.0, 7, 7) && !is_plausible(1.0, 6, 7));
    }

    #[test]
    fn a_request_that_spans_a_change_counts_for_no_step() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let sample = |sent, answered, version: &str| Sample {
            request: "read".to_owned(),
            expected: None,
            sent: at(sent),
            answered: at(answered),
            version: Some(version.to_owned()),
            status: Some(200),
        };
        let weights = [
            Weight { since: at(0), until: at(9), current: "1".into(), additional: None },
            Weight { since: at(10), until: at(20), current: "1".into(), additional: Some(("2".into(), 0.5)) },
        ];
        let samples = [sample(1, 2, "1"), sample(9, 11, "2"), sample(12, 13, "2"), sample(12, 13, "3")];
        let steps = steps(&weights, &samples);
        assert_eq!((steps[0].current_requests, steps[0].stray_requests), (1, 0));
        assert!(steps[0].within_sampling_error);
        assert_eq!((steps[1].target_requests, steps[1].stray_requests), (1, 1));
        assert!(!steps[1].within_sampling_error);
    }
}
