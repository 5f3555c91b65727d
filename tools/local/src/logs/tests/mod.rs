//! Logs as an AWS client sees them.

mod filters;
mod groups;

use std::sync::Arc;

use serde_json::{Value, json};

use super::append::append;
use super::service;
use crate::core::testing::{self, hub, with};
use crate::core::{Hub, Timestamp};

/// Asks as a client, not as a service of the plane.
async fn ask(hub: &Hub, operation: &str, input: Value) -> Result<Value, String> {
    testing::ask(&**hub.service("logs").unwrap(), operation, input).await.map_err(|error| error.code)
}

fn with_logs() -> Arc<Hub> {
    let hub = hub();
    with(&hub, vec![service(&hub)]);
    hub
}

fn messages(reply: &Value) -> Vec<&str> {
    reply["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
}

fn lines(hub: &Hub, texts: &[&str]) -> Vec<(Timestamp, String)> {
    let now = hub.now();
    texts.iter().map(|text| (now, (*text).to_owned())).collect()
}

#[tokio::test]
async fn services_write_to_groups_that_they_make_as_they_go() {
    let hub = with_logs();
    append(&hub, "/aws/lambda/fn", "2026/01/01/[1]ab", lines(&hub, &["one", "two"])).await.unwrap();
    append(&hub, "/aws/lambda/fn", "2026/01/01/[1]ab", lines(&hub, &["three"])).await.unwrap();
    let read = json!({ "logGroupName": "/aws/lambda/fn", "logStreamName": "2026/01/01/[1]ab", "startFromHead": true });
    let reply = ask(&hub, "GetLogEvents", read).await.unwrap();
    assert_eq!(messages(&reply), ["one", "two", "three"]);
    let groups = ask(&hub, "DescribeLogGroups", json!({ "logGroupNamePrefix": "/aws/lambda/" })).await.unwrap();
    assert_eq!(groups["logGroups"][0]["storedBytes"], 11);
    assert_eq!(groups["logGroups"][0]["arn"], "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/fn:*");
}

#[tokio::test]
async fn clients_make_groups_and_streams_first() {
    let hub = with_logs();
    let event = json!([{ "timestamp": hub.now().as_millis(), "message": "m" }]);
    let put = json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": event });
    assert_eq!(ask(&hub, "PutLogEvents", put.clone()).await.unwrap_err(), "ResourceNotFoundException");
    ask(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await.unwrap();
    let again = ask(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await;
    assert_eq!(again.unwrap_err(), "ResourceAlreadyExistsException");
    ask(&hub, "CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "s" })).await.unwrap();
    ask(&hub, "PutLogEvents", put).await.unwrap();
    let streams = ask(&hub, "DescribeLogStreams", json!({ "logGroupName": "g" })).await.unwrap();
    let stream = &streams["logStreams"][0];
    assert_eq!((&stream["storedBytes"], stream["uploadSequenceToken"].is_string()), (&json!(0), true));
    ask(&hub, "DeleteLogGroup", json!({ "logGroupName": "g" })).await.unwrap();
    let gone = ask(&hub, "DescribeLogStreams", json!({ "logGroupName": "g" })).await;
    assert_eq!(gone.unwrap_err(), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_reader_follows_a_stream_by_its_forward_token() {
    let hub = with_logs();
    append(&hub, "g", "s", lines(&hub, &["1", "2", "3"])).await.unwrap();
    let read = |token: Option<&Value>| json!({ "logGroupName": "g", "logStreamName": "s", "startFromHead": true, "limit": 2, "nextToken": token });
    let first = ask(&hub, "GetLogEvents", read(None)).await.unwrap();
    assert_eq!(messages(&first), ["1", "2"]);
    let second = ask(&hub, "GetLogEvents", read(Some(&first["nextForwardToken"]))).await.unwrap();
    assert_eq!(messages(&second), ["3"]);
    let end = ask(&hub, "GetLogEvents", read(Some(&second["nextForwardToken"]))).await.unwrap();
    assert!(messages(&end).is_empty());
    assert_eq!(end["nextForwardToken"], second["nextForwardToken"], "the same token marks the end");
    append(&hub, "g", "s", lines(&hub, &["4"])).await.unwrap();
    let more = ask(&hub, "GetLogEvents", read(Some(&end["nextForwardToken"]))).await.unwrap();
    assert_eq!(messages(&more), ["4"]);
    let back = ask(&hub, "GetLogEvents", read(Some(&second["nextBackwardToken"]))).await.unwrap();
    assert_eq!(messages(&back), ["1", "2"]);
}

#[tokio::test]
async fn events_are_filtered_over_streams_in_order_of_time_and_by_pages() {
    let hub = with_logs();
    let at = |millis: i64, text: &str| vec![(Timestamp::from_millis(millis), text.to_owned())];
    append(&hub, "g", "a", at(10, "ERROR first")).await.unwrap();
    append(&hub, "g", "b", at(20, "ERROR second")).await.unwrap();
    append(&hub, "g", "a", at(30, "fine")).await.unwrap();
    append(&hub, "g", "a", at(40, "ERROR third")).await.unwrap();
    let filter = |extra: Value| {
        let mut input = json!({ "logGroupName": "g", "filterPattern": "ERROR", "limit": 2 });
        for (member, value) in extra.as_object().unwrap() {
            input[member] = value.clone();
        }
        input
    };
    let first = ask(&hub, "FilterLogEvents", filter(json!({}))).await.unwrap();
    assert_eq!(messages(&first), ["ERROR first", "ERROR second"]);
    let second = ask(&hub, "FilterLogEvents", filter(json!({ "nextToken": first["nextToken"] }))).await.unwrap();
    assert_eq!((messages(&second), second.get("nextToken")), (vec!["ERROR third"], None));
    let ranged = ask(&hub, "FilterLogEvents", filter(json!({ "startTime": 20, "endTime": 39 }))).await.unwrap();
    assert_eq!(messages(&ranged), ["ERROR second"]);
    let token = ask(&hub, "FilterLogEvents", filter(json!({ "nextToken": "what" }))).await;
    assert_eq!(token.unwrap_err(), "InvalidParameterException");
}

#[tokio::test]
async fn retention_gives_up_old_events() {
    let hub = with_logs();
    let now = hub.now();
    let old = now - std::time::Duration::from_secs(2 * 86_400);
    append(&hub, "g", "s", vec![(old, "old".to_owned()), (now, "new".to_owned())]).await.unwrap();
    let days = |days: i64| json!({ "logGroupName": "g", "retentionInDays": days });
    assert_eq!(ask(&hub, "PutRetentionPolicy", days(2)).await.unwrap_err(), "InvalidParameterException");
    ask(&hub, "PutRetentionPolicy", days(1)).await.unwrap();
    let kept = ask(&hub, "FilterLogEvents", json!({ "logGroupName": "g" })).await.unwrap();
    assert_eq!(messages(&kept), ["new"]);
}

#[tokio::test]
async fn metrics_in_a_line_go_to_cloudwatch() {
    let hub = hub();
    with(&hub, vec![service(&hub), crate::cloudwatch::service(&hub)]);
    let now = hub.now();
    let line = json!({
        "_aws": {"Timestamp": now.as_millis(), "CloudWatchMetrics": [{
            "Namespace": "Slipway", "Dimensions": [["Route"]], "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
        }]},
        "Route": "/contacts", "Latency": [1, 3],
    });
    append(&hub, "/aws/lambda/f", "s", lines(&hub, &[&line.to_string(), "text"])).await.unwrap();
    let query = json!({
        "Namespace": "Slipway", "MetricName": "Latency", "Dimensions": [{"Name": "Route", "Value": "/contacts"}],
        "StartTime": now.epoch_seconds() - 60.0, "EndTime": now.epoch_seconds() + 60.0, "Period": 60,
        "Statistics": ["Average", "SampleCount"], "Unit": "Milliseconds",
    });
    let reply = hub.call("monitoring", "GetMetricStatistics", query).await.unwrap();
    assert_eq!(
        (&reply["Datapoints"][0]["Average"], &reply["Datapoints"][0]["SampleCount"]),
        (&json!(2.0), &json!(2.0))
    );
    // AWS's own namespaces are closed to lines, too; the line itself is kept.
    let forged = line.to_string().replace("\"Slipway\"", "\"AWS/Lambda\"");
    append(&hub, "/aws/lambda/f", "s", lines(&hub, &[&forged])).await.unwrap();
    assert_eq!(
        hub.call("monitoring", "ListMetrics", json!({"Namespace": "AWS/Lambda"})).await.unwrap()["Metrics"],
        json!([])
    );
    let kept = hub.call("logs", "FilterLogEvents", json!({"logGroupName": "/aws/lambda/f"})).await.unwrap();
    assert_eq!(messages(&kept).len(), 3);
}
