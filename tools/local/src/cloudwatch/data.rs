//! `GetMetricData`: the values of several queries, by pages.

use std::time::Duration;

use serde_json::{Value, json};

use super::metrics::{rounded, windows};
use super::put::check_size;
use super::query::{Queries, Query, Source};
use super::state::CloudWatch;
use super::store::MetricStore;
use super::values::{self, missing, validation};
use crate::core::{Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most queries of a request and the most datapoints of an answer.
const MOST_QUERIES: usize = 500;
const MOST_DATA: usize = 100_800;

/// The operations that read data.
pub(super) const OPERATIONS: &[Operation<CloudWatch>] = &[Operation::now(
    "GetMetricData",
    "MetricDataQueries{Id MetricStat Expression Label ReturnData Period} StartTime EndTime NextToken ScanBy MaxDatapoints",
    |it: &CloudWatch, request| get(&it.store, &request.input),
)];

/// A value with its time.
type Point = (f64, f64);

fn get(store: &MetricStore, input: &Input) -> Reply {
    let list = input.list("MetricDataQueries");
    if list.is_empty() {
        return Err(missing("MetricDataQueries"));
    }
    check_size("MetricDataQueries", list.len(), MOST_QUERIES).map_err(|error| validation(error.message))?;
    let queries = Queries::parse(list, "MetricDataQueries")?;
    let (start, end) = times(input)?;
    let asked: Vec<&Query> = queries.0.iter().filter(|query| query.return_data).collect();
    // All points in the order in which they are answered, each with its result.
    let mut points: Vec<(String, (usize, Point))> = Vec::new();
    for (result, query) in asked.iter().enumerate() {
        let mut its = read(store, &queries, query, start, end)?;
        if input.opt_str("ScanBy") != Some("TimestampAscending") {
            its.reverse();
        }
        points.extend(its.into_iter().enumerate().map(|(place, it)| (format!("{result:05}/{place:08}"), (result, it))));
    }
    let most = input.opt_i64("MaxDatapoints").and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST_DATA);
    let page = values::cut(input, &points, most.clamp(1, MOST_DATA))?;
    let last = page.next.as_ref().and(page.items.last()).map(|(result, _)| *result);
    let results: Vec<Value> = asked
        .iter()
        .enumerate()
        .map(|(result, query)| {
            let shown: Vec<Point> = page.items.iter().filter(|(its, _)| *its == result).map(|(_, it)| *it).collect();
            // A result that goes on in a later page is not complete.
            let complete = last.is_none_or(|last| result < last);
            describe(store, query, &queries, &shown, complete)
        })
        .collect();
    Ok(json!({ "MetricDataResults": results, "Messages": [], "NextToken": page.next }))
}

fn describe(store: &MetricStore, query: &Query, queries: &Queries, shown: &[Point], complete: bool) -> Value {
    let mut result = json!({
        "Id": query.id,
        "Label": label(query, queries),
        "Timestamps": shown.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        "Values": shown.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
        "StatusCode": if complete { "Complete" } else { "PartialData" },
    });
    if let Some(units) = several_units(store, query) {
        let value = format!("Multiple units returned: '[{}]'", units.join(", "));
        result["Messages"] = json!([{ "Code": "MultipleUnits", "Value": value }]);
    }
    result
}

fn times(input: &Input) -> Result<(Timestamp, Timestamp), ServiceError> {
    let start = values::required_timestamp(input, "StartTime")?;
    let end = values::required_timestamp(input, "EndTime")?;
    // Fractions of a second do not count.
    match start.as_millis().div_euclid(1000).cmp(&end.as_millis().div_euclid(1000)) {
        std::cmp::Ordering::Less => Ok((start, end)),
        std::cmp::Ordering::Equal => Err(validation("The parameter StartTime must not equal parameter EndTime.")),
        std::cmp::Ordering::Greater => Err(validation("The parameter EndTime must be greater than StartTime.")),
    }
}

/// The points of a query, the oldest first.
fn read(
    store: &MetricStore,
    queries: &Queries,
    query: &Query,
    start: Timestamp,
    end: Timestamp,
) -> Result<Vec<Point>, ServiceError> {
    // An expression over metrics of several periods is read at the longest of them.
    let period = query.period.or_else(|| queries.period()).unwrap_or(Duration::from_secs(60));
    let all = || windows(rounded(start, period), end, period);
    if all().take(MOST_DATA + 1).count() > MOST_DATA {
        return Err(validation("You have requested more than 100,800 datapoints, which exceeds the limit."));
    }
    let point = |(from, to): (Timestamp, Timestamp)| {
        let point = queries.point(query, store, from, to)?;
        Some((from.epoch_seconds(), point.value))
    };
    Ok(all().filter_map(point).collect())
}

/// A query's label; without one of its own the metric's name, with what tells it from the others of that name.
fn label(query: &Query, queries: &Queries) -> String {
    if let Some(label) = &query.label {
        return label.clone();
    }
    let Source::Metric { key, statistic, .. } = &query.source else { return query.id.clone() };
    let others: Vec<_> = queries
        .0
        .iter()
        .filter(|other| other.return_data && other.label.is_none())
        .filter_map(|other| match &other.source {
            Source::Metric { key: its, statistic, .. } if its.name == key.name => Some((its, statistic, other.period)),
            _ => None,
        })
        .collect();
    let mut label = key.name.clone();
    if others.iter().any(|(its, _, _)| its.dimensions != key.dimensions) {
        key.dimensions.iter().for_each(|(_, value)| label.push_str(&format!(" {value}")));
    }
    if others.iter().any(|(_, its, _)| *its != statistic) {
        label.push_str(&format!(" {statistic}"));
    }
    if let Some(period) = query.period.filter(|period| others.iter().any(|(_, _, its)| *its != Some(*period))) {
        label.push_str(&format!(" {}", period.as_secs()));
    }
    label
}

/// The units of a metric that is asked for without one, if there are several.
fn several_units(store: &MetricStore, query: &Query) -> Option<Vec<String>> {
    let Source::Metric { key, unit: None, .. } = &query.source else { return None };
    let mut units = store.units(key);
    units.sort();
    (units.len() > 1).then_some(units)
}
