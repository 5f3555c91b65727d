//! The lines that Lambda itself writes to a function's log, in either format.
//!
//! Text: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>. JSON: the records of the
//! Telemetry API's schema, filtered by the system log level.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::settings::Logging;
use super::failure::Failure;
use crate::core::Timestamp;

/// The contents of a `REPORT` line.
#[derive(Debug)]
pub(super) struct Report<'a> {
    pub(super) request_id: &'a str,
    pub(super) duration: Duration,
    /// The first invocation of an environment reports its initialization, which is billed.
    pub(super) init: Option<Duration>,
    pub(super) memory_size: u64,
    /// The process's peak of resident memory, in megabytes.
    pub(super) memory_used: u64,
    pub(super) failure: Option<&'a Failure>,
}

/// The `INIT_START` line; none if the log level leaves it out.
pub(super) fn init_start(logging: &Logging, runtime: &str, version: &str, now: Timestamp) -> Option<String> {
    if !logging.json {
        return Some(format!("INIT_START Runtime Version: {}", runtime.replace('.', ":")));
    }
    let record = json!({
        "initializationType": "on-demand", "phase": "init", "runtimeVersion": runtime.replace('.', ":"),
        "functionVersion": version,
    });
    informational(logging).then(|| platform("platform.initStart", &record, now))
}

/// `INIT_REPORT`, written when an initialization failed.
pub(super) fn init_report(logging: &Logging, init: Duration, failure: &Failure, now: Timestamp) -> String {
    let status = status(failure);
    if logging.json {
        let record = json!({
            "initializationType": "on-demand", "phase": "init", "status": status,
            "errorType": failure.error_type(), "metrics": { "durationMs": millis(init) },
        });
        return platform("platform.initReport", &record, now);
    }
    let error = if status == "error" { format!("\tError Type: {}", failure.error_type()) } else { String::new() };
    format!("INIT_REPORT Init Duration: {:.2} ms\tPhase: init\tStatus: {status}{error}", millis(init))
}

/// The `START` line; none if the log level leaves it out.
pub(super) fn start(logging: &Logging, request_id: &str, version: &str, now: Timestamp) -> Option<String> {
    if !logging.json {
        return Some(format!("START RequestId: {request_id} Version: {version}"));
    }
    let record = json!({ "requestId": request_id, "version": version });
    informational(logging).then(|| platform("platform.start", &record, now))
}

/// The line of an invocation that failed without the function saying so. The JSON format has it in the report.
pub(super) fn failure(logging: &Logging, request_id: &str, failure: &Failure, now: Timestamp) -> Option<String> {
    match failure {
        _ if logging.json => None,
        Failure::Reported(_) => None,
        Failure::TimedOut(_) => Some(format!("{now} {request_id} {}", failure.message())),
        _ => Some(format!("RequestId: {request_id} Error: {}\n{}", failure.message(), failure.error_type())),
    }
}

impl Report<'_> {
    /// The `END` and `REPORT` lines, or the one record of the JSON format.
    pub(super) fn lines(&self, logging: &Logging, now: Timestamp) -> Vec<String> {
        if logging.json {
            let wanted = informational(logging) || self.failure.is_some();
            return if wanted { vec![platform("platform.report", &self.record(), now)] } else { Vec::new() };
        }
        vec![format!("END RequestId: {}", self.request_id), self.text()]
    }

    fn text(&self) -> String {
        let mut line = format!(
            "REPORT RequestId: {}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB",
            self.request_id,
            millis(self.duration),
            self.billed(),
            self.memory_size,
            self.memory_used,
        );
        if let Some(init) = self.init {
            line.push_str(&format!("\tInit Duration: {:.2} ms", millis(init)));
        }
        match self.failure.map(|failure| (status(failure), failure)) {
            Some(("timeout", _)) => line.push_str("\tStatus: timeout"),
            // An error that the function reports itself is no failure of the environment.
            Some((_, Failure::Reported(_))) | None => {}
            Some((status, failure)) => {
                line.push_str(&format!("\tStatus: {status}\tError Type: {}", failure.error_type()));
            }
        }
        line
    }

    fn record(&self) -> Value {
        let mut metrics = json!({
            "durationMs": millis(self.duration), "billedDurationMs": self.billed(),
            "memorySizeMB": self.memory_size, "maxMemoryUsedMB": self.memory_used,
        });
        if let Some(init) = self.init {
            metrics["initDurationMs"] = millis(init).into();
        }
        let mut record = json!({
            "requestId": self.request_id, "metrics": metrics, "status": self.failure.map_or("success", status),
        });
        if let Some(failure) = self.failure {
            record["errorType"] = failure.error_type().into();
        }
        record
    }

    /// Milliseconds, rounded up; an OS-only runtime is billed for its initialization.
    fn billed(&self) -> u128 {
        (self.duration + self.init.unwrap_or_default()).as_nanos().div_ceil(1_000_000)
    }
}

fn status(failure: &Failure) -> &'static str {
    if matches!(failure, Failure::TimedOut(_)) { "timeout" } else { "error" }
}

fn informational(logging: &Logging) -> bool {
    !matches!(logging.system_level.as_deref(), Some("WARN"))
}

fn platform(kind: &str, record: &Value, now: Timestamp) -> String {
    json!({ "time": now.iso8601(), "type": kind, "record": record }).to_string()
}

/// Milliseconds with two decimals, as Lambda reports them.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}
