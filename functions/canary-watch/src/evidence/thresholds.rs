//! From which duration on a request is slow: a fixed threshold, or what the current version itself did before the shift. Pure.
//!
//! A threshold of a quantile is the median of the minutes' quantiles, weighted by their requests, and a little more: who is slower by
//! less than that is not slower to anybody.

use slipway_shared::manifest::Durations;
use slipway_shared::metrics::{MetricQuery, Values};

use super::measure::{Origin, Source, Versions};

/// The fewest durations that set a threshold.
const FEWEST: f64 = 100.0;
/// The fewest durations of a whole function in a minute that had some, on average: with fewer, a part of them is too few to compare. One
/// route of a busy function may have fewer.
const FEWEST_IN_A_MINUTE: f64 = 30.0;
/// The part of itself by which a quantile is raised, and the milliseconds beside that.
const MARGIN: (f64, f64) = (0.1, 5.0);

/// Thresholds in milliseconds, in ascending order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Thresholds(Vec<u32>);

/// The queries from whose values the thresholds follow: the number of durations, and each quantile.
pub(super) fn queries(versions: &Versions<'_>, durations: &Durations) -> Vec<MetricQuery> {
    if durations.quantiles().is_empty() {
        return Vec::new();
    }
    let source = Source::of_durations(durations);
    let percentiles = durations.quantiles().iter().map(|quantile| format!("p{}", percent(*quantile)));
    ["SampleCount".to_owned()]
        .into_iter()
        .chain(percentiles)
        .map(|statistic| {
            let mut query = source.query(versions, Origin::Users, versions.current, statistic);
            if durations.own.is_none() {
                // The alias had one version then, and Lambda need not tell versions apart.
                query.dimensions.retain(|(name, _)| name != "ExecutedVersion");
            }
            query
        })
        .collect()
}

/// A quantile in per cent, without the noise of binary fractions.
fn percent(quantile: f64) -> f64 {
    (quantile * 1e8).round() / 1e6
}

impl Thresholds {
    /// The fixed thresholds, and those that these values of [`queries`] set; none of the latter if there are too few durations.
    pub(super) fn of(durations: &Durations, values: &[Values]) -> Self {
        let unit = durations.own.as_ref().map(|own| own.unit).unwrap_or_default().in_a_millisecond();
        let fewest_in_a_minute = if durations.own.is_none() { FEWEST_IN_A_MINUTE } else { 0.0 };
        let quantiles = quantiles(values, fewest_in_a_minute).into_iter().map(|value| raised(value / unit));
        let fixed = durations.thresholds.iter().map(|fixed| milliseconds(fixed.duration().as_secs_f64() * 1000.0));
        let mut thresholds: Vec<u32> = quantiles.chain(fixed).collect();
        thresholds.sort_unstable();
        thresholds.dedup();
        Self(thresholds)
    }

    /// The thresholds, in milliseconds.
    pub(super) fn milliseconds(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }
}

/// The quantiles that these values have, in the metric's own unit.
fn quantiles(values: &[Values], fewest_in_a_minute: f64) -> Vec<f64> {
    let [Some(samples), quantiles @ ..] = values else { return Vec::new() };
    let durations: f64 = samples.values().sum();
    if durations < FEWEST || durations < fewest_in_a_minute * samples.len() as f64 {
        return Vec::new();
    }
    let typical = quantiles.iter().flatten().filter_map(|quantiles| {
        let minutes = quantiles.iter().filter_map(|(at, value)| Some((*value, *samples.get(at)?)));
        median(minutes.collect())
    });
    typical.collect()
}

/// The weighted median of `(value, weight)`.
fn median(mut values: Vec<(f64, f64)>) -> Option<f64> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut seen = 0.0;
    let reached = values.iter().find(|(_, weight)| {
        seen += weight;
        seen >= half
    });
    reached.map(|(value, _)| *value)
}

fn raised(quantile: f64) -> u32 {
    let (part, margin) = MARGIN;
    milliseconds(quantile * (1.0 + part) + margin)
}

/// Whole milliseconds: CloudWatch takes a bound as a decimal number, and so does a reader.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a duration is positive and at most an hour"
)]
fn milliseconds(value: f64) -> u32 {
    value.clamp(1.0, 3_600_000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use slipway_shared::manifest::{Dimensions, DurationUnit, OwnDurations};
    use slipway_shared::suite::TimeLimit;

    use super::*;

    fn values(of: &[f64]) -> Values {
        let minute = |(minute, value): (i64, &f64)| (Timestamp::from_second(60 * minute).unwrap(), *value);
        Some((0..).zip(of).map(minute).collect::<BTreeMap<_, _>>())
    }

    fn set(values: &[Values]) -> Vec<u32> {
        Thresholds::of(&Durations::default(), values).0
    }

    #[test]
    fn a_threshold_is_a_little_more_than_what_was_usual() {
        let minutes = [values(&[50.0, 50.0, 50.0]), values(&[100.0, 120.0, 900.0]), values(&[200.0, 300.0, 400.0])];
        assert_eq!(set(&minutes), [137, 335]);
    }

    #[test]
    fn a_minute_counts_by_its_requests() {
        let minutes = [values(&[1.0, 1.0, 500.0]), values(&[10.0, 20.0, 900.0])];
        assert_eq!(set(&minutes), [995]);
    }

    #[test]
    fn few_durations_set_no_threshold() {
        assert!(set(&[values(&[99.0]), values(&[10.0]), values(&[20.0])]).is_empty());
        assert!(set(&[None, values(&[10.0]), values(&[20.0])]).is_empty());
        assert!(set(&[values(&[]), values(&[]), values(&[])]).is_empty());
        assert!(set(&[values(&[29.0; 10]), values(&[10.0; 10]), values(&[20.0; 10])]).is_empty());
    }

    #[test]
    fn quantiles_that_are_one_make_one_threshold() {
        assert_eq!(set(&[values(&[200.0]), values(&[1.0]), values(&[1.0])]), [6]);
    }

    fn own(unit: DurationUnit) -> Durations {
        let own = OwnDurations {
            namespace: "n".into(),
            metric: "Latency".into(),
            dimensions: Dimensions::new(),
            version_dimension: "Version".into(),
            unit,
        };
        Durations { own: Some(own), thresholds: TimeLimit::from_text("1s").into_iter().collect(), quantiles: vec![0.5] }
    }

    #[test]
    fn a_route_has_thresholds_in_milliseconds_whatever_its_unit_and_however_rare_it_is() {
        let minutes = |usual| [values(&[10.0; 10]), values(&[usual; 10])];
        assert_eq!(Thresholds::of(&own(DurationUnit::Milliseconds), &minutes(100.0)).0, [115, 1000]);
        assert_eq!(Thresholds::of(&own(DurationUnit::Seconds), &minutes(0.1)).0, [115, 1000]);
        assert_eq!(Thresholds::of(&own(DurationUnit::Microseconds), &minutes(100_000.0)).0, [115, 1000]);
    }

    #[test]
    fn a_fixed_threshold_needs_no_history() {
        assert_eq!(Thresholds::of(&own(DurationUnit::Milliseconds), &[]).0, [1000]);
    }

    #[test]
    fn a_quantile_is_asked_for_as_cloudwatch_writes_it() {
        let versions =
            Versions { function: "api", alias: "live", stage: "dev", current: "1", target: "2", are_at_once: true };
        let durations = Durations { quantiles: vec![0.9, 0.999, 0.29], ..Durations::default() };
        let asked = queries(&versions, &durations);
        let statistics: Vec<&str> = asked.iter().map(|query| query.statistic.as_str()).collect();
        assert_eq!(statistics, ["SampleCount", "p90", "p99.9", "p29"]);
        assert_eq!(asked[0].dimensions.len(), 2);
        let own = queries(&versions, &own(DurationUnit::Milliseconds));
        assert_eq!(own[0].dimensions, [("Version".to_owned(), "1".to_owned())]);
    }
}
