//! `AWS/Lambda` metrics, recorded behind the invocations.
//!
//! One value per dimension set that AWS documents: all functions, the function, the resource (function, version or
//! alias as it was named), and for an alias the version that ran.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::core::{Hub, Timestamp};

/// How many values go into one request to CloudWatch.
const BATCH: usize = 500;

/// Whose values they are.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) function: String,
    /// `fn`, `fn:alias` or `fn:version`.
    pub(super) resource: String,
    /// Where an alias was named: the version that ran.
    pub(super) executed_version: Option<String>,
}

/// What is recorded.
#[derive(Clone, Debug)]
pub(super) enum Measurement {
    /// The function ran.
    Ran { duration: Duration, failed: bool },
    /// It did not, for lack of concurrency.
    Throttled,
    /// How many ran at once.
    Concurrent(usize),
    /// An asynchronous event came in.
    EventReceived,
    /// One was given up.
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
        let (sender, mut waiting) = mpsc::unbounded_channel();
        let recorder = Arc::clone(hub);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                let data: Vec<Value> =
                    batch.drain(..).flat_map(|(subject, what, at)| data(&subject, &what, at)).collect();
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

fn data(subject: &Subject, measurement: &Measurement, at: Timestamp) -> Vec<Value> {
    let values: Vec<(&str, &str, f64)> = match measurement {
        Measurement::Ran { duration, failed } => vec![
            ("Invocations", "Count", 1.0),
            ("Errors", "Count", if *failed { 1.0 } else { 0.0 }),
            ("Duration", "Milliseconds", duration.as_secs_f64() * 1000.0),
            ("Throttles", "Count", 0.0),
        ],
        Measurement::Throttled => vec![("Throttles", "Count", 1.0)],
        Measurement::Concurrent(count) => {
            let count = u32::try_from(*count).unwrap_or(u32::MAX);
            vec![("ConcurrentExecutions", "Count", f64::from(count))]
        }
        Measurement::EventReceived => vec![("AsyncEventsReceived", "Count", 1.0)],
        Measurement::EventDropped => vec![("AsyncEventsDropped", "Count", 1.0)],
        Measurement::DeliveryFailed => vec![("DestinationDeliveryFailures", "Count", 1.0)],
        Measurement::DeadLetterFailed => vec![("DeadLetterErrors", "Count", 1.0)],
    };
    let sets = dimension_sets(subject);
    let datum = |(name, unit, value): &(&str, &str, f64), dimensions: &Value| {
        json!({
            "MetricName": name, "Unit": unit, "Value": value, "Dimensions": dimensions,
            "Timestamp": at.epoch_seconds(),
        })
    };
    values.iter().flat_map(|value| sets.iter().map(move |set| datum(value, set))).collect()
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
