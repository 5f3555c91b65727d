//! The odds ratio of one metric, with an interval that holds at every look.

use serde::Serialize;

use super::counts::Pair;
use super::lattice::{EDGE, EFFECTS, ORIGIN, POINTS, REACH, STEP, Totals, logarithm, weights};
use super::look::{Look, Sums};

/// The odds of a bad request of the target, as a multiple of the current version's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// After Mantel and Haenszel, over the looks; `None` if there is none, or if it is infinite: without bad requests of the current
    /// version.
    pub odds_ratio: Option<f64>,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end, `None` if there is none yet.
    pub high: Option<f64>,
}

/// The running sums of one metric's looks.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    totals: Totals,
    seen: f64,
    /// The two sums of Mantel and Haenszel: pairs of requests that speak for a worse target, and for a better one.
    worse: f64,
    better: f64,
}

impl Interval {
    pub(super) const fn new() -> Self {
        Self { totals: Totals::new(), seen: 0.0, worse: 0.0, better: 0.0 }
    }

    pub(super) fn absorb(&mut self, pair: Pair, look: &Look) {
        let (target, current) = (pair.target, pair.current);
        let all = (target.requests() + current.requests()) as f64;
        self.worse += target.bad() as f64 * (current.requests() - current.bad()) as f64 / all;
        self.better += current.bad() as f64 * (target.requests() - target.bad()) as f64 / all;
        self.seen += look.seen;
        match look.sums() {
            Sums::Few(_, sums) => self.totals.multiply(sums),
            Sums::Many(logarithms) => self.totals.add(logarithms),
        }
    }

    /// The estimate, each end of its interval at `level`.
    pub(super) fn estimate(&self, tolerance: f64, level: f64) -> Estimate {
        let processes = Processes { totals: self.totals.logarithms(), seen: self.seen, weights: weights() };
        let enough = -level.ln();
        let ratio = |place: f64| tolerance * logarithm(place).exp();
        let low = last_true(|place| processes.worse_than(place) >= enough);
        let high = last_true(|place| processes.better_than(mirrored(place)) >= enough).map(mirrored);
        Estimate {
            odds_ratio: (self.better > 0.0).then(|| self.worse / self.better),
            low: low.map_or(0.0, ratio),
            high: high.map(ratio),
        }
    }
}

/// The processes of the evidence, begun at any odds ratio.
struct Processes {
    totals: [f64; POINTS],
    seen: f64,
    weights: [f64; EFFECTS],
}

impl Processes {
    /// The logarithm of the evidence that the odds ratio is above the one at `place`.
    fn worse_than(&self, place: f64) -> f64 {
        self.evidence(place, 1.0)
    }

    /// The logarithm of the evidence that the odds ratio is below the one at `place`.
    fn better_than(&self, place: f64) -> f64 {
        self.evidence(place, -1.0)
    }

    fn evidence(&self, place: f64, side: f64) -> f64 {
        let here = self.total(place);
        let room = EDGE - side * (place - ORIGIN as f64);
        let terms: [f64; EFFECTS] = std::array::from_fn(|effect| {
            let distance = side * room.min((effect + 1) as f64);
            let gain = self.seen * STEP * distance - (self.total(place + distance) - here);
            self.weights[effect].ln() + gain
        });
        let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most + terms.iter().map(|term| (term - most).exp()).sum::<f64>().ln()
    }

    /// The total at a place, by the cubic through the four points about it.
    fn total(&self, place: f64) -> f64 {
        let first = (place.floor() as usize).clamp(1, POINTS - 3) - 1;
        let at = place - (first + 1) as f64;
        let [before, left, right, after] = std::array::from_fn(|point| self.totals[first + point]);
        let (down, up, far) = (at + 1.0, at - 1.0, at - 2.0);
        (3.0 * down * up * far * left - 3.0 * down * at * far * right + down * at * up * after - at * up * far * before)
            / 6.0
    }
}

/// The place as far on the other side of the tolerance.
const fn mirrored(place: f64) -> f64 {
    2.0 * ORIGIN as f64 - place
}

/// The last place within reach at which `holds` holds, which it does up to some place only. `None` if it does nowhere.
fn last_true(holds: impl Fn(f64) -> bool) -> Option<f64> {
    const HALVINGS: u32 = 24;
    let (mut low, mut high) = ((ORIGIN - REACH) as f64, (ORIGIN + REACH) as f64);
    if !holds(low) {
        return None;
    }
    if holds(high) {
        return Some(high);
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}
