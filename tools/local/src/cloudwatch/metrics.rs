//! Listing metrics and reading their statistics.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::state::CloudWatch;
use super::statistic::Statistic;
use super::store::{MetricKey, MetricStore};
use super::values::{self, combination, invalid, missing};
use crate::core::{Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// `ListMetrics` shows metrics of the last two weeks.
const LISTED: Duration = Duration::from_secs(14 * 86_400);
/// `GetMetricStatistics` answers with at most this many datapoints.
const MOST_STATISTICS: usize = 1440;

/// The operations that read metrics.
pub(super) const OPERATIONS: &[Operation<CloudWatch>] = &[
    Operation::now(
        "ListMetrics",
        "Namespace MetricName Dimensions NextToken RecentlyActive",
        |it: &CloudWatch, request| list(&it.store, &request.input, it.hub.now()),
    ),
    Operation::now("GetMetricStatistics", "*", |it: &CloudWatch, request| statistics(&it.store, &request.input)),
];

/// `ListMetrics`.
fn list(store: &MetricStore, input: &Input, now: Timestamp) -> Reply {
    // The model knows one value.
    let age = if input.get("RecentlyActive").is_some() { Duration::from_secs(3 * 3600) } else { LISTED };
    let (namespace, name) = (input.opt_str("Namespace"), input.opt_str("MetricName"));
    let filters = input.list("Dimensions");
    let has = |key: &MetricKey, filter: &Value| {
        key.dimensions.iter().any(|(name, value)| {
            filter["Name"] == name.as_str() && filter["Value"].as_str().is_none_or(|wanted| wanted == value)
        })
    };
    let metrics = store
        .metrics(now, age)
        .into_iter()
        .filter(|key| namespace.is_none_or(|wanted| wanted == key.namespace))
        .filter(|key| name.is_none_or(|wanted| wanted == key.name))
        .filter(|key| filters.iter().all(|filter| has(key, filter)))
        .map(|key| (values::page_key(&key), values::metric(&key)))
        .collect();
    let (page, next) = values::page(input, metrics, 500).map_err(|error| match error.is("InvalidNextToken") {
        true => invalid("Request parameter NextToken is invalid"),
        false => error,
    })?;
    Ok(json!({ "Metrics": page, "NextToken": next }))
}

/// The windows of a period between two times, from the one that `first` lies in.
pub(super) fn windows(
    first: Timestamp,
    end: Timestamp,
    period: Duration,
) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    std::iter::successors(Some(first), move |from| Some(*from + period))
        .take_while(move |from| *from < end)
        .map(move |from| (from, from + period))
}

/// A time rounded down to a multiple of `grain`.
pub(super) fn rounded(at: Timestamp, grain: Duration) -> Timestamp {
    let grain = i64::try_from(grain.as_millis()).unwrap_or(i64::MAX).max(1);
    Timestamp::from_millis(at.as_millis() - at.as_millis().rem_euclid(grain))
}

/// `GetMetricStatistics`.
fn statistics(store: &MetricStore, input: &Input) -> Reply {
    let asked = Asked::read(input)?;
    let units = match input.opt_str("Unit") {
        Some(unit) => vec![unit.to_owned()],
        None => store.units(&asked.key),
    };
    let mut datapoints = Vec::new();
    // Windows begin with a whole minute, or with a multiple of a shorter period.
    let first = rounded(asked.start, asked.period.min(Duration::from_secs(60)));
    for (from, to) in windows(first, asked.end, asked.period) {
        // Values of different units are not put together.
        datapoints.extend(units.iter().filter_map(|unit| asked.datapoint(store, unit, from, to)));
    }
    Ok(json!({ "Label": asked.key.name, "Datapoints": datapoints }))
}

/// A request for statistics.
struct Asked {
    key: MetricKey,
    start: Timestamp,
    end: Timestamp,
    period: Duration,
    plain: Vec<(String, Statistic)>,
    extended: Vec<(String, Statistic)>,
}

impl Asked {
    fn read(input: &Input) -> Result<Self, ServiceError> {
        let key = values::metric_key(input)?;
        let start = values::required_timestamp(input, "StartTime")?;
        let end = values::required_timestamp(input, "EndTime")?;
        // Fractions of a second do not count.
        if start.as_millis().div_euclid(1000) >= end.as_millis().div_euclid(1000) {
            return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
        }
        let period = values::period(input.get("Period").ok_or_else(|| missing("Period"))?)
            .ok_or_else(|| invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."))?;
        let (plain, extended) = (parse(input, "Statistics")?, parse(input, "ExtendedStatistics")?);
        if plain.is_empty() == extended.is_empty() {
            return Err(combination("Must specify either Statistics or ExtendedStatistics"));
        }
        let points = end.since(start).as_secs() / period.as_secs();
        if points > MOST_STATISTICS as u64 {
            return Err(combination(format!(
                "You have requested up to {points} datapoints, which exceeds the limit of {MOST_STATISTICS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
            )));
        }
        Ok(Self { key, start, end, period, plain, extended })
    }

    fn datapoint(&self, store: &MetricStore, unit: &str, from: Timestamp, to: Timestamp) -> Option<Value> {
        let mut bucket = store.read(&self.key, Some(unit), from, to);
        if bucket.samples() <= 0.0 {
            return None;
        }
        let mut point = json!({ "Timestamp": from.epoch_seconds(), "Unit": unit });
        for (name, statistic) in &self.plain {
            point[name] = json!(bucket.read(*statistic));
        }
        let pairs = self.extended.iter();
        let pairs: Map<String, Value> =
            pairs.filter_map(|(name, statistic)| Some((name.clone(), json!(bucket.read(*statistic)?)))).collect();
        if !pairs.is_empty() {
            point["ExtendedStatistics"] = pairs.into();
        }
        Some(point)
    }
}

fn parse(input: &Input, member: &str) -> Result<Vec<(String, Statistic)>, ServiceError> {
    let read = |(number, name): (u64, String)| match name.parse::<Statistic>() {
        Ok(statistic) => Ok((name, statistic)),
        Err(_) => Err(invalid(format!("The value {name} for parameter {member}.member.{number} is not supported."))),
    };
    (1..).zip(input.strings(member)).map(read).collect()
}
