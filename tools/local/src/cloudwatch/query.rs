//! `MetricDataQuery` lists: metrics and expressions over them, read at one window of time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::core::{Input, ServiceError, Timestamp};

use super::expression::{Expression, Refusal, Scope};
use super::statistic::Statistic;
use super::store::{MetricKey, MetricStore};
use super::values;

/// The source of a query's values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// A statistic of a metric.
    Metric { key: MetricKey, statistic: Statistic, unit: Option<String> },
    /// Math over other queries.
    Expression(Expression),
}

/// One query of `GetMetricData` or of an alarm.
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

    /// Reads `MetricDataQueries`, or the `Metrics` of an alarm; `path` is the list's name in messages.
    ///
    /// # Errors
    /// `ValidationError` for queries without an id, of both or neither kind, or that refer to what is not there;
    /// `NotImplemented` for functions that are not run.
    pub(super) fn parse(list: &[Value], path: &str) -> Result<Self, ServiceError> {
        let read = |(number, value): (u64, &Value)| query(value, &format!("{path}.member.{number}"));
        let queries = Self((1..).zip(list).map(read).collect::<Result<_, _>>()?);
        let ids: BTreeSet<&str> = queries.0.iter().map(|query| query.id.as_str()).collect();
        if ids.len() < queries.0.len() {
            return Err(values::validation(format!("The values for parameter id in {path} are not unique.")));
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
                return Err(in_expression(&query.id, &format!("Unresolved metric identifier {id}")));
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

    /// The value of one query in one window.
    pub(super) fn point(&self, query: &Query, store: &MetricStore, from: Timestamp, to: Timestamp) -> Option<Point> {
        match &query.source {
            Source::Metric { key, statistic, unit } => {
                let mut bucket = store.read(key, unit.as_deref(), from, to);
                let value = bucket.read(*statistic)?;
                Some(Point { value, samples: bucket.samples() })
            }
            Source::Expression(expression) => expression
                .value(&Window { queries: self, store, from, to })
                .map(|value| Point { value, samples: f64::INFINITY }),
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

/// The queries of one list, read at one window of time.
struct Window<'a> {
    queries: &'a Queries,
    store: &'a MetricStore,
    from: Timestamp,
    to: Timestamp,
}

impl Scope for Window<'_> {
    fn value(&self, id: &str) -> Option<f64> {
        let other = self.queries.0.iter().find(|query| query.id == id)?;
        self.queries.point(other, self.store, self.from, self.to).map(|point| point.value)
    }

    fn period(&self, id: &str) -> Option<f64> {
        self.queries.0.iter().find(|query| query.id == id)?.period.map(|period| period.as_secs_f64())
    }

    fn metrics(&self) -> Vec<&str> {
        let metrics = self.queries.0.iter().filter(|query| matches!(query.source, Source::Metric { .. }));
        metrics.map(|query| query.id.as_str()).collect()
    }
}

fn query(value: &Value, path: &str) -> Result<Query, ServiceError> {
    let input = Input::from(value.clone());
    let id = input.opt_str("Id").unwrap_or_default().to_owned();
    let legal =
        id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !legal {
        return Err(values::validation(format!(
            "The value {id} for parameter {path}.Id must match the regular expression ^[a-z][a-zA-Z0-9_]*$."
        )));
    }
    let label = input.opt_str("Label").map(str::to_owned);
    if label.as_ref().is_some_and(|label| label.contains("${")) {
        return Err(ServiceError::not_implemented("monitoring", "a metric query with a dynamic label"));
    }
    let stat = input.get("MetricStat").map(|stat| Input::from(stat.clone()));
    let period = stat.as_ref().unwrap_or(&input).get("Period").map(|given| {
        values::period(given).ok_or_else(|| {
            values::validation(format!("The parameter {path}.Period must be 1, 5, 10, 20, 30 or a multiple of 60."))
        })
    });
    let source = match (stat, input.opt_str("Expression")) {
        (Some(stat), None) => metric(&stat, path)?,
        (None, Some(text)) => Source::Expression(expression(&id, text)?),
        (None, None) => {
            return Err(values::validation(format!("The parameter {path}.MetricStat is required.\n")));
        }
        (Some(_), Some(_)) => {
            return Err(values::validation(format!(
                "The parameters {path}.Expression and {path}.MetricStat are mutually exclusive and you have specified both."
            )));
        }
    };
    let return_data = input.opt_bool("ReturnData").unwrap_or(true);
    Ok(Query { id, source, label, return_data, period: period.transpose()? })
}

fn metric(stat: &Input, path: &str) -> Result<Source, ServiceError> {
    let name = stat.opt_str("Stat").unwrap_or_default();
    let statistic = name.parse().map_err(|_| {
        values::validation(format!("The value {name} for parameter {path}.MetricStat.Stat is not supported."))
    })?;
    let unit = stat.opt_str("Unit").map(str::to_owned);
    Ok(Source::Metric { key: values::metric_key(&stat.object("Metric"))?, statistic, unit })
}

fn expression(id: &str, text: &str) -> Result<Expression, ServiceError> {
    Expression::parse(text).map_err(|refusal| match refusal {
        Refusal::NotRun(what) => ServiceError::not_implemented("monitoring", &format!("a metric query with {what}")),
        Refusal::Malformed(why) => in_expression(id, &why),
    })
}

fn in_expression(id: &str, why: &str) -> ServiceError {
    values::validation(format!("Error in expression '{id}': {why}"))
}
