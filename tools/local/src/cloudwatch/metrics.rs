//! Putting metrics, listing them and reading their statistics.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::core::{Input, Reply, ServiceError, Timestamp};

use super::query::{Queries, Source};
use super::statistic::Statistic;
use super::store::{MetricKey, MetricStore, Sample};
use super::values::{self, invalid, missing};

/// `ListMetrics` shows metrics of the last two weeks.
const LISTED: Duration = Duration::from_secs(14 * 86_400);
/// `GetMetricStatistics` answers with at most this many datapoints.
const MOST_STATISTICS: usize = 1440;
/// `GetMetricData` answers with at most this many datapoints.
const MOST_DATA: usize = 100_800;

/// `PutMetricData`, and the plane's own `PutServiceMetricData`, which may write to `AWS/*` too.
pub(super) fn put(store: &MetricStore, input: &Input, now: Timestamp, service: bool) -> Reply {
    let namespace = input.opt_str("Namespace").filter(|name| !name.is_empty()).ok_or_else(|| missing("Namespace"))?;
    if !service && namespace.starts_with("AWS/") {
        return Err(invalid("The value AWS/ for parameter Namespace is invalid."));
    }
    if input.get("EntityMetricData").is_some() {
        return Err(ServiceError::not_implemented("monitoring", "PutMetricData with EntityMetricData"));
    }
    let data = input.list("MetricData");
    if data.is_empty() {
        return Err(missing("MetricData"));
    }
    // All or nothing: a datum that is wrong refuses the request before any is stored.
    let read = data.iter().map(|datum| Datum::read(namespace, datum, now)).collect::<Result<Vec<_>, _>>()?;
    for datum in read {
        for sample in &datum.samples {
            store.put(datum.key.clone(), &datum.unit, datum.at, sample);
        }
    }
    Ok(json!({}))
}

struct Datum {
    key: MetricKey,
    unit: String,
    at: Timestamp,
    samples: Vec<Sample>,
}

impl Datum {
    fn read(namespace: &str, datum: &Value, now: Timestamp) -> Result<Self, ServiceError> {
        let name = datum["MetricName"].as_str().filter(|name| !name.is_empty()).ok_or_else(|| missing("MetricName"))?;
        let dimensions = values::dimensions(datum["Dimensions"].as_array().map_or(&[], Vec::as_slice))?;
        let at = match &datum["Timestamp"] {
            Value::Null => now,
            given => values::timestamp(given).ok_or_else(|| invalid("The parameter Timestamp is not a time"))?,
        };
        Ok(Self {
            key: MetricKey { namespace: namespace.to_owned(), name: name.to_owned(), dimensions },
            unit: datum["Unit"].as_str().unwrap_or("None").to_owned(),
            at,
            samples: samples(datum)?,
        })
    }
}

fn samples(datum: &Value) -> Result<Vec<Sample>, ServiceError> {
    let combination = || {
        let message = "A datum needs exactly one of Value, Values and StatisticValues";
        ServiceError::new("InvalidParameterCombination", message)
    };
    let (value, many, set) = (&datum["Value"], &datum["Values"], &datum["StatisticValues"]);
    match (value.is_null(), many.is_null(), set.is_null()) {
        (false, true, true) => Ok(vec![Sample::Value(number(value)?, 1.0)]),
        (true, false, true) => {
            let many = many.as_array().map_or(&[][..], Vec::as_slice);
            let counts = datum["Counts"].as_array();
            if counts.is_some_and(|counts| counts.len() != many.len()) {
                return Err(invalid("The parameters Values and Counts must be of the same length"));
            }
            let count = |index: usize| counts.map_or(Ok(1.0), |counts| number(&counts[index]));
            many.iter().enumerate().map(|(index, value)| Ok(Sample::Value(number(value)?, count(index)?))).collect()
        }
        (true, true, false) => {
            let part = |name: &str| number(&set[name]);
            Ok(vec![Sample::Set(part("SampleCount")?, part("Sum")?, part("Minimum")?, part("Maximum")?)])
        }
        _ => Err(combination()),
    }
}

fn number(value: &Value) -> Result<f64, ServiceError> {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    number.filter(|number| number.is_finite()).ok_or_else(|| invalid(format!("{value} is not a value of a metric")))
}

/// `ListMetrics`.
pub(super) fn list(store: &MetricStore, input: &Input, now: Timestamp) -> Reply {
    let age = match input.opt_str("RecentlyActive") {
        None => LISTED,
        Some("PT3H") => Duration::from_secs(3 * 3600),
        Some(_) => return Err(invalid("RecentlyActive must be PT3H")),
    };
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
        .map(|key| values::metric(&key))
        .collect();
    let (page, next) = values::page(input, metrics, 500)?;
    Ok(json!({ "Metrics": page, "NextToken": next }))
}

/// The windows of a period between two times, beginning at multiples of the period.
fn windows(start: Timestamp, end: Timestamp, period: Duration) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let step = i64::try_from(period.as_millis()).unwrap_or(i64::MAX);
    let first = Timestamp::from_millis(start.as_millis() - start.as_millis().rem_euclid(step));
    std::iter::successors(Some(first), move |from| Some(*from + period))
        .take_while(move |from| *from < end)
        .map(move |from| (from, from + period))
}

/// `GetMetricStatistics`.
pub(super) fn statistics(store: &MetricStore, input: &Input) -> Reply {
    let key = values::metric_key(input)?;
    let start = values::required_timestamp(input, "StartTime")?;
    let end = values::required_timestamp(input, "EndTime")?;
    if start >= end {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    let period = values::period(input.get("Period").ok_or_else(|| missing("Period"))?)?;
    let parse = |names: Vec<String>| {
        let read = |name: String| name.parse::<Statistic>().map(|statistic| (name, statistic)).map_err(invalid);
        names.into_iter().map(read).collect::<Result<Vec<_>, _>>()
    };
    let (plain, extended) = (parse(input.strings("Statistics"))?, parse(input.strings("ExtendedStatistics"))?);
    if plain.is_empty() && extended.is_empty() {
        return Err(missing("Statistics"));
    }
    let unit = input.opt_str("Unit").map(str::to_owned);
    let shown_unit = unit.clone().or_else(|| store.unit(&key)).unwrap_or_else(|| "None".to_owned());
    let mut datapoints = Vec::new();
    for (from, to) in windows(start, end, period) {
        let mut bucket = store.read(&key, unit.as_deref(), from, to);
        if bucket.samples() <= 0.0 {
            continue;
        }
        let mut point = Map::new();
        point.insert("Timestamp".to_owned(), json!(from.epoch_seconds()));
        point.insert("Unit".to_owned(), json!(shown_unit));
        for (name, statistic) in &plain {
            point.insert(name.clone(), json!(bucket.read(*statistic)));
        }
        let pairs =
            extended.iter().filter_map(|(name, statistic)| Some((name.clone(), json!(bucket.read(*statistic)?))));
        let pairs: Map<String, Value> = pairs.collect();
        if !pairs.is_empty() {
            point.insert("ExtendedStatistics".to_owned(), Value::Object(pairs));
        }
        datapoints.push(Value::Object(point));
        if datapoints.len() > MOST_STATISTICS {
            return Err(invalid("You have requested more than 1,440 datapoints, which exceeds the limit."));
        }
    }
    Ok(json!({ "Label": key.name, "Datapoints": datapoints }))
}

/// `GetMetricData`.
pub(super) fn data(store: &MetricStore, input: &Input) -> Reply {
    let list = input.list("MetricDataQueries");
    if list.is_empty() {
        return Err(missing("MetricDataQueries"));
    }
    let queries = Queries::parse(list)?;
    let start = values::required_timestamp(input, "StartTime")?;
    let end = values::required_timestamp(input, "EndTime")?;
    if start >= end {
        return Err(values::validation("The parameter EndTime must be greater than StartTime"));
    }
    let ascending = input.opt_str("ScanBy") == Some("TimestampAscending");
    let mut results = Vec::new();
    for query in queries.0.iter().filter(|query| query.return_data) {
        // An expression over metrics of several periods is read at the longest of them.
        let period = query.period.or_else(|| queries.period()).unwrap_or(Duration::from_secs(60));
        if windows(start, end, period).take(MOST_DATA + 1).count() > MOST_DATA {
            return Err(values::validation("You have requested more than 100,800 datapoints"));
        }
        let mut points: Vec<(f64, f64)> = windows(start, end, period)
            .filter_map(|(from, to)| {
                let point = queries.read(store, from, to).get(query.id.as_str()).copied()?;
                Some((from.epoch_seconds(), point.value))
            })
            .collect();
        if !ascending {
            points.reverse();
        }
        let label = query.label.clone().unwrap_or_else(|| match &query.source {
            Source::Metric { key, .. } => key.name.clone(),
            Source::Expression(_) => query.id.clone(),
        });
        results.push(json!({
            "Id": query.id,
            "Label": label,
            "Timestamps": points.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
            "Values": points.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
            "StatusCode": "Complete",
        }));
    }
    Ok(json!({ "MetricDataResults": results, "Messages": [] }))
}
