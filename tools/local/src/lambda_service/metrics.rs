//! `AWS/Lambda` metrics, recorded behind the invocations.
//!
//! One value per dimension set that AWS documents: all functions, the function, the resource (function, version or
//! alias as it was named), and for an alias the version that ran.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::core::{Hub, Timestamp};

/// The most measurements in one request to CloudWatch: a datum takes as many different values.
const BATCH: usize = 150;
const MINUTE_MILLIS: i64 = 60_000;

/// The function, and the resource of it, that a value is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Subject {
    pub(super) function: String,
    /// The value of the dimension `Resource`: `fn`, `fn:alias` or `fn:version`.
    pub(super) resource: String,
    /// The version that ran; none unless an alias was named.
    pub(super) executed_version: Option<String>,
}

/// An event of which metrics are recorded.
#[derive(Clone, Debug)]
pub(super) enum Measurement {
    /// The function ran.
    Ran { duration: Duration, failed: bool },
    /// The function did not run, for lack of concurrency.
    Throttled,
    /// The number of invocations that ran at once.
    Concurrent(usize),
    /// An asynchronous event came in.
    EventReceived,
    /// An asynchronous event was given up.
    EventDropped,
    /// A record did not reach its destination.
    DeliveryFailed,
    /// An event did not reach the dead-letter topic.
    DeadLetterFailed,
}

/// Takes measurements and returns at once.
#[derive(Clone, Debug)]
pub(super) struct Metrics {
    sender: mpsc::UnboundedSender<(Subject, Measurement, Timestamp)>,
    hub: Arc<Hub>,
}

impl Metrics {
    /// Starts the recorder. It ends when the last sender is gone.
    pub(super) fn start(hub: &Arc<Hub>) -> Self {
        let (sender, mut waiting) = mpsc::unbounded_channel::<(Subject, Measurement, Timestamp)>();
        let recorder = Arc::clone(hub);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                let mut groups: HashMap<(Subject, i64), Group> = HashMap::new();
                for (subject, measurement, at) in batch.drain(..) {
                    let minute = at.as_millis().div_euclid(MINUTE_MILLIS);
                    groups.entry((subject, minute)).or_insert_with(|| Group::new(at)).add(&measurement);
                }
                let data: Vec<Value> = groups.iter().flat_map(|((subject, _), group)| group.data(subject)).collect();
                let input = json!({ "Namespace": "AWS/Lambda", "MetricData": data });
                if let Err(error) = recorder.call("monitoring", "PutServiceMetricData", input).await {
                    tracing::warn!(%error, "metrics of Lambda were not taken");
                }
            }
        });
        Self { sender, hub: Arc::clone(hub) }
    }

    /// Records a measurement at the plane's time.
    pub(super) fn record(&self, subject: &Subject, measurement: Measurement) {
        // The recorder outlives every sender; a failure to send means that the plane has ended.
        let _ = self.sender.send((subject.clone(), measurement, self.hub.now()));
    }
}

/// The measurements of one subject in one minute of one batch.
#[derive(Debug)]
struct Group {
    at: Timestamp,
    /// The values by metric and unit, each with the number of times that it came.
    values: BTreeMap<(&'static str, &'static str), Vec<(f64, u32)>>,
}

impl Group {
    fn new(at: Timestamp) -> Self {
        Self { at, values: BTreeMap::new() }
    }

    fn add(&mut self, measurement: &Measurement) {
        match measurement {
            Measurement::Ran { duration, failed } => {
                self.count("Invocations", 1.0);
                self.count("Errors", if *failed { 1.0 } else { 0.0 });
                self.count("Throttles", 0.0);
                self.value(("Duration", "Milliseconds"), duration.as_secs_f64() * 1000.0);
            }
            Measurement::Throttled => self.count("Throttles", 1.0),
            Measurement::Concurrent(count) => {
                self.count("ConcurrentExecutions", f64::from(u32::try_from(*count).unwrap_or(u32::MAX)));
            }
            Measurement::EventReceived => self.count("AsyncEventsReceived", 1.0),
            Measurement::EventDropped => self.count("AsyncEventsDropped", 1.0),
            Measurement::DeliveryFailed => self.count("DestinationDeliveryFailures", 1.0),
            Measurement::DeadLetterFailed => self.count("DeadLetterErrors", 1.0),
        }
    }

    fn count(&mut self, metric: &'static str, value: f64) {
        self.value((metric, "Count"), value);
    }

    fn value(&mut self, metric: (&'static str, &'static str), value: f64) {
        let values = self.values.entry(metric).or_default();
        match values.iter_mut().find(|(known, _)| known.to_bits() == value.to_bits()) {
            Some((_, times)) => *times += 1,
            None => values.push((value, 1)),
        }
    }

    fn data(&self, subject: &Subject) -> Vec<Value> {
        let sets = dimension_sets(subject);
        let datum = |(name, unit): &(&str, &str), values: &[(f64, u32)], dimensions: &Value| {
            let (values, counts): (Vec<f64>, Vec<u32>) = values.iter().copied().unzip();
            json!({
                "MetricName": name, "Unit": unit, "Values": values, "Counts": counts, "Dimensions": dimensions,
                "Timestamp": self.at.epoch_seconds(),
            })
        };
        let each = self.values.iter();
        each.flat_map(|(metric, values)| sets.iter().map(move |set| datum(metric, values, set))).collect()
    }
}

fn dimension_sets(subject: &Subject) -> Vec<Value> {
    let function = json!({ "Name": "FunctionName", "Value": subject.function });
    let resource = json!({ "Name": "Resource", "Value": subject.resource });
    let mut sets = vec![json!([]), json!([function]), json!([function, resource])];
    if let Some(version) = &subject.executed_version {
        sets.push(json!([function, resource, { "Name": "ExecutedVersion", "Value": version }]));
    }
    sets
}
