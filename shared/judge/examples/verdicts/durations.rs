//! Deployments whose target may be slower: counts of durations above thresholds of the current version.

use rand::RngExt;
use rand::rngs::SmallRng;
use slipway_judge::Pair;

use super::scenario::{LOOKS, counts, judge};

/// The requests of the current version before the deployment, which set the thresholds.
const EARLIER: usize = 2000;
const TO_TARGET: usize = 300 / LOOKS;
const TO_CURRENT: usize = 9 * TO_TARGET;
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

/// The requests of the current version that set the thresholds.
#[derive(Clone, Copy)]
pub enum Thresholds {
    /// Those before the deployment.
    Earlier,
    /// Those of the look that is judged by them, which is wrong.
    SameLook,
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

    fn sorted(self, requests: usize, random: &mut SmallRng) -> Vec<f64> {
        let mut durations: Vec<_> = (0..requests).map(|_| self.target(random)).collect();
        durations.sort_by(f64::total_cmp);
        durations
    }
}

/// True if the deployment is stopped within 300 requests of the target, judged by a metric for each quantile.
pub fn is_stopped<const QUANTILES: usize>(
    change: Change,
    thresholds: Thresholds,
    quantiles: [f64; QUANTILES],
    random: &mut SmallRng,
) -> bool {
    let of = |durations: &[f64]| quantiles.map(|quantile| durations[(quantile * durations.len() as f64) as usize]);
    let earlier = of(&Change::None.sorted(EARLIER, random));
    let names = quantiles.map(|quantile| format!("slower than p{}", 100.0 * quantile));
    let mut judge = judge(names.each_ref().map(String::as_str));
    let metrics = names.map(|name| judge.metric(&name));
    (0..LOOKS).any(|_| {
        let (target, current) = (change.sorted(TO_TARGET, random), Change::None.sorted(TO_CURRENT, random));
        let limits = match thresholds {
            Thresholds::Earlier => earlier,
            Thresholds::SameLook => of(&current),
        };
        let count = |durations: &[f64], limit: f64| {
            let slower = durations.iter().filter(|duration| **duration > limit).count();
            counts(durations.len() as u32, slower as u32)
        };
        let pairs = limits.map(|limit| Pair { target: count(&target, limit), current: count(&current, limit) });
        judge.look(metrics.into_iter().flatten().zip(pairs))
    })
}

/// After Box and Muller.
fn normal(random: &mut SmallRng) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
