//! Lambda's own line about an invocation: how long it took, and how long its environment took to start.
//!
//! It is text, or a `platform.report` where the function logs JSON
//! (<https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html>, `telemetry-schema-reference.html`).

use std::time::Duration;

use serde_json::Value;

/// The line's content, as far as checks use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReportLine {
    /// The invocation's request id.
    pub(super) request: Option<String>,
    /// The function's own time.
    pub(super) duration: Duration,
    /// The start of its environment, if this invocation was the first of one.
    pub(super) init: Option<Duration>,
}

impl ReportLine {
    /// The last such line of a log.
    pub(super) fn find(log: &str) -> Option<Self> {
        log.lines().rev().find_map(|line| Self::of_text(line).or_else(|| Self::of_json(line)))
    }

    fn of_text(line: &str) -> Option<Self> {
        let rest = line.trim_start().strip_prefix("REPORT RequestId: ")?;
        let part = |name: &str| {
            let value = rest.split('\t').find_map(|part| part.trim().strip_prefix(name))?;
            millis(value.trim().strip_suffix(" ms")?.parse().ok()?)
        };
        let request = rest.split_whitespace().next().map(str::to_owned);
        Some(Self { request, duration: part("Duration:")?, init: part("Init Duration:") })
    }

    fn of_json(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line.trim()).ok()?;
        if line["type"] != "platform.report" {
            return None;
        }
        let metrics = &line["record"]["metrics"];
        Some(Self {
            request: line["record"]["requestId"].as_str().map(str::to_owned),
            duration: millis(metrics["durationMs"].as_f64()?)?,
            init: metrics["initDurationMs"].as_f64().and_then(millis),
        })
    }
}

fn millis(millis: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(millis / 1000.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_text() {
        let log = "START RequestId: r-1 Version: 7\nEND RequestId: r-1\n\
                   REPORT RequestId: r-1\tDuration: 12.50 ms\tBilled Duration: 113 ms\tMemory Size: 256 MB\tMax Memory Used: 21 MB\tInit Duration: 100.25 ms\t\n";
        let line = ReportLine::find(log).unwrap();
        assert_eq!(line.request.as_deref(), Some("r-1"));
        assert_eq!(line.duration, Duration::from_micros(12_500));
        assert_eq!(line.init, Some(Duration::from_micros(100_250)));
    }

    #[test]
    fn reads_the_json() {
        let log = r#"{"level":"INFO","message":"hello"}
            {"time":"2026-11-27T08:00:00Z","type":"platform.report","record":{"requestId":"r-1","metrics":{"durationMs":12.5,"billedDurationMs":13},"status":"success"}}"#;
        let line = ReportLine::find(log).unwrap();
        assert_eq!((line.request.as_deref(), line.init), (Some("r-1"), None));
        assert_eq!(line.duration, Duration::from_micros(12_500));
        assert_eq!(ReportLine::find("nothing of it"), None);
    }
}
