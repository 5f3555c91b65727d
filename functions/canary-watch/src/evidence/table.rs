//! Counts by query and minute, as CloudWatch answered them. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use slipway_shared::ledger::{Point, Sample};
use slipway_shared::metrics::{MetricQuery, Stretch, Values};

use super::measure::{Count, INVOCATIONS, Kind, Origin, Versions};
use crate::timing::Minutes;

/// The fewest invocations of either version in a minute whose durations are compared. With fewer than one in ten seconds, an
/// environment's connections are closed and its caches cold for most of them, and the smaller share has always fewer.
const FEWEST_WARM: u64 = 6;

/// The answers of CloudWatch.
#[derive(Debug)]
pub(super) struct Table<'a> {
    versions: Versions<'a>,
    values: BTreeMap<MetricQuery, Values>,
    minutes: Minutes,
}

/// The counts of one version that make a measure.
struct Columns<'a> {
    requests: Vec<&'a BTreeMap<Timestamp, f64>>,
    counted: &'a BTreeMap<Timestamp, f64>,
    counts_the_good: bool,
}

impl<'a> Table<'a> {
    /// The values of the queries, in their order.
    pub(super) fn new(
        versions: Versions<'a>,
        queries: Vec<MetricQuery>,
        values: Vec<Values>,
        minutes: Minutes,
    ) -> Self {
        Self { versions, values: queries.into_iter().zip(values).collect(), minutes }
    }

    /// True if both versions had traffic at once.
    pub(super) const fn are_at_once(&self) -> bool {
        self.versions.are_at_once
    }

    /// Both versions' samples of a measure, minute by minute. `None` if something of it could not be read. A minute without data has no
    /// requests.
    pub(super) fn series(&self, kind: Kind<'_>, origin: Origin) -> Option<Vec<Point>> {
        let current = self.columns(kind, origin, self.versions.current)?;
        let target = self.columns(kind, origin, self.versions.target)?;
        let point = |at| Some(Point { at, current: current.sample(self.before(at)?), target: target.sample(at) });
        let points = self.minutes().filter_map(point).collect();
        if kind.is_slowness() { self.warm(points, kind) } else { Some(points) }
    }

    /// Both versions' invocations, minute by minute.
    pub(super) fn invocations(&self, origin: Origin) -> Option<Vec<Point>> {
        let current = self.column(INVOCATIONS, origin, self.versions.current)?;
        let target = self.column(INVOCATIONS, origin, self.versions.target)?;
        let sample = |column, at| Sample { requests: count(column, at), bad: 0 };
        let point = |at| Some(Point { at, current: sample(current, self.before(at)?), target: sample(target, at) });
        Some(self.minutes().filter_map(point).collect())
    }

    /// The minutes in which durations can be compared: not the first, in which the target's environments start, and none in which one of
    /// the versions has too little to do. Where probes' durations are among the users', minutes with probes are not.
    fn warm(&self, points: Vec<Point>, kind: Kind<'_>) -> Option<Vec<Point>> {
        let users = self.invocations(Origin::Users)?;
        let probes = if kind.tells_origins() { None } else { Some(self.invocations(Origin::Probes)?) };
        let is_warm = |minute: usize| {
            let is_busy = |point: &Point| point.current.requests.min(point.target.requests) >= FEWEST_WARM;
            let is_quiet = |point: &Point| point.current.requests + point.target.requests == 0;
            let is_users = probes.as_ref().is_none_or(|probes| probes.get(minute).is_some_and(is_quiet));
            minute > 0 && users.get(minute).is_some_and(is_busy) && is_users
        };
        Some(points.into_iter().enumerate().filter(|(minute, _)| is_warm(*minute)).map(|(_, point)| point).collect())
    }

    fn minutes(&self) -> impl Iterator<Item = Timestamp> {
        let Stretch { from, to, period } = self.minutes.target;
        std::iter::successors(Some(from), move |at| at.checked_add(period).ok()).take_while(move |at| *at < to)
    }

    /// The current version's minute that is compared with a minute of the target's.
    fn before(&self, at: Timestamp) -> Option<Timestamp> {
        at.checked_sub(self.minutes.back).ok()
    }

    fn columns(&self, kind: Kind<'_>, origin: Origin, version: &str) -> Option<Columns<'_>> {
        let column = |count| self.column(count, origin, version);
        Some(Columns {
            requests: kind.requests().into_iter().map(column).collect::<Option<_>>()?,
            counted: column(kind.counted())?,
            counts_the_good: kind.is_slowness(),
        })
    }

    fn column(&self, count: Count<'_>, origin: Origin, version: &str) -> Option<&BTreeMap<Timestamp, f64>> {
        self.values.get(&count.query(&self.versions, origin, version))?.as_ref()
    }
}

impl Columns<'_> {
    fn sample(&self, at: Timestamp) -> Sample {
        let requests = self.requests.iter().map(|column| count(column, at)).sum::<u64>();
        let counted = count(self.counted, at);
        // Data that came in between two answers of CloudWatch are nobody's fault.
        let bad = if self.counts_the_good { requests.saturating_sub(counted) } else { counted.min(requests) };
        Sample { requests, bad }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count is a whole number and not negative"
)]
fn count(column: &BTreeMap<Timestamp, f64>, at: Timestamp) -> u64 {
    column.get(&at).map_or(0, |value| value.round().max(0.0) as u64)
}
