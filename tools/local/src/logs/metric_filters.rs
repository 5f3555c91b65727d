//! Metric filters: counting lines, or values in them, as metrics of CloudWatch.

use serde_json::{Value, json};

use super::errors::{invalid, limit_exceeded};
use super::log_event::LogEvent;
use super::metric_filter::{MetricFilter, Transformation};
use super::page::page;
use super::pattern::FilterPattern;
use super::state::Logs;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most filters of a group, and the most dimensions of a metric that one makes.
const MOST_FILTERS: usize = 100;

/// Operations on metric filters.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::now(
        "PutMetricFilter",
        "logGroupName filterName filterPattern metricTransformations",
        |logs: &Logs, request| logs.put_metric_filter(&request.input),
    )
    .on_found(Logs::group_resource),
    Operation::now("DescribeMetricFilters", "*", |logs: &Logs, request| logs.describe_metric_filters(&request.input))
        .on_found(Logs::group_resource),
    Operation::now("DeleteMetricFilter", "*", |logs: &Logs, request| logs.delete_metric_filter(&request.input))
        .on_found(Logs::group_resource),
    Operation::now("TestMetricFilter", "*", |_: &Logs, request| Logs::test_metric_filter(&request.input)),
];

impl Logs {
    fn put_metric_filter(&self, input: &Input) -> Reply {
        let text = input.opt_str("filterPattern").unwrap_or_default().to_owned();
        let pattern = FilterPattern::parse(&text)?;
        // The model takes one and no other number.
        let transformation = Transformation::read(&input.list("metricTransformations")[0], &pattern)?;
        let name = filter_name(input)?.to_owned();
        let mut store = self.store();
        let group = store.group_mut(Self::group_name(input)?)?;
        group.standard("PutMetricFilter")?;
        if group.metric_filters.len() >= MOST_FILTERS && !group.metric_filters.contains_key(&name) {
            return Err(limit_exceeded());
        }
        let filter = MetricFilter { text, pattern, transformation, created: self.hub.now() };
        group.metric_filters.insert(name, filter);
        Ok(json!({}))
    }

    fn describe_metric_filters(&self, input: &Input) -> Reply {
        let (prefix, group_name) =
            (input.opt_str("filterNamePrefix").unwrap_or_default(), input.opt_str("logGroupName"));
        let (metric, namespace) = (input.opt_str("metricName"), input.opt_str("metricNamespace"));
        if metric.is_some() != namespace.is_some() {
            return Err(invalid("metricName and metricNamespace must be specified together."));
        }
        let store = self.store();
        if let Some(name) = group_name {
            store.group(name)?;
        }
        let wanted = |name: &str, filter: &MetricFilter| {
            name.starts_with(prefix)
                && metric.is_none_or(|metric| metric == filter.transformation.name)
                && namespace.is_none_or(|namespace| namespace == filter.transformation.namespace)
        };
        let groups = store.groups.iter().filter(|(name, _)| group_name.is_none_or(|wanted| wanted == name.as_str()));
        let filters = groups.flat_map(|(group, it)| it.metric_filters.iter().map(move |(name, it)| (group, name, it)));
        let found = filters.filter(|(_, name, filter)| wanted(name, filter));
        let mut found: Vec<(String, Value)> =
            found.map(|(group, name, filter)| (format!("{group}/{name}"), describe(group, name, filter))).collect();
        // A group's name may hold what stands between the two parts of a key.
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        page("metricFilters", &found, input)
    }

    fn delete_metric_filter(&self, input: &Input) -> Reply {
        let mut store = self.store();
        let group = store.group_mut(Self::group_name(input)?)?;
        group.metric_filters.remove(filter_name(input)?).ok_or_else(|| {
            ServiceError::new("ResourceNotFoundException", "The specified metric filter does not exist.")
        })?;
        Ok(json!({}))
    }

    fn test_metric_filter(input: &Input) -> Reply {
        let pattern = FilterPattern::parse(input.opt_str("filterPattern").unwrap_or_default())?;
        let messages = input.strings("logEventMessages");
        let matches: Vec<Value> = (1..)
            .zip(&messages)
            .filter(|(_, message)| pattern.matches(message))
            .map(|(number, message): (u64, _)| {
                json!({ "eventNumber": number, "eventMessage": message, "extractedValues": pattern.extracted(message) })
            })
            .collect();
        Ok(json!({ "matches": matches }))
    }

    /// Puts what a group's filters make of new events.
    pub(super) async fn count(&self, group: &str, events: &[LogEvent]) {
        let filters: Vec<MetricFilter> = match self.store().groups.get(group) {
            Some(group) if !events.is_empty() => group.metric_filters.values().cloned().collect(),
            _ => return,
        };
        for filter in filters {
            let data = filter.data(events);
            if !data.is_empty() {
                self.put_metrics(&filter.transformation.namespace, data).await;
            }
        }
    }
}

/// The filter that an input names.
pub(super) fn filter_name(input: &Input) -> Result<&str, ServiceError> {
    input.opt_str("filterName").ok_or_else(|| invalid("filterName must be set"))
}

fn describe(group: &str, name: &str, filter: &MetricFilter) -> Value {
    json!({
        "filterName": name,
        "filterPattern": filter.text,
        "metricTransformations": [filter.transformation.shown],
        "creationTime": filter.created.as_millis(),
        "logGroupName": group,
        "applyOnTransformedLogs": false,
    })
}
