//! Tests of CloudWatch's refusals, in its own words, and of answers that depend on several requests.

use serde_json::{Value, json};
use test_case::test_case;

use super::{World, alarm};

async fn refused(operation: &str, input: Value) -> (String, String) {
    let error = World::new().as_client(operation, input).await.unwrap_err();
    (error.code, error.message)
}

#[test_case(json!({ "Value": 1, "Values": [1] }), "InvalidParameterCombination", "The parameters MetricData.member.2.Value and MetricData.member.2.Values are mutually exclusive and you have specified both."; "value and values")]
#[test_case(json!({ "Value": 1, "StatisticValues": { "SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1 } }), "InvalidParameterCombination", "The parameters MetricData.member.2.Value and MetricData.member.2.StatisticValues are mutually exclusive and you have specified both."; "value and statistics")]
#[test_case(json!({ "Values": [1, 2], "Counts": [1] }), "InvalidParameterValue", "The parameters MetricData.member.2.Values and MetricData.member.2.Counts must be of the same size."; "fewer counts")]
#[test_case(json!({ "Value": "NaN" }), "InvalidParameterValue", "The value NaN for parameter MetricData.member.2.Value is invalid."; "not a number")]
#[test_case(json!({ "Value": 1e200 }), "InvalidParameterValue", "The value 1e+200 for parameter MetricData.member.2.Value is invalid."; "too large")]
#[test_case(json!({ "Values": vec![1; 151] }), "InvalidParameterValue", "The collection MetricData.member.2.Values must not have a size greater than 150."; "too many values")]
#[test_case(json!({ "Value": 1, "Timestamp": 0 }), "InvalidParameterValue", "The parameter MetricData.member.2.Timestamp must specify a time within the past two weeks."; "too old")]
#[test_case(json!({ "Value": 1, "Timestamp": 99_999_999_999_u64 }), "InvalidParameterValue", "The parameter MetricData.member.2.Timestamp must specify a time no more than two hours in the future."; "too new")]
#[test_case(json!({ "Value": 1, "StorageResolution": 5 }), "InvalidParameterValue", "The value 5 for parameter MetricData.member.2.StorageResolution is invalid."; "another resolution")]
#[test_case(json!({}), "MissingParameter", "The parameter MetricData.member.2.Value is required."; "no value")]
#[tokio::test]
async fn a_datum_that_cannot_be_is_refused(datum: Value, code: &str, message: &str) {
    let mut second = json!({ "MetricName": "m" });
    second.as_object_mut().unwrap().extend(datum.as_object().unwrap().clone());
    let data = json!({ "Namespace": "App", "MetricData": [{ "MetricName": "m", "Value": 1 }, second] });
    assert_eq!(refused("PutMetricData", data).await, (code.to_owned(), message.to_owned()));
}

#[tokio::test]
async fn statistics_are_taken_beside_values_as_aws_takes_them() {
    let world = World::new();
    let set = json!({ "SampleCount": 10, "Sum": 55, "Minimum": 1, "Maximum": 10 });
    let data = json!({ "MetricName": "m", "Values": [1.0, 20.0], "StatisticValues": set });
    world.as_client("PutMetricData", json!({ "Namespace": "App", "MetricData": [data] })).await.unwrap();
    let now = world.hub.now().epoch_seconds().floor();
    let statistics = json!({
        "Namespace": "App", "MetricName": "m", "StartTime": now - 300.0, "EndTime": now + 300.0, "Period": 600,
        "Statistics": ["SampleCount", "Sum", "Maximum"],
    });
    let found = world.done("GetMetricStatistics", statistics).await;
    let total = |member: &str| -> f64 {
        found["Datapoints"].as_array().unwrap().iter().map(|point| point[member].as_f64().unwrap()).sum()
    };
    assert_eq!((total("SampleCount"), total("Sum")), (12.0, 76.0));
}

#[tokio::test]
async fn the_state_of_an_alarm_that_is_not_there_is_refused_without_a_word() {
    let set = |state: &str| json!({ "AlarmName": "none", "StateValue": state, "StateReason": "r" });
    assert_eq!(refused("SetAlarmState", set("OK")).await, ("ResourceNotFound".to_owned(), String::new()));
    let (code, message) = refused("SetAlarmState", set("INVALID")).await;
    assert_eq!(code, "ValidationError");
    assert!(message.ends_with("enum value set: [INSUFFICIENT_DATA, ALARM, OK]"), "{message}");
}

#[test_case(json!({ "TreatMissingData": "forget" }), "Option forget is not supported. Supported options for parameter TreatMissingData are breaching, notBreaching, ignore, and missing."; "missing data")]
#[test_case(json!({ "EvaluateLowSampleCountPercentile": "unknown" }), "Option unknown is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore."; "few samples")]
#[test_case(json!({ "AlarmActions": ["arn:alarm"] }), "Invalid arn syntax: arn:alarm"; "no arn")]
#[test_case(json!({ "EvaluationPeriods": 1441 }), "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)."; "more than a day")]
#[test_case(json!({ "Period": 3600, "EvaluationPeriods": 169 }), "Metrics cannot be checked across more than seven days (EvaluationPeriods * Period must be <= 604800)."; "more than a week")]
#[test_case(json!({ "DatapointsToAlarm": 2 }), "DatapointsToAlarm must be less than or equal to EvaluationPeriods."; "more than there are")]
#[test_case(json!({ "ExtendedStatistic": "p90" }), "Exactly one of Statistic and ExtendedStatistic must be specified."; "two statistics")]
#[test_case(json!({ "Metrics": [{ "Id": "a", "Expression": "1" }] }), "When Metrics are specified, Namespace, MetricName, Dimensions, Period, Unit, Statistic and ExtendedStatistic cannot be specified."; "a metric and metrics")]
#[test_case(json!({ "Period": 5 }), "Period must be 10, 20, 30 or a multiple of 60."; "a short period")]
#[tokio::test]
async fn an_alarm_that_cannot_be_is_refused(change: Value, message: &str) {
    let mut definition = alarm("a");
    definition.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    assert_eq!(refused("PutMetricAlarm", definition).await, ("ValidationError".to_owned(), message.to_owned()));
}

#[test_case(json!({ "ComparisonOperator": "GreaterThanUpperThreshold" }), "ComparisonOperator=GreaterThanUpperThreshold"; "an anomaly")]
#[test_case(json!({ "ThresholdMetricId": "t1" }), "ThresholdMetricId"; "a threshold that moves")]
#[tokio::test]
async fn a_part_of_an_alarm_that_is_not_run_is_named(change: Value, named: &str) {
    let mut definition = alarm("a");
    definition.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let (code, message) = refused("PutMetricAlarm", definition).await;
    assert!(code == "NotImplemented" && message.contains(named), "{message}");
}

#[tokio::test]
async fn an_extended_statistic_that_is_none_is_refused() {
    let mut definition = alarm("a");
    definition["Statistic"] = Value::Null;
    definition["ExtendedStatistic"] = json!("90");
    let message = "The value 90 for parameter ExtendedStatistic is not supported.".to_owned();
    assert_eq!(refused("PutMetricAlarm", definition).await, ("InvalidParameterValue".to_owned(), message));
}

fn statistics(change: Value) -> Value {
    let mut input = json!({ "Namespace": "n", "MetricName": "m", "StartTime": 0, "EndTime": 86_400, "Period": 60, "Statistics": ["Sum"] });
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    input
}

#[test_case(json!({ "Period": 1 }), "InvalidParameterCombination", "You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range."; "too many")]
#[test_case(json!({ "EndTime": 0.5 }), "InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime."; "within a second")]
#[test_case(json!({ "Statistics": null }), "InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics"; "no statistic")]
#[test_case(json!({ "ExtendedStatistics": ["p1"] }), "InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics"; "both")]
#[tokio::test]
async fn statistics_that_cannot_be_are_refused(change: Value, code: &str, message: &str) {
    let found = refused("GetMetricStatistics", statistics(change)).await;
    assert_eq!(found, (code.to_owned(), message.to_owned()));
}

#[test_case(json!([{ "Id": "q", "Period": 60, "Expression": "SELECT SUM(x) FROM \"n\"" }]), "NotImplemented"; "a query of metrics insights")]
#[test_case(json!([{ "Id": "q", "Expression": "RATE(m)" }]), "NotImplemented"; "a function that is not run")]
#[test_case(json!([{ "Id": "q", "Expression": "FOO(1)" }]), "ValidationError"; "a function that is none")]
#[test_case(json!([{ "Id": "q", "Expression": "m9" }]), "ValidationError"; "an id that is not there")]
#[test_case(json!([{ "Id": "q" }]), "ValidationError"; "neither kind")]
#[test_case(json!([{ "Id": "Q", "Expression": "1" }]), "ValidationError"; "a large letter")]
#[test_case(json!([{ "Id": "q", "Expression": "1" }, { "Id": "q", "Expression": "1" }]), "ValidationError"; "an id twice")]
#[tokio::test]
async fn queries_that_are_not_answered_say_why(queries: Value, code: &str) {
    let input = json!({ "StartTime": 0, "EndTime": 60, "MetricDataQueries": queries });
    assert_eq!(refused("GetMetricData", input).await.0, code);
}

#[tokio::test]
async fn values_of_different_units_are_not_put_together() {
    let world = World::new();
    let now = world.hub.now().epoch_seconds();
    let datum = |value: f64, unit: &str| json!({ "MetricName": "m", "Value": value, "Unit": unit });
    let data = json!({ "Namespace": "n", "MetricData": [datum(1.0, "Seconds"), datum(60_000.0, "Milliseconds")] });
    world.done("PutMetricData", data).await;
    let around = json!({ "StartTime": now - 120.0, "EndTime": now + 120.0, "Period": 3600 });
    let found = world.done("GetMetricStatistics", statistics(around.clone())).await;
    assert_eq!(found["Datapoints"].as_array().unwrap().len(), 2);
    let stat = json!({ "Metric": { "Namespace": "n", "MetricName": "m" }, "Period": 3600, "Stat": "Sum" });
    let mut query = around;
    query["MetricDataQueries"] = json!([{ "Id": "m1", "MetricStat": stat }]);
    let found = world.done("GetMetricData", query).await;
    let result = &found["MetricDataResults"][0];
    assert_eq!(result["Values"], json!([60_000.0]));
    assert_eq!(result["Messages"][0]["Value"], "Multiple units returned: '[Milliseconds, Seconds]'");
}

#[tokio::test]
async fn labels_tell_queries_of_one_metric_apart_and_data_come_by_pages() {
    let world = World::new();
    let now = world.hub.now().epoch_seconds();
    world.done("PutMetricData", json!({ "Namespace": "n", "MetricData": [{ "MetricName": "m", "Value": 4 }] })).await;
    let stat = |stat: &str, period: u64| json!({ "Metric": { "Namespace": "n", "MetricName": "m" }, "Period": period, "Stat": stat });
    let query = |token: Value| {
        json!({
            "StartTime": now - 60.0, "EndTime": now + 60.0, "MaxDatapoints": 1, "NextToken": token,
            "MetricDataQueries": [
                { "Id": "a", "MetricStat": stat("Sum", 3600) }, { "Id": "b", "MetricStat": stat("Minimum", 300) },
            ],
        })
    };
    let first = world.done("GetMetricData", query(Value::Null)).await;
    let labels: Vec<&Value> =
        first["MetricDataResults"].as_array().unwrap().iter().map(|result| &result["Label"]).collect();
    assert_eq!(labels, [&json!("m Sum 3600"), &json!("m Minimum 300")]);
    assert_eq!(first["MetricDataResults"][0]["Values"], json!([4.0]));
    let second = world.done("GetMetricData", query(first["NextToken"].clone())).await;
    assert_eq!(second["MetricDataResults"][1]["Values"], json!([4.0]));
    assert!(second["NextToken"].is_null());
}

#[tokio::test]
async fn a_composite_alarm_says_which_alarm_set_it_off_and_keeps_it_from_being_deleted() {
    let world = World::new();
    world.done("PutMetricAlarm", alarm("a")).await;
    let composite = |name: &str| json!({ "AlarmName": name, "AlarmRule": "ALARM(a)" });
    world.done("PutCompositeAlarm", composite("both")).await;
    let set = json!({ "AlarmName": "a", "StateValue": "ALARM", "StateReason": "a drill" });
    world.done("SetAlarmState", set).await;
    let found = world.done("DescribeAlarms", json!({ "AlarmTypes": ["CompositeAlarm"] })).await;
    let standing = &found["CompositeAlarms"][0];
    let arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:a";
    assert!(standing["StateReason"].as_str().unwrap().starts_with(&format!("{arn} transitioned to ALARM at ")));
    let data: Value = serde_json::from_str(standing["StateReasonData"].as_str().unwrap()).unwrap();
    assert_eq!((&data["triggeringAlarms"][0]["arn"], standing.get("Dimensions")), (&json!(arn), None));
    let needed = world.call("DeleteAlarms", json!({ "AlarmNames": ["a"] })).await.unwrap_err();
    assert!(needed.is("ValidationError"));
    world.done("PutCompositeAlarm", composite("another")).await;
    let two = world.call("DeleteAlarms", json!({ "AlarmNames": ["both", "another"] })).await.unwrap_err();
    assert!(two.is("ValidationError"), "one composite alarm a request");
}

#[tokio::test]
async fn tags_of_an_alarm_that_is_not_there_are_none_and_cannot_be_put() {
    let world = World::new();
    let arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:none";
    assert_eq!(world.done("ListTagsForResource", json!({ "ResourceARN": arn })).await["Tags"], json!([]));
    let tag = json!({ "ResourceARN": arn, "Tags": [{ "Key": "k", "Value": "v" }] });
    let error = world.call("TagResource", tag).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("ResourceNotFoundException", 404));
    world.done("PutMetricAlarm", alarm("none")).await;
    let reserved = json!({ "ResourceARN": arn, "Tags": [{ "Key": "aws:k", "Value": "v" }] });
    assert!(world.call("TagResource", reserved).await.unwrap_err().is("InvalidParameterValue"));
}

#[tokio::test]
async fn dashboards_are_put_listed_and_deleted() {
    let world = World::new();
    let body = json!({ "widgets": [{ "type": "text", "properties": { "markdown": "hello" } }] }).to_string();
    let put = |name: &str, body: &str| json!({ "DashboardName": name, "DashboardBody": body });
    let reply = world.done("PutDashboard", put("one", &body)).await;
    assert_eq!(reply["DashboardValidationMessages"], json!([]));
    let got = world.done("GetDashboard", json!({ "DashboardName": "one" })).await;
    assert_eq!(
        (&got["DashboardBody"], &got["DashboardArn"]),
        (&json!(body), &json!("arn:aws:cloudwatch::000000000000:dashboard/one"))
    );
    let listed = world.done("ListDashboards", json!({ "DashboardNamePrefix": "o" })).await;
    assert_eq!(listed["DashboardEntries"][0]["Size"], body.len());
    let name = world.call("PutDashboard", put("no name", &body)).await.unwrap_err();
    assert!(name.is("InvalidParameterValue"));
    let malformed = world.call("PutDashboard", put("two", "asdf")).await.unwrap_err();
    assert!(malformed.is("InvalidParameterInput"));
    let unknown = world.call("DeleteDashboards", json!({ "DashboardNames": ["none", "one"] })).await.unwrap_err();
    assert_eq!((unknown.code.as_str(), unknown.status), ("ResourceNotFound", 404));
    assert_eq!(world.done("ListDashboards", json!({})).await["DashboardEntries"], json!([]));
}
