//! Counts by query and minute, as CloudWatch answered them. Pure.

use jiff::Timestamp;
use slipway_shared::ledger::{Point, Sample};
use slipway_shared::metrics::{MetricQuery, Stretch, Values};

use super::measure::{Count, Kind, Origin, Versions, query};

/// The fewest requests of either version in a minute whose durations are compared. With fewer than one in ten seconds, an environment's
/// connections are closed and its caches cold for most of them, and the smaller share has always fewer.
const FEWEST_WARM: u64 = 6;

/// The answers of CloudWatch.
#[derive(Debug)]
pub(super) struct Table {
    queries: Vec<MetricQuery>,
    values: Vec<Values>,
    stretch: Stretch,
}

impl Table {
    /// The values of the queries, in their order.
    pub(super) const fn new(queries: Vec<MetricQuery>, values: Vec<Values>, stretch: Stretch) -> Self {
        Self { queries, values, stretch }
    }

    /// Both versions' samples of a measure, minute by minute. `None` if something of it could not be read. A minute without data has no
    /// requests.
    pub(super) fn series(&self, kind: Kind, origin: Origin, versions: &Versions<'_>) -> Option<Vec<Point>> {
        let mut points = Vec::new();
        let mut at = self.stretch.from;
        while at < self.stretch.to {
            let current = self.sample(kind, origin, versions, versions.current, at)?;
            let target = self.sample(kind, origin, versions, versions.target, at)?;
            points.push(Point { at, current, target });
            at = at.checked_add(self.stretch.period).ok()?;
        }
        if kind.is_slowness() { Some(warm(points)) } else { Some(points) }
    }

    fn sample(
        &self,
        kind: Kind,
        origin: Origin,
        versions: &Versions<'_>,
        version: &str,
        at: Timestamp,
    ) -> Option<Sample> {
        let count = |count: Count| self.count(&query(versions, origin, version, count), at);
        let mut requests = 0;
        for each in kind.requests() {
            requests += count(*each)?;
        }
        let counted = count(kind.counted())?;
        // Data that came in between two answers of CloudWatch are nobody's fault.
        let bad = if kind.is_slowness() { requests.saturating_sub(counted) } else { counted.min(requests) };
        Some(Sample { requests, bad })
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count is a whole number and not negative"
    )]
    fn count(&self, query: &MetricQuery, at: Timestamp) -> Option<u64> {
        let place = self.queries.iter().position(|known| known == query)?;
        let values = self.values.get(place)?.as_ref()?;
        Some(values.get(&at).map_or(0, |value| value.round().max(0.0) as u64))
    }
}

/// The minutes in which durations can be compared: not the first, in which the target's environments start, and none in which one of
/// the versions has too few requests.
fn warm(points: Vec<Point>) -> Vec<Point> {
    let is_warm = |point: &Point| point.current.requests.min(point.target.requests) >= FEWEST_WARM;
    points.into_iter().skip(1).filter(is_warm).collect()
}
