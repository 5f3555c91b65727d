//! Deployments whose target may be slower: counts of durations above what the current version's earlier requests set.

use rand::Rng;
use rand::rngs::SmallRng;
use slipway_shared::judge::Pair;

use super::scenario::{LOOKS, counts, judge};

const NAMES: [&str; 4] = ["slower-than-p50", "slower-than-p90", "slower-than-p95", "slower-than-p99"];
const QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];
/// The requests of the current version that set the thresholds.
const EARLIER: usize = 2000;
const TO_TARGET: u32 = 300 / LOOKS as u32;
/// The deviation of the logarithms of durations: the p95 is 2.3 times the median.
const DEVIATION: f64 = 0.5;
/// The quantile 0.95 of the normal distribution.
const P95: f64 = 1.6449;

/// The difference between the target's durations and the current version's.
#[derive(Clone, Copy)]
pub enum Change {
    /// Not at all.
    None,
    /// Each takes twice as long.
    Doubled,
    /// The p95 is doubled, and the median is what it was.
    DoubledTail,
}

impl Change {
    fn target(self, random: &mut SmallRng) -> f64 {
        let normal = normal(random);
        match self {
            Self::None => (DEVIATION * normal).exp(),
            Self::Doubled => 2.0 * (DEVIATION * normal).exp(),
            Self::DoubledTail => ((DEVIATION + 2.0_f64.ln() / P95) * normal).exp(),
        }
    }
}

/// True if the deployment is stopped within 300 requests of the target.
pub fn is_stopped(change: Change, random: &mut SmallRng) -> bool {
    let mut earlier: Vec<_> = (0..EARLIER).map(|_| Change::None.target(random)).collect();
    earlier.sort_by(f64::total_cmp);
    let thresholds = QUANTILES.map(|quantile| earlier[(quantile * EARLIER as f64) as usize]);
    let mut judge = judge(NAMES);
    let metrics = NAMES.map(|name| judge.metric(name));
    (0..LOOKS).any(|_| {
        let mut count = |change: Change, requests: u32| {
            let mut slower = [0; QUANTILES.len()];
            for _ in 0..requests {
                let duration = change.target(random);
                for (slower, threshold) in slower.iter_mut().zip(thresholds) {
                    *slower += u32::from(duration > threshold);
                }
            }
            slower.map(|slower| counts(requests, slower))
        };
        let (target, current) = (count(change, TO_TARGET), count(Change::None, 9 * TO_TARGET));
        let pairs = target.into_iter().zip(current).map(|(target, current)| Pair { target, current });
        judge.look(metrics.into_iter().flatten().zip(pairs))
    })
}

/// After Box and Muller.
fn normal(random: &mut SmallRng) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
