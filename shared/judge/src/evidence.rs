//! The evidence of one metric that the target is worse: a process that is at least `1 / level` with probability `level` at most.

use super::lattice::{EFFECTS, ORIGIN, POINTS, RATIOS, STEP, weights};
use super::look::{FEW, Look, Sums};

/// Wealth that is as good as any more.
const MOST: f64 = 1e300;

/// The wealth of a bettor who spreads one unit over the effects, and wins and loses with each look.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    wealth: [f64; EFFECTS],
    /// The evidence with which the metric stops the release by itself. Nothing above it is worth betting for.
    enough: f64,
    /// The most that it ever was.
    most: f64,
}

impl Evidence {
    pub(super) fn new(enough: f64) -> Self {
        Self { wealth: weights(), enough, most: 1.0 }
    }

    /// The evidence now: one at the beginning.
    pub(super) fn value(&self) -> f64 {
        self.wealth.iter().sum()
    }

    /// The most that it ever was.
    pub(super) const fn most(&self) -> f64 {
        self.most
    }

    /// The evidence as far as it counts.
    pub(super) fn counted(&self) -> f64 {
        self.value().min(self.enough)
    }

    pub(super) fn absorb(&mut self, look: &Look) {
        let before = self.value();
        match look.sums() {
            Sums::Few(law, sums) => {
                self.divide(sums);
                let raise = if before < self.enough { self.raise(before, law) } else { 1.0 };
                // An effect's ratio is a power of the first one's, and so is what it wins: 2^288 at most.
                let won = RATIOS[ORIGIN + 1].powi(look.seen as i32);
                let mut factor = raise;
                for wealth in &mut self.wealth {
                    factor *= won;
                    *wealth = (*wealth * factor).min(MOST);
                }
            }
            Sums::Many(logarithms) => {
                for (effect, wealth) in self.wealth.iter_mut().enumerate() {
                    let gain = look.seen * STEP * (effect + 1) as f64 - logarithms[ORIGIN + 1 + effect];
                    *wealth = (*wealth * gain.exp()).min(MOST);
                }
            }
        }
        self.most = self.most.max(self.value());
    }

    /// Divides the wealth by the look's sums: that is the wealth if no bad request is the target's.
    fn divide(&mut self, sums: &[f64; POINTS]) {
        for (wealth, sum) in self.wealth.iter_mut().zip(&sums[ORIGIN + 1..]) {
            *wealth /= sum;
        }
    }

    /// The factor by which all outcomes of a look are raised for what is cut off the best ones. Its law says what the cut is worth.
    ///
    /// With the outcomes from `cut` on worth `enough` and the others `raise` times what they were, the expectation is what it was
    /// `before`. Raised outcomes may reach `enough` themselves: then they are cut, too.
    fn raise(&self, before: f64, law: &[f64]) -> f64 {
        let mut prospects = [0.0; FEW + 1];
        let mut wealth = self.wealth;
        let (mut cut, mut chance, mut worth) = (0, 0.0, 0.0);
        for (probability, prospect) in law.iter().zip(&mut prospects) {
            *prospect = wealth.iter().sum();
            if *prospect >= self.enough {
                break;
            }
            cut += 1;
            chance += probability;
            worth += probability * *prospect;
            for (wealth, ratio) in wealth.iter_mut().zip(&RATIOS[ORIGIN + 1..]) {
                *wealth *= ratio;
            }
        }
        if cut == law.len() {
            return 1.0;
        }
        loop {
            let raise = (before - self.enough * (1.0 - chance)) / worth;
            if !(raise.is_finite() && raise > 1.0) {
                return 1.0;
            }
            if cut == 0 || raise * prospects[cut - 1] < self.enough {
                return raise;
            }
            cut -= 1;
            chance -= law[cut];
            worth -= law[cut] * prospects[cut];
        }
    }
}
