//! The counts of both versions over time, small enough to be kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The most points of a series that are kept: as many as a terminal is wide, and a canary of two hours has minutes.
pub const MOST_POINTS: usize = 120;

/// Requests of one version, and how many of them were bad.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The requests.
    pub requests: u64,
    /// The bad ones among them.
    pub bad: u64,
}

impl Sample {
    /// The bad ones as a share of the requests; none without requests.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.requests > 0).then(|| self.bad as f64 / self.requests as f64)
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { requests: self.requests.saturating_add(other.requests), bad: self.bad.saturating_add(other.bad) }
    }
}

/// What both versions did from a time on, until the next point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The beginning of the time.
    pub at: Timestamp,
    /// The version that users have had so far.
    pub current: Sample,
    /// The version that is released.
    pub target: Sample,
}

impl Point {
    /// Both points' counts, from this one's time on.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { at: self.at, current: self.current.plus(other.current), target: self.target.plus(other.target) }
    }
}

/// The same series in at most [`MOST_POINTS`] points, by adding up neighbours. All sums stay.
#[must_use]
pub fn thinned(points: &[Point]) -> Vec<Point> {
    let together = points.len().div_ceil(MOST_POINTS).max(1);
    points.chunks(together).filter_map(|points| points.iter().copied().reduce(Point::plus)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(count: i64) -> Vec<Point> {
        let point = |minute| Point {
            at: Timestamp::from_second(60 * minute).unwrap(),
            current: Sample { requests: 10, bad: 1 },
            target: Sample { requests: 2, bad: 0 },
        };
        (0..count).map(point).collect()
    }

    #[test]
    fn a_long_series_is_kept_in_few_points_with_all_its_counts() {
        for count in [0, 1, 119, 120, 121, 2880] {
            let thin = thinned(&points(count));
            assert!(thin.len() <= MOST_POINTS, "{count}");
            let requests: u64 = thin.iter().map(|point| point.current.requests).sum();
            assert_eq!(requests, 10 * u64::try_from(count).unwrap());
        }
    }

    #[test]
    fn a_short_series_stays_as_it_is() {
        assert_eq!(thinned(&points(9)), points(9));
    }
}
