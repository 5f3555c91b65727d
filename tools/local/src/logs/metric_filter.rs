//! A metric filter, and the data that it makes of lines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::invalid;
use super::log_event::LogEvent;
use super::pattern::FilterPattern;
use crate::core::{Input, ServiceError, Timestamp};

const MOST_DIMENSIONS: usize = 3;

/// A filter as it was put.
#[derive(Clone, Debug)]
pub(super) struct MetricFilter {
    pub(super) text: String,
    pub(super) pattern: FilterPattern,
    pub(super) transformation: Transformation,
    pub(super) created: Timestamp,
}

/// The datum that a metric filter makes of a line.
#[derive(Clone, Debug)]
pub(super) struct Transformation {
    /// The transformation as it is shown.
    pub(super) shown: Value,
    pub(super) name: String,
    pub(super) namespace: String,
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

impl MetricFilter {
    /// A datum for each event that matches. If none does, one of the default value, at the time of the last event.
    ///
    /// Assumed: AWS reports the default for each minute in which events came and none matched. Here it is reported for
    /// each batch, which is the same in every statistic but the number of samples.
    pub(super) fn data(&self, events: &[LogEvent]) -> Vec<Value> {
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
    pub(super) fn read(given: &Value, pattern: &FilterPattern) -> Result<Self, ServiceError> {
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
    pub(super) fn read(text: &str) -> Result<Self, ServiceError> {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Self::Fixed(value)),
            _ if text.starts_with('$') => Ok(Self::Selected(text.to_owned())),
            _ => Err(invalid(format!("Invalid metric transformation: {text} is neither a number nor a field."))),
        }
    }
}
