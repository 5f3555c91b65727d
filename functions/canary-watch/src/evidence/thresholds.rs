//! From which duration on a request is slow: what the current version itself did before the shift says so. Pure.
//!
//! A threshold is the median of the minutes' percentiles, weighted by their requests, and a little more: who is slower by less than
//! that is not slower to anybody.

use slipway_shared::metrics::{MetricQuery, Values};

use super::measure::Versions;

/// The percentiles that set a threshold.
const PERCENTILES: [&str; 2] = ["p90", "p99"];
/// The fewest durations that set one.
const FEWEST: f64 = 100.0;
/// The fewest durations in a minute that had some, on average: with fewer, a part of them is too few to compare.
const FEWEST_IN_A_MINUTE: f64 = 30.0;
/// The part of itself by which a percentile is raised, and the milliseconds beside that.
const MARGIN: (f64, f64) = (0.1, 5.0);

/// Thresholds in milliseconds, in ascending order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Thresholds(Vec<u32>);

/// The queries from whose values the thresholds follow. The alias had one version then, and Lambda need not tell versions apart.
pub(super) fn queries(versions: &Versions<'_>) -> Vec<MetricQuery> {
    let query = |statistic: &str| MetricQuery {
        namespace: "AWS/Lambda".to_owned(),
        name: "Duration".to_owned(),
        dimensions: vec![
            ("FunctionName".to_owned(), versions.function.to_owned()),
            ("Resource".to_owned(), versions.resource()),
        ],
        statistic: statistic.to_owned(),
    };
    ["SampleCount"].into_iter().chain(PERCENTILES).map(query).collect()
}

impl Thresholds {
    /// The thresholds that these values of [`queries`] set; none if there are too few durations.
    pub(super) fn of(values: &[Values]) -> Self {
        let [Some(samples), percentiles @ ..] = values else { return Self::default() };
        let durations: f64 = samples.values().sum();
        if durations < FEWEST || durations < FEWEST_IN_A_MINUTE * samples.len() as f64 {
            return Self::default();
        }
        let mut thresholds: Vec<u32> = percentiles
            .iter()
            .flatten()
            .filter_map(|percentiles| {
                let minutes = percentiles.iter().filter_map(|(at, value)| Some((*value, *samples.get(at)?)));
                median(minutes.collect())
            })
            .map(raised)
            .collect();
        thresholds.sort_unstable();
        thresholds.dedup();
        Self(thresholds)
    }

    /// The thresholds, in milliseconds.
    pub(super) fn milliseconds(&self) -> impl Iterator<Item = f64> + '_ {
        self.0.iter().copied().map(f64::from)
    }

    /// True if nobody can be called slow.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
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

/// Whole milliseconds: CloudWatch takes a bound as a decimal number, and so does a reader.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a duration is positive and below 15 minutes"
)]
fn raised(percentile: f64) -> u32 {
    let (part, milliseconds) = MARGIN;
    (percentile.clamp(0.0, 900_000.0) * (1.0 + part) + milliseconds).round() as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;

    fn values(of: &[f64]) -> Values {
        let minute = |(minute, value): (i64, &f64)| (Timestamp::from_second(60 * minute).unwrap(), *value);
        Some((0..).zip(of).map(minute).collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn a_threshold_is_a_little_more_than_what_was_usual() {
        let minutes = [values(&[50.0, 50.0, 50.0]), values(&[100.0, 120.0, 900.0]), values(&[200.0, 300.0, 400.0])];
        assert_eq!(Thresholds::of(&minutes), Thresholds(vec![137, 335]));
    }

    #[test]
    fn a_minute_counts_by_its_requests() {
        let minutes = [values(&[1.0, 1.0, 500.0]), values(&[10.0, 20.0, 900.0])];
        assert_eq!(Thresholds::of(&minutes), Thresholds(vec![995]));
    }

    #[test]
    fn few_durations_set_no_threshold() {
        assert!(Thresholds::of(&[values(&[99.0]), values(&[10.0]), values(&[20.0])]).is_empty());
        assert!(Thresholds::of(&[None, values(&[10.0]), values(&[20.0])]).is_empty());
        assert!(Thresholds::of(&[values(&[]), values(&[]), values(&[])]).is_empty());
        assert!(Thresholds::of(&[values(&[29.0; 10]), values(&[10.0; 10]), values(&[20.0; 10])]).is_empty());
    }

    #[test]
    fn percentiles_that_are_one_make_one_threshold() {
        assert_eq!(Thresholds::of(&[values(&[200.0]), values(&[1.0]), values(&[1.0])]), Thresholds(vec![6]));
    }
}
