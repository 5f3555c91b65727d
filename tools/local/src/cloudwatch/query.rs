//! `MetricDataQuery` lists: metrics and expressions over them, read at one window of time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::core::{Input, ServiceError, Timestamp};

use super::expression::Expression;
use super::statistic::Statistic;
use super::store::{MetricKey, MetricStore};
use super::values;

/// Where a query's values come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// A statistic of a metric.
    Metric { key: MetricKey, statistic: Statistic, unit: Option<String> },
    /// Math over other queries.
    Expression(Expression),
}

/// One query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub id: String,
    pub source: Source,
    pub label: Option<String>,
    pub return_data: bool,
    pub period: Option<Duration>,
}

/// A value and how many samples it was made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub value: f64,
    pub samples: f64,
}

/// A list of queries that refer to one another.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Queries(pub Vec<Query>);

impl Queries {
    /// One statistic of one metric.
    pub(super) fn single(key: MetricKey, statistic: Statistic, unit: Option<String>, period: Duration) -> Self {
        let source = Source::Metric { key, statistic, unit };
        Self(vec![Query { id: "m1".to_owned(), source, label: None, return_data: true, period: Some(period) }])
    }

    /// Reads `MetricDataQueries`, or the `Metrics` of an alarm.
    ///
    /// # Errors
    /// `ValidationError` for queries without an id, of both or neither kind, or that refer to what is not there.
    pub(super) fn parse(list: &[Value]) -> Result<Self, ServiceError> {
        let queries = Self(list.iter().map(query).collect::<Result<_, _>>()?);
        let ids: BTreeSet<&str> = queries.0.iter().map(|query| query.id.as_str()).collect();
        if ids.len() < queries.0.len() {
            return Err(values::validation("the ids of the metric queries must differ"));
        }
        for query in &queries.0 {
            queries.check_references(query, &mut vec![&query.id])?;
        }
        Ok(queries)
    }

    fn check_references<'a>(&'a self, query: &'a Query, above: &mut Vec<&'a str>) -> Result<(), ServiceError> {
        let Source::Expression(expression) = &query.source else { return Ok(()) };
        for id in expression.ids() {
            let found = self.0.iter().find(|other| other.id == id);
            let Some(other) = found.filter(|_| !above.contains(&id)) else {
                let message = format!("the expression {} refers to {id}, which is not there or refers back", query.id);
                return Err(values::validation(message));
            };
            above.push(&other.id);
            self.check_references(other, above)?;
            above.pop();
        }
        Ok(())
    }

    /// The values of all queries in one window.
    pub(super) fn read(&self, store: &MetricStore, from: Timestamp, to: Timestamp) -> BTreeMap<&str, Point> {
        let mut points = BTreeMap::new();
        for query in &self.0 {
            if let Some(point) = self.point(query, store, from, to) {
                points.insert(query.id.as_str(), point);
            }
        }
        points
    }

    fn point(&self, query: &Query, store: &MetricStore, from: Timestamp, to: Timestamp) -> Option<Point> {
        match &query.source {
            Source::Metric { key, statistic, unit } => {
                let mut bucket = store.read(key, unit.as_deref(), from, to);
                let value = bucket.read(*statistic)?;
                Some(Point { value, samples: bucket.samples() })
            }
            Source::Expression(expression) => {
                let of = |id: &str| {
                    let other = self.0.iter().find(|query| query.id == id)?;
                    self.point(other, store, from, to).map(|point| point.value)
                };
                expression.value(&of).map(|value| Point { value, samples: f64::INFINITY })
            }
        }
    }

    /// The one query that is returned, as an alarm needs it.
    pub(super) fn returned(&self) -> Option<&Query> {
        let mut returned = self.0.iter().filter(|query| query.return_data);
        returned.next().filter(|_| returned.next().is_none())
    }

    /// The period that the queries share.
    pub(super) fn period(&self) -> Option<Duration> {
        self.0.iter().filter_map(|query| query.period).max()
    }
}

fn query(value: &Value) -> Result<Query, ServiceError> {
    let input = Input::from(value.clone());
    let id = input.opt_str("Id").unwrap_or_default().to_owned();
    if !id.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(values::validation("the id of a metric query must begin with a small letter"));
    }
    let stat = input.get("MetricStat").map(|stat| Input::from(stat.clone()));
    let period = stat.as_ref().unwrap_or(&input).get("Period").map(values::period).transpose()?;
    let source = match (stat, input.opt_str("Expression")) {
        (Some(stat), None) => {
            let statistic = stat.opt_str("Stat").unwrap_or_default();
            let statistic = statistic.parse().map_err(values::validation)?;
            let unit = stat.opt_str("Unit").map(str::to_owned);
            Source::Metric { key: values::metric_key(&stat.object("Metric"))?, statistic, unit }
        }
        (None, Some(text)) => Source::Expression(Expression::parse(text).map_err(values::validation)?),
        _ => return Err(values::validation(format!("the query {id} needs either a MetricStat or an Expression"))),
    };
    let return_data = input.opt_bool("ReturnData").unwrap_or(true);
    Ok(Query { id, source, label: input.opt_str("Label").map(str::to_owned), return_data, period })
}
