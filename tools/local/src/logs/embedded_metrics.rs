//! The embedded metric format: metrics that CloudWatch makes of log events, whoever wrote them.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>. A line that is
//! not of the format is a line like any other. Of one that is, what does not hold what it promises is left out, as AWS leaves it
//! out: a metric without a number, a set of dimensions of which one has no text.

use serde_json::{Map, Value, json};

use crate::core::Timestamp;

/// The most dimensions of one set.
const MOST_DIMENSIONS: usize = 30;
/// The most metrics of one directive.
const MOST_METRICS: usize = 100;
/// The most values of one metric.
const MOST_VALUES: usize = 100;

/// Data for one namespace, as `PutMetricData` takes it.
#[derive(Debug, PartialEq)]
pub(super) struct Data {
    pub(super) namespace: String,
    pub(super) data: Vec<Value>,
}

/// The metrics in one log event, at the time that `timed` makes of theirs.
pub(super) fn embedded(message: &str, timed: impl Fn(Timestamp) -> Timestamp) -> Vec<Data> {
    // Most lines end here: reading each as JSON would cost more than keeping it.
    if !message.starts_with('{') || !message.contains("\"_aws\"") {
        return Vec::new();
    }
    let Ok(Value::Object(root)) = serde_json::from_str::<Value>(message) else { return Vec::new() };
    let Some(metadata) = root.get("_aws") else { return Vec::new() };
    let Some(timestamp) = metadata["Timestamp"].as_i64() else { return Vec::new() };
    let at = timed(Timestamp::from_millis(timestamp)).epoch_seconds();
    list(&metadata["CloudWatchMetrics"]).iter().filter_map(|directive| of_directive(directive, &root, at)).collect()
}

fn of_directive(directive: &Value, root: &Map<String, Value>, at: f64) -> Option<Data> {
    let namespace = directive["Namespace"].as_str().filter(|namespace| !namespace.is_empty())?.to_owned();
    let sets: Vec<Value> = list(&directive["Dimensions"]).iter().filter_map(|set| dimensions(set, root)).collect();
    let mut data = Vec::new();
    for metric in list(&directive["Metrics"]).iter().take(MOST_METRICS) {
        let Some((name, values)) = metric["Name"].as_str().and_then(|name| Some((name, numbers(root.get(name)?)?)))
        else {
            continue;
        };
        let unit = metric["Unit"].as_str().unwrap_or("None");
        data.extend(sets.iter().map(
            |set| json!({ "MetricName": name, "Unit": unit, "Values": values, "Dimensions": set, "Timestamp": at }),
        ));
    }
    (!data.is_empty()).then_some(Data { namespace, data })
}

/// The dimensions that a set names, with their values.
fn dimensions(set: &Value, root: &Map<String, Value>) -> Option<Value> {
    let names = set.as_array().filter(|names| names.len() <= MOST_DIMENSIONS)?;
    let dimension = |name: &Value| {
        let name = name.as_str()?;
        let value = root.get(name)?.as_str().filter(|value| !value.is_empty())?;
        Some(json!({ "Name": name, "Value": value }))
    };
    names.iter().map(dimension).collect::<Option<Vec<_>>>().map(Value::Array)
}

fn numbers(member: &Value) -> Option<Vec<f64>> {
    let values = member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice);
    let fits = !values.is_empty() && values.len() <= MOST_VALUES;
    fits.then(|| values.iter().map(Value::as_f64).collect())?
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn line() -> Value {
        json!({
            "_aws": {"Timestamp": 1_700_000_000_000_i64, "CloudWatchMetrics": [{
                "Namespace": "Slipway", "Dimensions": [["Route", "Status"], ["Route"], []],
                "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}, {"Name": "Requests"}],
            }]},
            "Route": "/contacts", "Status": "2xx", "Latency": [1.5, 2], "Requests": 2,
        })
    }

    fn read(line: &Value) -> Vec<Data> {
        embedded(&line.to_string(), |at| at)
    }

    #[test]
    fn every_metric_has_a_datum_for_every_set_of_dimensions() {
        let found = read(&line());
        assert_eq!((found.len(), found[0].namespace.as_str(), found[0].data.len()), (1, "Slipway", 6));
        let expected = json!({
            "MetricName": "Latency", "Unit": "Milliseconds", "Values": [1.5, 2.0], "Timestamp": 1_700_000_000.0,
            "Dimensions": [{"Name": "Route", "Value": "/contacts"}, {"Name": "Status", "Value": "2xx"}],
        });
        assert_eq!(found[0].data[0], expected);
        assert_eq!(
            found[0].data[5],
            json!({
                "MetricName": "Requests", "Unit": "None", "Values": [2.0], "Timestamp": 1_700_000_000.0, "Dimensions": [],
            })
        );
    }

    #[test_case("a line of text"; "text")]
    #[test_case("{\"level\":\"INFO\",\"message\":\"_aws\"}"; "another document")]
    #[test_case("{\"_aws\":{}}"; "no time")]
    #[test_case("{\"_aws\":"; "no document")]
    fn a_line_of_another_kind_has_no_metrics(message: &str) {
        assert_eq!(embedded(message, |at| at), []);
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let mut line = line();
        line["Latency"] = json!("fast");
        line["Status"] = json!(200);
        let found = read(&line);
        let data: Vec<(&str, usize)> = found[0]
            .data
            .iter()
            .map(|datum| (datum["MetricName"].as_str().unwrap(), datum["Dimensions"].as_array().unwrap().len()))
            .collect();
        assert_eq!(data, [("Requests", 1), ("Requests", 0)]);
        line["Requests"] = json!(vec![1; 101]);
        assert_eq!(read(&line), []);
    }
}
