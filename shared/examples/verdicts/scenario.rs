//! Deployments whose truth is known: requests drawn to a version one by one, and each bad with its version's probability.

use rand::Rng;
use rand::rngs::SmallRng;
use slipway_shared::judge::{Counts, Group, Judge, Metric, Pair, Policy};

/// Looks of a whole canary: ten minutes, one every 30 seconds.
pub const LOOKS: usize = 20;

/// The stream of requests, and the target's share of it.
#[derive(Clone, Copy)]
pub enum Traffic {
    /// The same number at each look, a tenth of them to the target.
    Steady(u32),
    /// The same, drawn to a version with a probability of a tenth.
    Drawn(u32),
    /// From a third to ten times as many at each look, and errors that come and go with them, for both versions alike.
    Bursty(u32),
    /// A tenth more for the target every minute, until it has all.
    Linear(u32),
}

impl Traffic {
    /// The requests of a look by version, target first, and the factor of its bad ones.
    fn look(self, look: usize, random: &mut SmallRng) -> (u32, u32, f64) {
        match self {
            Self::Steady(requests) => (requests / 10, requests - requests / 10, 1.0),
            Self::Drawn(requests) => split(requests, 0.1, 1.0, random),
            Self::Bursty(requests) => {
                let factor = 10.0_f64.powf(random.random_range(-0.5..1.0));
                let errors = if random.random_bool(0.2) { random.random_range(1.0..8.0) } else { 0.6 };
                split((f64::from(requests) * factor) as u32, 0.1, errors, random)
            }
            Self::Linear(requests) => split(requests, 0.1 * (1 + look / 2) as f64, 1.0, random),
        }
    }
}

fn split(requests: u32, share: f64, errors: f64, random: &mut SmallRng) -> (u32, u32, f64) {
    let target = binomial(requests, share, random);
    (target, requests - target, errors)
}

/// Draws one by one: slow, and beyond doubt.
pub fn binomial(requests: u32, probability: f64, random: &mut SmallRng) -> u32 {
    let probability = probability.clamp(0.0, 1.0);
    (0..requests).map(|_| u32::from(random.random_bool(probability))).sum()
}

/// The counts of one version.
pub fn counts(requests: u32, bad: u32) -> Counts {
    Counts::new(u64::from(requests), u64::from(bad)).unwrap_or_default()
}

/// A deployment with one metric, stopped at a look of the first number, or not.
pub fn stopped_at(traffic: Traffic, current: f64, target: f64, random: &mut SmallRng) -> Option<usize> {
    let mut judge = judge(["errors"]);
    let metric = judge.metric("errors")?;
    (1..=LOOKS).find(|look| {
        let (to_target, to_current, factor) = traffic.look(look - 1, random);
        let pair = Pair {
            target: counts(to_target, binomial(to_target, target * factor, random)),
            current: counts(to_current, binomial(to_current, current * factor, random)),
        };
        judge.look([(metric, pair)])
    })
}

/// A judge of metrics that are one group.
pub fn judge<const METRICS: usize>(names: [&str; METRICS]) -> Judge {
    let group = Group::new("group", names.map(Metric::new).to_vec());
    match Judge::new(Policy::new(vec![group])) {
        Ok(judge) => judge,
        Err(error) => unreachable!("{error}"),
    }
}
