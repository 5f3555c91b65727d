//! Metric filters: counting lines, or values in them, as metrics of CloudWatch.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::page::page;
use super::pattern::FilterPattern;
use super::service::Logs;
use super::store::{LogEvent, invalid, limit_exceeded};
use crate::core::{Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most filters of a group, and the most dimensions of a metric that one makes.
const MOST_FILTERS: usize = 100;
const MOST_DIMENSIONS: usize = 3;

/// A filter as it was put.
#[derive(Clone, Debug)]
pub(super) struct MetricFilter {
    text: String,
    pattern: FilterPattern,
    transformation: Transformation,
    created: Timestamp,
}

/// The datum that a metric filter makes of a line.
#[derive(Clone, Debug)]
struct Transformation {
    /// The transformation as it is shown.
    shown: Value,
    name: String,
    namespace: String,
    value: Measure,
    default: Option<f64>,
    unit: Option<String>,
    /// Selectors by the dimension's name.
    dimensions: BTreeMap<String, String>,
}

/// The value of a line that matches.
#[derive(Clone, Debug)]
enum Measure {
    Fixed(f64),
    Selected(String),
}

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

impl MetricFilter {
    /// A datum for each event that matches. If none does, one of the default value, at the time of the last event.
    ///
    /// Assumed: AWS reports the default for each minute in which events came and none matched. Here it is reported for
    /// each batch, which is the same in every statistic but the number of samples.
    fn data(&self, events: &[LogEvent]) -> Vec<Value> {
        let matching = events.iter().filter(|event| self.pattern.matches(&event.message));
        let data: Vec<Value> = matching.filter_map(|event| self.datum(event)).collect();
        match (self.transformation.default, events.last()) {
            (Some(default), Some(last)) if data.is_empty() => {
                vec![self.transformation.datum(default, last.timestamp, &[])]
            }
            _ => data,
        }
    }

    fn datum(&self, event: &LogEvent) -> Option<Value> {
        let made = &self.transformation;
        let select = |selector: &str| self.pattern.value(selector, &event.message);
        let value = match &made.value {
            Measure::Fixed(value) => *value,
            Measure::Selected(selector) => select(selector)?.parse().ok()?,
        };
        // A metric whose dimensions a line does not have is not reported for it.
        let dimensions: Option<Vec<Value>> = made
            .dimensions
            .iter()
            .map(|(name, selector)| Some(json!({ "Name": name, "Value": select(selector)? })))
            .collect();
        Some(made.datum(value, event.timestamp, &dimensions?))
    }
}

impl Transformation {
    fn read(given: &Value, pattern: &FilterPattern) -> Result<Self, ServiceError> {
        let input = Input::from(given.clone());
        let text = |name: &str| input.opt_str(name).map(str::to_owned);
        let needed = |name: &str| text(name).ok_or_else(|| invalid(format!("a metric transformation needs {name}")));
        let dimensions: BTreeMap<String, String> = input
            .get("dimensions")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(name, selector)| Some((name.clone(), selector.as_str()?.to_owned())))
            .collect();
        let default = input.opt_f64("defaultValue");
        if !dimensions.is_empty() && default.is_some() {
            return Err(invalid(
                "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
            ));
        }
        if dimensions.len() > MOST_DIMENSIONS {
            return Err(invalid(format!(
                "Invalid metric transformation: there can be at most {MOST_DIMENSIONS} dimensions."
            )));
        }
        if !dimensions.is_empty() && !pattern.has_values() {
            return Err(invalid(
                "Invalid metric transformation: dimensions need a JSON or space-delimited filter pattern.",
            ));
        }
        let value = needed("metricValue")?;
        Ok(Self {
            name: needed("metricName")?,
            namespace: needed("metricNamespace")?,
            value: Measure::read(&value)?,
            default,
            unit: text("unit"),
            dimensions,
            shown: given.clone(),
        })
    }

    fn datum(&self, value: f64, at: Timestamp, dimensions: &[Value]) -> Value {
        json!({
            "MetricName": self.name, "Value": value, "Unit": self.unit.as_deref().unwrap_or("None"),
            "Timestamp": at.epoch_seconds(), "Dimensions": dimensions,
        })
    }
}

impl Measure {
    fn read(text: &str) -> Result<Self, ServiceError> {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Self::Fixed(value)),
            _ if text.starts_with('$') => Ok(Self::Selected(text.to_owned())),
            _ => Err(invalid(format!("Invalid metric transformation: {text} is neither a number nor a field."))),
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
