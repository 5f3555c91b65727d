//! The embedded metric format: a line in the log that CloudWatch makes metrics of.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>. A line
//! holds one set of dimension values; a metric may have up to a hundred values, all of the line's time.

use serde::Serialize;

/// The most values that one metric of a line may have.
pub(super) const MOST_VALUES: usize = 100;

/// One line of the log in the embedded metric format: the values of the requests of one kind.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Line<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata<'a>,
    service: &'a str,
    resource: &'a str,
    executed_version: &'a str,
    route: &'a str,
    method: &'a str,
    status: &'a str,
    latency: &'a [f64],
    requests: usize,
    failures: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    /// Milliseconds since the epoch.
    timestamp: u64,
    cloud_watch_metrics: [Directive<'a>; 3],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'a str,
    dimensions: &'static [&'static [&'static str]],
    metrics: &'static [Definition],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

/// The dimensions of a line: the kind of requests that it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dimensions<'a> {
    pub(super) service: &'a str,
    /// The function as it was invoked, with the alias or version that was named.
    pub(super) resource: &'a str,
    /// The version that answers.
    pub(super) executed_version: &'a str,
    pub(super) route: &'a str,
    pub(super) method: &'a str,
    pub(super) status: &'a str,
}

const REQUESTS: Definition = Definition { name: "Requests", unit: "Count" };
const LATENCY: Definition = Definition { name: "Latency", unit: "Milliseconds" };

impl<'a> Line<'a> {
    /// The line of requests that took `latency` milliseconds each, at `timestamp` milliseconds since the epoch. They all failed for
    /// their users, or none did.
    pub(super) const fn new(
        namespace: &'a str,
        of: Dimensions<'a>,
        timestamp: u64,
        latency: &'a [f64],
        failed: bool,
    ) -> Self {
        let requests = Directive {
            namespace,
            // Every request by what it was, and all of the function's together: CloudWatch adds up no dimensions.
            dimensions: &[&["Service", "Route", "Method", "Status"], &["Service"]],
            metrics: &[LATENCY, REQUESTS],
        };
        let failures = Directive {
            namespace,
            // As Lambda counts by alias and version: whoever compares two versions finds both under the same names.
            dimensions: &[&["Service", "Resource", "ExecutedVersion"]],
            metrics: &[REQUESTS, Definition { name: "Failures", unit: "Count" }],
        };
        let routes = Directive {
            namespace,
            // One metric for each route that a version is asked for: a route that became slower is not lost among the others.
            dimensions: &[&["Service", "Resource", "ExecutedVersion", "Route", "Method"]],
            metrics: &[LATENCY],
        };
        Self {
            metadata: Metadata { timestamp, cloud_watch_metrics: [requests, failures, routes] },
            service: of.service,
            resource: of.resource,
            executed_version: of.executed_version,
            route: of.route,
            method: of.method,
            status: of.status,
            latency,
            requests: latency.len(),
            failures: if failed { latency.len() } else { 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_as_the_specification_says() {
        let of = Dimensions {
            service: "contacts",
            resource: "contacts:live",
            executed_version: "7",
            route: "/contacts/{id}",
            method: "GET",
            status: "2xx",
        };
        let line = serde_json::to_value(Line::new("Slipway", of, 1_700_000_000_123, &[1.5, 0.25], false)).unwrap();
        let requests = json!({"Name": "Requests", "Unit": "Count"});
        let expected = json!({
            "_aws": {
                "Timestamp": 1_700_000_000_123_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "Slipway",
                    "Dimensions": [["Service", "Route", "Method", "Status"], ["Service"]],
                    "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}, requests],
                }, {
                    "Namespace": "Slipway",
                    "Dimensions": [["Service", "Resource", "ExecutedVersion"]],
                    "Metrics": [requests, {"Name": "Failures", "Unit": "Count"}],
                }, {
                    "Namespace": "Slipway",
                    "Dimensions": [["Service", "Resource", "ExecutedVersion", "Route", "Method"]],
                    "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
                }],
            },
            "Service": "contacts", "Resource": "contacts:live", "ExecutedVersion": "7",
            "Route": "/contacts/{id}", "Method": "GET", "Status": "2xx",
            "Latency": [1.5, 0.25], "Requests": 2, "Failures": 0,
        });
        assert_eq!(line, expected);
        let failed = serde_json::to_value(Line::new("Slipway", of, 0, &[1.5, 0.25], true)).unwrap();
        assert_eq!((&failed["Requests"], &failed["Failures"]), (&json!(2), &json!(2)));
    }
}
