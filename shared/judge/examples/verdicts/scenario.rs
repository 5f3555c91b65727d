//! Deployments whose truth is known: requests drawn to a version one by one, and each bad with its version's probability.

use rand::RngExt;
use rand::rngs::SmallRng;
use slipway_judge::{Counts, Group, Judge, Metric, Pair, Policy};

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
    /// Sessions of ten requests, which stick to a version and are bad as a whole: not what the judge assumes.
    Sessions(u32),
}

/// The requests of a session.
const SESSION: u32 = 10;

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
            Self::Sessions(requests) => {
                let (target, current, errors) = split(requests / SESSION, 0.1, 1.0, random);
                (SESSION * target, SESSION * current, errors)
            }
        }
    }

    fn bad(self, requests: u32, probability: f64, random: &mut SmallRng) -> u32 {
        match self {
            Self::Sessions(_) => SESSION * binomial(requests / SESSION, probability, random),
            _ => binomial(requests, probability, random),
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

/// The pairs of a deployment's looks.
pub fn looks(traffic: Traffic, current: f64, target: f64, random: &mut SmallRng) -> impl Iterator<Item = Pair> {
    (0..LOOKS).map(move |look| {
        let (to_target, to_current, factor) = traffic.look(look, random);
        Pair {
            target: counts(to_target, traffic.bad(to_target, target * factor, random)),
            current: counts(to_current, traffic.bad(to_current, current * factor, random)),
        }
    })
}

/// A deployment with one metric, stopped at a look of the first number, or not.
pub fn stopped_at(traffic: Traffic, current: f64, target: f64, random: &mut SmallRng) -> Option<usize> {
    let mut judge = judge(["errors"]);
    let metric = judge.metric("errors")?;
    (1..)
        .zip(looks(traffic, current, target, random))
        .find(|(_, pair)| judge.look([(metric, *pair)]))
        .map(|(look, _)| look)
}

/// A judge of metrics that are one group.
pub fn judge<const METRICS: usize>(names: [&str; METRICS]) -> Judge {
    let group = Group::new("group", names.map(Metric::new).to_vec());
    match Judge::new(Policy::new(vec![group])) {
        Ok(judge) => judge,
        Err(error) => unreachable!("{error}"),
    }
}
