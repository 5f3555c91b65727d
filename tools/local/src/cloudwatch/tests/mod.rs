//! The service as others see it: metrics in, statistics and alarms out.

mod limits;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::core::testing::{Fake, ask, hub_at, with};
use crate::core::{Hub, Reply};

struct World {
    hub: Arc<Hub>,
    events: Arc<Fake>,
    topics: Arc<Fake>,
}

impl World {
    fn new() -> Self {
        let hub = hub_at(1000.0);
        let fake = |name| Fake::new(name, |_, _| Ok(json!({})));
        let (events, topics) = (fake("events"), fake("sns"));
        let (on_bus, on_topics) = (Arc::clone(&events), Arc::clone(&topics));
        with(&hub, vec![super::service(&hub), on_bus, on_topics]);
        Self { hub, events, topics }
    }

    async fn call(&self, operation: &str, input: Value) -> Reply {
        self.hub.call("monitoring", operation, input).await
    }

    async fn done(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap()
    }

    /// Asks the way a client of the plane does.
    async fn as_client(&self, operation: &str, input: Value) -> Reply {
        ask(&**self.hub.service("monitoring").unwrap(), operation, input).await
    }

    async fn state(&self, alarm: &str) -> String {
        let found = self.done("DescribeAlarms", json!({ "AlarmNames": [alarm] })).await;
        found["MetricAlarms"][0]["StateValue"].as_str().unwrap().to_owned()
    }
}

fn alarm(name: &str) -> Value {
    json!({
        "AlarmName": name, "Namespace": "App", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching", "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:topic"],
        "Tags": [{ "Key": "team", "Value": "a" }],
    })
}

#[tokio::test(start_paused = true)]
async fn a_metric_over_the_threshold_sets_off_the_alarm_its_event_and_its_topic() {
    let world = World::new();
    world.done("PutMetricAlarm", alarm("errors")).await;
    assert_eq!(world.state("errors").await, "INSUFFICIENT_DATA");
    world.hub.record_metric("App", "Errors", "Count", 3.0, &[]).await;
    world.hub.clock.sleep(Duration::from_secs(80)).await;

    assert_eq!(world.state("errors").await, "ALARM");
    let events = world.events.inputs("PutServiceEvents");
    let entry = &events.last().unwrap()["Entries"][0];
    assert_eq!(entry["DetailType"], "CloudWatch Alarm State Change");
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!((&detail["state"]["value"], &detail["alarmName"]), (&json!("ALARM"), &json!("errors")));
    assert_eq!(detail["configuration"]["metrics"][0]["metricStat"]["stat"], "Sum");
    let messages = world.topics.inputs("Publish");
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(message["Subject"], "ALARM: \"errors\" in US East (N. Virginia)");
    let body: Value = serde_json::from_str(message["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&body["NewStateValue"], &body["Trigger"]["Statistic"]), (&json!("ALARM"), &json!("SUM")));
}

#[tokio::test(start_paused = true)]
async fn the_history_tells_what_was_put_what_changed_and_what_was_done() {
    let world = World::new();
    world.done("PutMetricAlarm", alarm("errors")).await;
    let set = json!({ "AlarmName": "errors", "StateValue": "ALARM", "StateReason": "a drill" });
    world.done("SetAlarmState", set).await;
    world.hub.clock.sleep(Duration::from_secs(1)).await;
    let history = world.done("DescribeAlarmHistory", json!({ "ScanBy": "TimestampAscending" })).await;
    let kinds: Vec<&str> = history["AlarmHistoryItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["HistoryItemType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["ConfigurationUpdate", "StateUpdate", "Action"]);
}

#[tokio::test(start_paused = true)]
async fn disabled_actions_are_not_done() {
    let world = World::new();
    world.done("PutMetricAlarm", alarm("errors")).await;
    let go_off = async |state: &str| {
        world
            .done("SetAlarmState", json!({ "AlarmName": "errors", "StateValue": state, "StateReason": "a drill" }))
            .await;
        world.hub.clock.sleep(Duration::from_secs(1)).await;
    };
    world.done("DisableAlarmActions", json!({ "AlarmNames": ["errors", "none"] })).await;
    let found = world.done("DescribeAlarms", json!({ "AlarmNamePrefix": "err" })).await;
    assert_eq!(found["MetricAlarms"][0]["ActionsEnabled"], false);
    go_off("ALARM").await;
    assert_eq!(world.events.inputs("PutServiceEvents").len(), 1, "the bus hears of it all the same");
    assert_eq!(world.topics.inputs("Publish").len(), 0);
    go_off("OK").await;
    world.done("EnableAlarmActions", json!({ "AlarmNames": ["errors"] })).await;
    go_off("ALARM").await;
    assert_eq!(world.topics.inputs("Publish").len(), 1);
}

#[tokio::test]
async fn statistics_and_data_show_what_was_put() {
    let world = World::new();
    let start = 1_700_000_040.0;
    let data = json!({ "Namespace": "App", "MetricData": [
        { "MetricName": "Latency", "Unit": "Milliseconds", "Timestamp": start, "Values": [10.0, 20.0], "Counts": [3, 1] },
        { "MetricName": "Latency", "Unit": "Milliseconds", "Timestamp": start + 65.0, "Value": 40 },
    ] });
    world.done("PutServiceMetricData", data).await;
    let window = json!({ "Namespace": "App", "MetricName": "Latency", "StartTime": start, "EndTime": start + 120.0,
        "Period": 60 });
    let mut plain = window.clone();
    plain["Statistics"] = json!(["Sum", "SampleCount", "Average"]);
    let expected = json!([
        { "Timestamp": start, "Unit": "Milliseconds", "Sum": 50.0, "SampleCount": 4.0, "Average": 12.5 },
        { "Timestamp": start + 60.0, "Unit": "Milliseconds", "Sum": 40.0, "SampleCount": 1.0, "Average": 40.0 },
    ]);
    assert_eq!(world.done("GetMetricStatistics", plain).await["Datapoints"], expected);
    let mut extended = window;
    extended["ExtendedStatistics"] = json!(["p75"]);
    let found = world.done("GetMetricStatistics", extended).await;
    assert_eq!(found["Datapoints"][1]["ExtendedStatistics"], json!({ "p75": 40.0 }));

    let stat = json!({ "Metric": { "Namespace": "App", "MetricName": "Latency" }, "Period": 60, "Stat": "Sum" });
    let queries = json!({ "StartTime": start, "EndTime": start + 120.0, "ScanBy": "TimestampAscending",
        "MetricDataQueries": [{ "Id": "a", "MetricStat": stat, "ReturnData": false }, { "Id": "b", "Expression": "a * 2" }] });
    let data = world.done("GetMetricData", queries).await;
    assert_eq!(data["MetricDataResults"][0]["Values"], json!([100.0, 80.0]));
    let listed = world.done("ListMetrics", json!({ "Namespace": "App" })).await;
    assert_eq!(listed["Metrics"].as_array().unwrap().len(), 0, "nothing came within the last two weeks");
}

#[tokio::test]
async fn a_client_cannot_write_metrics_of_aws() {
    let world = World::new();
    let data = json!({ "Namespace": "AWS/Lambda", "MetricData": [{ "MetricName": "Errors", "Value": 1 }] });
    assert!(world.as_client("PutMetricData", data.clone()).await.unwrap_err().is("InvalidParameterValue"));
    let private = world.as_client("PutServiceMetricData", data.clone()).await.unwrap_err();
    assert_eq!(private.code, "InvalidAction");
    world.done("PutServiceMetricData", data).await;
    let listed = world.done("ListMetrics", json!({ "MetricName": "Errors" })).await;
    assert_eq!(listed["Metrics"][0]["Namespace"], "AWS/Lambda");
}

#[tokio::test]
async fn a_datum_that_is_wrong_refuses_the_whole_request() {
    let world = World::new();
    let data = json!({ "Namespace": "App", "MetricData": [
        { "MetricName": "Good", "Value": 1 }, { "MetricName": "Bad", "Value": 1, "Values": [1] }] });
    assert!(world.call("PutMetricData", data).await.unwrap_err().is("InvalidParameterCombination"));
    assert_eq!(world.done("ListMetrics", json!({})).await["Metrics"], json!([]));
}

#[tokio::test]
async fn alarms_are_paged_and_tagged_and_an_unknown_name_keeps_none_from_being_deleted() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.done("PutMetricAlarm", alarm(name)).await;
    }
    let first = world.done("DescribeAlarms", json!({ "MaxRecords": 2 })).await;
    assert_eq!(first["MetricAlarms"].as_array().unwrap().len(), 2);
    let rest = world.done("DescribeAlarms", json!({ "MaxRecords": 2, "NextToken": first["NextToken"] })).await;
    let arn = rest["MetricAlarms"][0]["AlarmArn"].clone();
    assert_eq!(arn, "arn:aws:cloudwatch:us-east-1:000000000000:alarm:c");
    let tags = world.done("ListTagsForResource", json!({ "ResourceARN": arn })).await;
    assert_eq!(tags["Tags"], json!([{ "Key": "team", "Value": "a" }]));

    world.done("DeleteAlarms", json!({ "AlarmNames": ["a", "no-such-alarm", "b"] })).await;
    assert_eq!(world.done("DescribeAlarms", json!({})).await["MetricAlarms"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_run_says_so() {
    let error = World::new().call("PutAnomalyDetector", json!({})).await.unwrap_err();
    assert!(error.is("NotImplemented") && error.message.contains("PutAnomalyDetector"));
}
