//! Reading an alarm's evaluation range and the state that it says.

use std::time::Duration;

use crate::core::Timestamp;

use super::super::store::MetricStore;
use super::definition::MetricWatch;
use super::evaluation::State;
use super::reason::Datapoint;

/// The time after a period for which its data may still be on the way.
pub(super) const LAG: Duration = Duration::from_secs(5);

/// The datapoints of an alarm's evaluation range, the oldest first: of periods that have ended. Periods of a minute
/// or more end with a minute, so that one of five minutes is looked at anew every minute.
pub(super) fn datapoints(store: &MetricStore, watch: &MetricWatch, now: Timestamp) -> Vec<Datapoint> {
    let grain = i64::try_from(watch.period.as_millis().min(60_000)).unwrap_or(60_000);
    let settled = (now - LAG).as_millis();
    let end = Timestamp::from_millis(settled - settled.rem_euclid(grain));
    let returned = watch.queries.returned().map(|query| query.id.clone()).unwrap_or_default();
    (1..=watch.quorum.range())
        .rev()
        .map(|back| {
            let at = end - watch.period * u32::try_from(back).unwrap_or(u32::MAX);
            let points = watch.queries.read(store, at, at + watch.period);
            Datapoint { at, point: points.get(returned.as_str()).copied() }
        })
        .collect()
}

/// The state for the datapoints; none keeps the one that the alarm has.
pub(super) fn state(watch: &MetricWatch, range: &[Datapoint]) -> Option<State> {
    let few = |datapoint: &Datapoint| datapoint.point.is_some_and(|point| point.samples < watch.least_samples);
    if range.iter().rev().take(watch.quorum.periods).any(few) {
        return None;
    }
    let breaching: Vec<Option<bool>> = range
        .iter()
        .map(|datapoint| datapoint.point.map(|point| watch.comparison.breaches(point.value, watch.threshold)))
        .collect();
    watch.quorum.evaluate(&breaching, watch.missing)
}
