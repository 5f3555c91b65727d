//! Raw durations of both versions, compared once: the Mann-Whitney U test, and the shift between them after Hodges and Lehmann.
//!
//! The test answers as `scipy.stats.mannwhitneyu` does by default: two-sided, with a correction for continuity, exact if one sample
//! has eight values at most and no two values are equal. It is no sequential test: one comparison at one time, of rehearsals and logs.

use libm::erfc;

use super::classify::Class;
use super::policy::Direction;

/// The largest sample beside one of at most eight for which the exact distribution is counted out. Beyond it the number of orders no
/// longer fits, and the normal approximation takes its place; scipy has no such limit.
const MOST_EXACT: usize = 200_000;

/// The answer of a Mann-Whitney U test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitney {
    /// The pairs of values in which the target's is larger; equal ones count half.
    pub statistic: f64,
    /// The probability of a statistic as far from its mean if the version makes no difference.
    pub p_value: f64,
}

/// The difference of the target's durations from the current version's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The median of the differences of all pairs.
    pub estimate: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// The settings by which durations are classed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DurationPolicy {
    /// The confidence of the shift's interval.
    pub confidence: f64,
    /// The share of the estimate within which an interval's end is no change.
    pub tolerance: f64,
    /// The change that counts against the target.
    pub direction: Direction,
}

impl Default for DurationPolicy {
    /// As in Kayenta's judge; longer is worse.
    fn default() -> Self {
        Self { confidence: 0.98, tolerance: 0.25, direction: Direction::Increase }
    }
}

/// The class of the target's durations, as Kayenta has it: its whole interval must lie beyond the tolerance.
#[must_use]
pub fn classify(target: &[f64], current: &[f64], policy: DurationPolicy) -> Class {
    let Some(shift) = hodges_lehmann(target, current, policy.confidence) else {
        return if target.is_empty() || current.is_empty() { Class::Nodata } else { Class::Error };
    };
    let bound = policy.tolerance * shift.estimate.abs();
    match policy.direction {
        Direction::Increase | Direction::Either if shift.low > bound => Class::High,
        Direction::Decrease | Direction::Either if shift.high < -bound => Class::Low,
        _ => Class::Pass,
    }
}

/// The Mann-Whitney U test of the target against the current version. `None` if one has no values, or one that is not a number.
#[must_use]
pub fn mann_whitney(target: &[f64], current: &[f64]) -> Option<MannWhitney> {
    let samples = Samples::of(target, current)?;
    let statistic = samples.statistic();
    let larger = statistic.max(samples.pairs() - statistic);
    let p_value = if samples.is_exact() {
        2.0 * samples.null().iter().skip(larger as usize).sum::<f64>()
    } else {
        let deviation = samples.deviation();
        let z = if deviation > 0.0 { (larger - samples.pairs() / 2.0 - 0.5) / deviation } else { f64::NEG_INFINITY };
        erfc(z / std::f64::consts::SQRT_2)
    };
    Some(MannWhitney { statistic, p_value: p_value.min(1.0) })
}

/// The shift of the target's values from the current version's, with an interval that has at least the given confidence (about it,
/// if there are many values). `None` as for [`mann_whitney`].
#[must_use]
pub fn hodges_lehmann(target: &[f64], current: &[f64], confidence: f64) -> Option<Shift> {
    let samples = Samples::of(target, current)?;
    let pairs = target.len() * current.len();
    let outside = samples.outside((1.0 - confidence) / 2.0).min((pairs - 1) / 2);
    Some(Shift {
        estimate: f64::midpoint(samples.difference((pairs - 1) / 2), samples.difference(pairs / 2)),
        low: samples.difference(outside),
        high: samples.difference(pairs - 1 - outside),
    })
}

/// Both samples, in order.
struct Samples {
    target: Vec<f64>,
    current: Vec<f64>,
    /// The sizes of the runs of equal values, above one.
    ties: Vec<f64>,
}

impl Samples {
    fn of(target: &[f64], current: &[f64]) -> Option<Self> {
        let sorted = |values: &[f64]| {
            let mut values = values.to_vec();
            values.sort_by(f64::total_cmp);
            values
        };
        if target.is_empty() || current.is_empty() || target.iter().chain(current).any(|value| !value.is_finite()) {
            return None;
        }
        let (target, current) = (sorted(target), sorted(current));
        let all = sorted(&[target.as_slice(), &current].concat());
        let ties = all.chunk_by(|left, right| left == right).map(<[f64]>::len).filter(|run| *run > 1);
        Some(Self { ties: ties.map(|run| run as f64).collect(), target, current })
    }

    fn pairs(&self) -> f64 {
        self.target.len() as f64 * self.current.len() as f64
    }

    fn statistic(&self) -> f64 {
        let below = |value: f64| self.current.partition_point(|other| *other < value);
        let not_above = |value: f64| self.current.partition_point(|other| *other <= value);
        self.target.iter().map(|value| (below(*value) + not_above(*value)) as f64 / 2.0).sum()
    }

    /// The standard deviation of the statistic if the version makes no difference.
    fn deviation(&self) -> f64 {
        let all = (self.target.len() + self.current.len()) as f64;
        let ties: f64 = self.ties.iter().map(|run| run * run * run - run).sum();
        (self.pairs() / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)))).max(0.0).sqrt()
    }

    fn is_exact(&self) -> bool {
        let (fewer, more) = self.sizes();
        self.ties.is_empty() && fewer <= 8 && more <= MOST_EXACT
    }

    /// The size of the smaller sample and of the larger one.
    fn sizes(&self) -> (usize, usize) {
        (self.target.len().min(self.current.len()), self.target.len().max(self.current.len()))
    }

    /// The probabilities of the statistics 0, 1, 2, … if the version makes no difference.
    ///
    /// The orders of both samples that have a statistic `k` are the coefficient of `q^k` in the Gaussian binomial
    /// `(1 - q^(more+1)) … (1 - q^(more+fewer)) / (1 - q) … (1 - q^fewer)`. Its factors are multiplied and divided in turn, so that
    /// what stands is a Gaussian binomial again, whose coefficients fit; between the two they may wrap and unwrap.
    fn null(&self) -> Vec<f64> {
        let (fewer, more) = self.sizes();
        let mut orders = vec![0_u128; fewer * more + 1];
        orders[0] = 1;
        for factor in 1..=fewer {
            for power in (more + factor..orders.len()).rev() {
                orders[power] = orders[power].wrapping_sub(orders[power - more - factor]);
            }
            for power in factor..orders.len() {
                orders[power] = orders[power].wrapping_add(orders[power - factor]);
            }
        }
        let whole = orders.iter().sum::<u128>() as f64;
        orders.into_iter().map(|orders| orders as f64 / whole).collect()
    }

    /// The differences that are left out at either end of an interval, with `tail` of probability beyond it at most.
    fn outside(&self, tail: f64) -> usize {
        if self.is_exact() {
            let cumulated = self.null().into_iter().scan(0.0, |sum, chance| {
                *sum += chance;
                Some(*sum)
            });
            return cumulated.take_while(|sum| *sum <= tail).count().saturating_sub(1);
        }
        let distance = normal_quantile(tail) * self.deviation();
        // Counted from one, as in Hollander and Wolfe; `as` saturates at 0 below it.
        ((self.pairs() / 2.0 - distance).floor() as usize).saturating_sub(1)
    }

    /// The difference that `rank` others lie below, found by halving between floats: all pairs would be too many to write down.
    fn difference(&self, rank: usize) -> f64 {
        let (mut low, mut high) = (
            ordered(self.target[0] - self.current[self.current.len() - 1]),
            ordered(self.target[self.target.len() - 1] - self.current[0]),
        );
        while low < high {
            // Towards the lower one, which a midpoint of negative numbers is not.
            let middle = (low & high) + ((low ^ high) >> 1);
            if self.count_to(unordered(middle)) > rank {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        unordered(low)
    }

    /// The pairs whose difference is `bound` at most.
    fn count_to(&self, bound: f64) -> usize {
        // The larger the current version's value, the smaller the difference: the first that is small enough moves up with the
        // target's.
        let (mut first, mut count) = (0, 0);
        for target in &self.target {
            while first < self.current.len() && target - self.current[first] > bound {
                first += 1;
            }
            count += self.current.len() - first;
        }
        count
    }
}

/// The float's place among all floats.
const fn ordered(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    if bits < 0 { i64::MIN - bits } else { bits }
}

const fn unordered(place: i64) -> f64 {
    f64::from_bits(if place < 0 { i64::MIN - place } else { place } as u64)
}

/// The distance from the mean, in standard deviations, beyond which `tail` of the normal distribution lies, by halving.
fn normal_quantile(tail: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if erfc(middle / std::f64::consts::SQRT_2) / 2.0 > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}
