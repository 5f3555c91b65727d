//! One look at one metric: the law of the target's bad requests, given how many there were of both versions.
//!
//! Counted from the fewest that the target can have had, because that part is no evidence. The law is that of the boundary of the
//! null, where the target's odds are `tolerance` times the current version's.

use super::counts::Pair;
use super::lattice::{ORIGIN, POINTS, RATIOS, logarithm};

/// The most outcomes of a look (but one) whose law is written down: the lattice's largest ratio to this power is 4e130.
pub(super) const FEW: usize = 48;

/// A look that can tell something. One is read after the other into the same place: copies would be a tenth of the judge's time.
#[derive(Debug)]
pub(super) struct Look {
    /// The target's bad requests above the fewest it can have had.
    pub(super) seen: f64,
    /// The outcomes whose probabilities are written down: none if they are many.
    outcomes: usize,
    probabilities: [f64; FEW + 1],
    sums: [f64; POINTS],
}

/// The sums `Z` at the lattice's points, relative to the one at the tolerance.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sums<'a> {
    /// With the law whose probabilities they are made of: those of 0, 1, 2, … under the boundary of the null.
    Few(&'a [f64], &'a [f64; POINTS]),
    /// Their logarithms.
    Many(&'a [f64; POINTS]),
}

/// The four counts as the law needs them.
#[derive(Clone, Copy, Debug)]
struct Margins {
    /// The requests of the target and the current version, and the bad ones of both.
    target: f64,
    current: f64,
    bad: f64,
    /// The fewest bad requests that the target can have had, and how many more at most.
    fewest: f64,
    range: f64,
    tolerance: f64,
}

impl Look {
    pub(super) const fn new() -> Self {
        Self { seen: 0.0, outcomes: 0, probabilities: [0.0; FEW + 1], sums: [0.0; POINTS] }
    }

    /// False if the totals left no choice: no requests of one version, no bad one, or nothing but bad ones.
    pub(super) fn read(&mut self, pair: Pair, tolerance: f64) -> bool {
        let bad = pair.target.bad() + pair.current.bad();
        let fewest = bad.saturating_sub(pair.current.requests());
        let range = bad.min(pair.target.requests()) - fewest;
        if range == 0 {
            return false;
        }
        let margins = Margins {
            target: pair.target.requests() as f64,
            current: pair.current.requests() as f64,
            bad: bad as f64,
            fewest: fewest as f64,
            range: range as f64,
            tolerance,
        };
        self.seen = (pair.target.bad() - fewest) as f64;
        if range <= FEW as u64 {
            self.outcomes = range as usize + 1;
            margins.law(&mut self.probabilities[..self.outcomes]);
            self.sum_up();
        } else {
            self.outcomes = 0;
            self.sums = margins.logarithms();
        }
        true
    }

    pub(super) fn sums(&self) -> Sums<'_> {
        match self.outcomes {
            0 => Sums::Many(&self.sums),
            outcomes => Sums::Few(&self.probabilities[..outcomes], &self.sums),
        }
    }

    /// By Horner's rule at all points at once.
    fn sum_up(&mut self) {
        // As many points as registers hold go through the law together.
        const TOGETHER: usize = POINTS / 2;
        let law = &self.probabilities[..self.outcomes];
        for (sums, ratios) in self.sums.chunks_exact_mut(TOGETHER).zip(RATIOS.chunks_exact(TOGETHER)) {
            let mut kept = [0.0; TOGETHER];
            for probability in law.iter().rev() {
                for (sum, ratio) in kept.iter_mut().zip(ratios) {
                    *sum = *sum * ratio + probability;
                }
            }
            sums.copy_from_slice(&kept);
        }
    }
}

impl Margins {
    /// The probability of one outcome more, as a multiple of that of `outcome`.
    fn rise(self, outcome: f64) -> f64 {
        let bad = self.fewest + outcome;
        let others = self.bad - bad;
        self.tolerance * (self.target - bad) * others / ((bad + 1.0) * (self.current - others + 1.0))
    }

    /// The likeliest outcome when the odds are `ratio` times those at the boundary: the last one to which there is a rise, by the
    /// root of the quadratic equation that makes it one.
    fn mode(self, ratio: f64) -> f64 {
        let odds = ratio * self.tolerance;
        // odds (target - x + 1)(bad - x + 1) = x (current - bad + x), in the forms that do not cancel.
        let square = odds - 1.0;
        let linear = odds * (self.target + self.bad + 2.0) + self.current - self.bad;
        let constant = odds * (self.target + 1.0) * (self.bad + 1.0);
        let discriminant = (linear * linear - 4.0 * square * constant).max(0.0);
        let root = if linear > 0.0 {
            2.0 * constant / (linear + discriminant.sqrt())
        } else {
            (linear - discriminant.sqrt()) / (2.0 * square)
        };
        (root.floor() - self.fewest).clamp(0.0, self.range)
    }

    /// Writes the law down, from its mode outwards so that nothing overflows.
    fn law(self, law: &mut [f64]) {
        let mode = self.mode(1.0) as usize;
        law[mode] = 1.0;
        for outcome in mode..law.len() - 1 {
            law[outcome + 1] = law[outcome] * self.rise(outcome as f64);
        }
        for outcome in (0..mode).rev() {
            law[outcome] = law[outcome + 1] / self.rise(outcome as f64);
        }
        let scale = law.iter().sum::<f64>().recip();
        law.iter_mut().for_each(|probability| *probability *= scale);
    }

    /// The logarithms of the sums of a law with many outcomes: at each point, what lies about the mode.
    fn logarithms(self) -> [f64; POINTS] {
        let mut logarithms: [f64; POINTS] = std::array::from_fn(|point| {
            let mode = self.mode(RATIOS[point]);
            let height = self.log_density(mode) + mode * logarithm(point as f64);
            height + self.about(mode, RATIOS[point]).ln()
        });
        let boundary = logarithms[ORIGIN];
        logarithms.iter_mut().for_each(|logarithm| *logarithm -= boundary);
        logarithms
    }

    /// The sum of all outcomes as multiples of the mode's, until they no longer count.
    fn about(self, mode: f64, ratio: f64) -> f64 {
        const NOTHING: f64 = 1e-18;
        let (mut sum, mut term, mut outcome) = (1.0, 1.0, mode);
        while outcome < self.range && term > NOTHING {
            term *= self.rise(outcome) * ratio;
            sum += term;
            outcome += 1.0;
        }
        (term, outcome) = (1.0, mode);
        while outcome > 0.0 && term > NOTHING {
            outcome -= 1.0;
            term /= self.rise(outcome) * ratio;
            sum += term;
        }
        sum
    }

    /// The logarithm of the probability of `outcome`, but for a constant.
    fn log_density(self, outcome: f64) -> f64 {
        let bad = self.fewest + outcome;
        let others = self.bad - bad;
        let factorials = [bad, self.target - bad, others, self.current - others];
        bad * self.tolerance.ln() - factorials.iter().map(|count| libm::lgamma(count + 1.0)).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;

    fn pair(target: (u64, u64), current: (u64, u64)) -> Pair {
        Pair { target: Counts::new(target.0, target.1).unwrap(), current: Counts::new(current.0, current.1).unwrap() }
    }

    #[test]
    fn totals_that_leave_no_choice_tell_nothing() {
        for nothing in [
            pair((0, 0), (100, 7)),
            pair((100, 7), (0, 0)),
            pair((10, 0), (90, 0)),
            pair((10, 10), (90, 90)),
            pair((0, 0), (0, 0)),
        ] {
            assert!(!Look::new().read(nothing, 1.0), "{nothing:?}");
        }
    }

    #[test]
    fn the_law_of_a_small_look_is_fishers() {
        // Two bad of ten, four of them the target's: C(4, x) C(6, 2 - x) / C(10, 2), and with twice the odds.
        let expected = |tolerance: f64| {
            let terms = [15.0, 24.0 * tolerance, 6.0 * tolerance * tolerance];
            terms.map(|term| term / terms.iter().sum::<f64>())
        };
        for tolerance in [1.0, 2.0] {
            let mut look = Look::new();
            look.read(pair((4, 1), (6, 1)), tolerance);
            let Sums::Few(law, _) = look.sums() else { panic!("three outcomes are few") };
            for (probability, expected) in law.iter().zip(expected(tolerance)) {
                assert!((probability - expected).abs() < 1e-15, "{probability} {expected}");
            }
        }
    }

    #[test]
    fn many_outcomes_have_the_sums_that_few_have() {
        for (target, current, tolerance) in
            [((40, 11), (400, 35), 1.0), ((45, 20), (50, 30), 1.5), ((1000, 30), (40, 15), 1.0)]
        {
            let pair = pair(target, current);
            let mut look = Look::new();
            look.read(pair, tolerance);
            let Sums::Few(_, sums) = look.sums() else { panic!("few") };
            let bad = target.1 + current.1;
            let fewest = bad.saturating_sub(current.0);
            let margins = Margins {
                target: target.0 as f64,
                current: current.0 as f64,
                bad: bad as f64,
                fewest: fewest as f64,
                range: (bad.min(target.0) - fewest) as f64,
                tolerance,
            };
            for (sum, logarithm) in sums.iter().zip(margins.logarithms()) {
                assert!((sum.ln() - logarithm).abs() < 1e-9, "{} {logarithm}", sum.ln());
            }
        }
    }
}
