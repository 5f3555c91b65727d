//! The odds ratios that are compared: powers of the square root of two, around the tolerance.
//!
//! A look is condensed to the logarithms of its sums `Z` at these points. Their running totals are all that the mixture over effects
//! and the intervals need, so that a look is forgotten once it has been seen.

use std::f64::consts::{LN_2, SQRT_2};

/// The mixture's effects: 2^(1/2) to 2^6.
pub(super) const EFFECTS: usize = 12;
/// The points on either side of the tolerance at which an interval may end: 1/32 to 32 times the tolerance.
pub(super) const REACH: usize = 10;
/// The points beyond the reach, at which effects from there lie. Those that would lie farther end there.
const BEYOND: usize = 6;
/// The place of the tolerance itself. Cubics need one point more on either side.
pub(super) const ORIGIN: usize = REACH + BEYOND + 1;
/// The distance of the last points from the tolerance at which a cubic has points on either side.
pub(super) const EDGE: f64 = (REACH + BEYOND) as f64;
/// All points: one more on the right makes them even, so that they go through registers in halves.
pub(super) const POINTS: usize = 2 * ORIGIN + 2;

const _: () = assert!(EFFECTS < ORIGIN, "the effects are among the points");
/// The logarithm of the ratio of neighbours.
pub(super) const STEP: f64 = LN_2 / 2.0;

/// The ratios to the tolerance.
pub(super) const RATIOS: [f64; POINTS] = ratios();

/// The prior weight of each effect, of 21 parts. Most lies where regressions lie that a few hundred requests can show (2.8 to 5.7
/// times the odds); the last ones make three bad requests of three enough where the current version has none. Tuned for
/// `docs/verdicts.md`; any weights are valid.
const PARTS: [f64; EFFECTS] = [0.5, 2.0, 4.0, 4.0, 3.0, 1.0, 0.5, 0.5, 0.5, 1.0, 2.0, 2.0];

/// The weights, which sum to one.
pub(super) fn weights() -> [f64; EFFECTS] {
    let whole: f64 = PARTS.iter().sum();
    PARTS.map(|part| part / whole)
}

/// The logarithm of the ratio at a place, which may lie between points.
pub(super) fn logarithm(place: f64) -> f64 {
    (place - ORIGIN as f64) * STEP
}

/// The ratios of all points. Even powers are exact, so that the others are as near as they can be.
const fn ratios() -> [f64; POINTS] {
    let mut ratios = [1.0; POINTS];
    ratios[ORIGIN + 1] = SQRT_2;
    ratios[ORIGIN - 1] = SQRT_2 / 2.0;
    let mut distance = 2;
    while distance <= ORIGIN {
        ratios[ORIGIN + distance] = ratios[ORIGIN + distance - 2] * 2.0;
        ratios[ORIGIN - distance] = ratios[ORIGIN + 2 - distance] / 2.0;
        distance += 1;
    }
    ratios[POINTS - 1] = ratios[POINTS - 3] * 2.0;
    ratios
}

/// The running totals of the logarithms of the looks' sums.
#[derive(Clone, Debug)]
pub(super) struct Totals {
    logarithms: [f64; POINTS],
    /// A product whose logarithm is still to be taken: logarithms are most of a small look's cost.
    pending: [f64; POINTS],
}

/// A pending product beyond this, or below its inverse, is turned into logarithms: there is no more room in a float.
const FULL: f64 = 1e300;

impl Totals {
    pub(super) const fn new() -> Self {
        Self { logarithms: [0.0; POINTS], pending: [1.0; POINTS] }
    }

    /// Multiplies by the sums of a small look, which are at most 4e130 and at least its inverse.
    pub(super) fn multiply(&mut self, sums: &[f64; POINTS]) {
        // They rise from the first point to the last.
        if self.pending[POINTS - 1] * sums[POINTS - 1] > FULL || self.pending[0] * sums[0] < 1.0 / FULL {
            self.logarithms = self.logarithms();
            self.pending = *sums;
            return;
        }
        for (pending, sum) in self.pending.iter_mut().zip(sums) {
            *pending *= sum;
        }
    }

    /// Adds the logarithms of the sums of a large look.
    pub(super) fn add(&mut self, logarithms: &[f64; POINTS]) {
        for (total, logarithm) in self.logarithms.iter_mut().zip(logarithms) {
            *total += logarithm;
        }
    }

    /// The totals at the points.
    pub(super) fn logarithms(&self) -> [f64; POINTS] {
        std::array::from_fn(|point| self.logarithms[point] + self.pending[point].ln())
    }
}
