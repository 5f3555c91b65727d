//! `PutMetricData`: what a datum may be, and keeping it.

use std::time::Duration;

use serde_json::{Value, json};

use super::state::CloudWatch;
use super::store::{MetricKey, MetricStore, Sample};
use super::values::{self, combination, invalid, missing};
use crate::core::{Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// The limits of one request, one datum and one metric.
const MOST_DATA: usize = 1000;
const MOST_VALUES: usize = 150;
const MOST_DIMENSIONS: usize = 30;
/// The time by which a datum may lie in the past, and in the future.
const OLDEST: Duration = Duration::from_secs(14 * 86_400);
const NEWEST: Duration = Duration::from_secs(2 * 3600);
/// Values lie within two to the power of 360 of zero.
const LARGEST: f64 = 2.348_542_582_773_833_4e108;

/// The operations that put data.
pub(super) const OPERATIONS: &[Operation<CloudWatch>] = &[
    Operation::now("PutMetricData", "Namespace MetricData StrictEntityValidation", |it: &CloudWatch, request| {
        put(&it.store, &request.input, it.hub.now(), false)
    }),
    Operation::private("PutServiceMetricData", |it: &CloudWatch, request| {
        put(&it.store, &request.input, it.hub.now(), true)
    }),
];

/// `PutMetricData`, and the plane's own `PutServiceMetricData`, which may write to `AWS/*` and to any time.
fn put(store: &MetricStore, input: &Input, now: Timestamp, service: bool) -> Reply {
    let namespace = input.opt_str("Namespace").filter(|name| !name.is_empty()).ok_or_else(|| missing("Namespace"))?;
    if !service && namespace.starts_with("AWS/") {
        return Err(invalid("The value AWS/ for parameter Namespace is invalid."));
    }
    let data = input.list("MetricData");
    if data.is_empty() {
        return Err(missing("MetricData"));
    }
    check_size("MetricData", data.len(), MOST_DATA)?;
    // All or nothing: a datum that is wrong refuses the request before any is stored.
    let mut read = Vec::with_capacity(data.len());
    for (number, datum) in (1..).zip(data) {
        let reader = Reader { datum, path: format!("MetricData.member.{number}") };
        let datum = reader.read(namespace, now)?;
        if !service {
            reader.check_time(datum.at, now)?;
        }
        read.push(datum);
    }
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

/// One datum and the way to it, for messages.
struct Reader<'a> {
    datum: &'a Value,
    path: String,
}

impl Reader<'_> {
    fn read(&self, namespace: &str, now: Timestamp) -> Result<Datum, ServiceError> {
        let name = self.datum["MetricName"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| missing(&self.named("MetricName")))?;
        let at = match &self.datum["Timestamp"] {
            Value::Null => now,
            given => values::timestamp(given)
                .ok_or_else(|| invalid(format!("The parameter {} is not a time", self.named("Timestamp"))))?,
        };
        if let Some(resolution) = self.datum.get("StorageResolution").filter(|it| !it.is_null())
            && !matches!(number(resolution), Some(1.0 | 60.0))
        {
            return Err(self.bad_value("StorageResolution", resolution));
        }
        Ok(Datum {
            key: MetricKey { namespace: namespace.to_owned(), name: name.to_owned(), dimensions: self.dimensions()? },
            unit: self.datum["Unit"].as_str().unwrap_or("None").to_owned(),
            at,
            samples: self.samples()?,
        })
    }

    fn dimensions(&self) -> Result<Vec<(String, String)>, ServiceError> {
        let list = self.list("Dimensions");
        check_size(&self.named("Dimensions"), list.len(), MOST_DIMENSIONS)?;
        values::dimensions(list)
    }

    fn check_time(&self, at: Timestamp, now: Timestamp) -> Result<(), ServiceError> {
        let refused =
            |rule: &str| Err(invalid(format!("The parameter {} must specify a time {rule}.", self.named("Timestamp"))));
        match at {
            at if at < now - OLDEST => refused("within the past two weeks"),
            at if at > now + NEWEST => refused("no more than two hours in the future"),
            _ => Ok(()),
        }
    }

    fn samples(&self) -> Result<Vec<Sample>, ServiceError> {
        let has = |member: &str| !self.datum[member].is_null();
        if let Some(other) = ["Values", "StatisticValues"].into_iter().find(|other| has("Value") && has(other)) {
            return Err(combination(format!(
                "The parameters {} and {} are mutually exclusive and you have specified both.",
                self.named("Value"),
                self.named(other)
            )));
        }
        if has("Value") {
            return Ok(vec![Sample::Value(self.number("Value", &self.datum["Value"])?, 1.0)]);
        }
        if !has("Values") && !has("StatisticValues") {
            return Err(missing(&self.named("Value")));
        }
        // AWS takes a statistic set beside values. Assumed: both count.
        let mut samples = self.counted()?;
        if has("StatisticValues") {
            samples.push(self.statistic_set()?);
        }
        Ok(samples)
    }

    fn counted(&self) -> Result<Vec<Sample>, ServiceError> {
        let (many, counts) = (self.list("Values"), self.list("Counts"));
        check_size(&self.named("Values"), many.len(), MOST_VALUES)?;
        if !counts.is_empty() && counts.len() != many.len() {
            return Err(invalid(format!(
                "The parameters {} and {} must be of the same size.",
                self.named("Values"),
                self.named("Counts")
            )));
        }
        let one = json!(1.0);
        let counts = counts.iter().chain(std::iter::repeat(&one));
        many.iter()
            .zip(counts)
            .map(|(value, count)| {
                let times = self.number("Counts", count)?;
                if times <= 0.0 {
                    return Err(self.bad_value("Counts", count));
                }
                Ok(Sample::Value(self.number("Values", value)?, times))
            })
            .collect()
    }

    fn statistic_set(&self) -> Result<Sample, ServiceError> {
        let part = |name: &str| {
            let member = format!("StatisticValues.{name}");
            match &self.datum["StatisticValues"][name] {
                Value::Null => Err(missing(&self.named(&member))),
                value => self.number(&member, value),
            }
        };
        let (count, sum, minimum, maximum) = (part("SampleCount")?, part("Sum")?, part("Minimum")?, part("Maximum")?);
        if minimum > maximum {
            return Err(invalid(format!(
                "The parameter {} must be less than or equal to the parameter {}.",
                self.named("StatisticValues.Minimum"),
                self.named("StatisticValues.Maximum")
            )));
        }
        if count <= 0.0 {
            return Err(self.bad_value("StatisticValues.SampleCount", &json!(count)));
        }
        Ok(Sample::Set(count, sum, minimum, maximum))
    }

    fn number(&self, member: &str, value: &Value) -> Result<f64, ServiceError> {
        number(value).filter(|it| it.abs() <= LARGEST).ok_or_else(|| self.bad_value(member, value))
    }

    fn bad_value(&self, member: &str, value: &Value) -> ServiceError {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        invalid(format!("The value {shown} for parameter {} is invalid.", self.named(member)))
    }

    fn named(&self, member: &str) -> String {
        format!("{}.{member}", self.path)
    }

    fn list(&self, member: &str) -> &[Value] {
        self.datum[member].as_array().map_or(&[], Vec::as_slice)
    }
}

/// A finite number, also from text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number| number.is_finite())
}

/// Fails for a list that is longer than it may be.
pub(super) fn check_size(path: &str, size: usize, most: usize) -> Result<(), ServiceError> {
    if size <= most {
        return Ok(());
    }
    Err(invalid(format!("The collection {path} must not have a size greater than {most}.")))
}
