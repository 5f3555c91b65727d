//! Tests of what lines set off: metrics of metric filters, and invocations of the functions that subscribe.

use std::io::Read;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use test_case::test_case;

use super::{append, ask, hub, service, with, with_logs};
use crate::core::testing::Fake;
use crate::core::{Hub, Service, ServiceError};

/// Logs, CloudWatch, and a Lambda with one function.
fn with_everything() -> (Arc<Hub>, Arc<Fake>) {
    let hub = hub();
    let lambda = Fake::new("lambda", |_, input| {
        if input["FunctionName"].as_str().is_some_and(|arn| arn.ends_with(":function:fn")) {
            return Ok(json!({}));
        }
        Err(ServiceError::new("ResourceNotFoundException", "Function not found").with_status(404))
    });
    let fake = Arc::clone(&lambda) as Arc<dyn Service>;
    with(&hub, vec![service(&hub), crate::cloudwatch::service(&hub), fake]);
    (hub, lambda)
}

/// The events that Lambda was asked to invoke a function with.
fn events(lambda: &Fake) -> Vec<Value> {
    let invocations = lambda.inputs("Invoke").into_iter().filter(|input| input["InvocationType"] == "Event");
    let payload = |input: Value| STANDARD.decode(input["Payload"].as_str().unwrap()).unwrap();
    invocations.map(|input| serde_json::from_slice(&payload(input)).unwrap()).collect()
}

fn metric_filter(pattern: &str, transformation: Value) -> Value {
    let mut made = json!({ "metricName": "m", "metricNamespace": "n", "metricValue": "1" });
    for (member, value) in transformation.as_object().unwrap() {
        made[member] = value.clone();
    }
    json!({ "logGroupName": "g", "filterName": "f", "filterPattern": pattern, "metricTransformations": [made] })
}

async fn sum(hub: &Hub, dimensions: Value) -> Value {
    let query = json!({
        "Namespace": "n", "MetricName": "m", "Dimensions": dimensions, "Statistics": ["Sum", "SampleCount"],
        "StartTime": hub.now().epoch_seconds() - 600.0, "EndTime": hub.now().epoch_seconds() + 600.0, "Period": 3600,
    });
    let reply = hub.call("monitoring", "GetMetricStatistics", query).await.unwrap();
    let points = reply["Datapoints"].as_array().unwrap();
    points.iter().filter_map(|point| point["Sum"].as_f64()).sum::<f64>().into()
}

#[test_case("ERROR", json!({}), json!([]), 2.0; "counted")]
#[test_case("{ $.took = * }", json!({ "metricValue": "$.took" }), json!([]), 12.5; "a value")]
#[test_case("{ $.took = * }", json!({ "dimensions": { "Route": "$.route" } }), json!([{ "Name": "Route", "Value": "/a" }]), 1.0; "a dimension")]
#[test_case("[level=ERROR, code]", json!({ "metricValue": "$code" }), json!([]), 7.0; "a field")]
#[test_case("nothing", json!({ "defaultValue": 3.0 }), json!([]), 3.0; "the default")]
#[tokio::test]
async fn lines_become_metrics(pattern: &str, transformation: Value, dimensions: Value, expected: f64) {
    let (hub, _) = with_everything();
    ask(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await.unwrap();
    ask(&hub, "PutMetricFilter", metric_filter(pattern, transformation)).await.unwrap();
    let now = hub.now();
    let lines = ["ERROR 7", "an ERROR", r#"{"took":10,"route":"/a"}"#, r#"{"took":2.5}"#];
    let lines = lines.iter().map(|line| (now, (*line).to_owned())).collect();
    append(&hub, "g", "s", lines).await.unwrap();
    assert_eq!(sum(&hub, dimensions).await, expected);
}

#[tokio::test]
async fn metric_filters_are_described_tested_and_deleted() {
    let hub = with_logs();
    ask(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await.unwrap();
    ask(&hub, "PutMetricFilter", metric_filter("{ $.a = 1 }", json!({}))).await.unwrap();
    let described = ask(&hub, "DescribeMetricFilters", json!({ "metricName": "m", "metricNamespace": "n" })).await;
    let filter = &described.unwrap()["metricFilters"][0];
    assert_eq!((&filter["filterName"], &filter["filterPattern"]), (&json!("f"), &json!("{ $.a = 1 }")));
    assert_eq!(filter["applyOnTransformedLogs"], false);
    let groups = ask(&hub, "DescribeLogGroups", json!({})).await.unwrap();
    assert_eq!(groups["logGroups"][0]["metricFilterCount"], 1);
    let test = json!({ "filterPattern": "{ $.a = 1 }", "logEventMessages": ["x", "{\"a\":1}"] });
    let matches = ask(&hub, "TestMetricFilter", test).await.unwrap();
    let expected = json!([{ "eventNumber": 2, "eventMessage": "{\"a\":1}", "extractedValues": { "$.a": "1" } }]);
    assert_eq!(matches["matches"], expected);
    let alone = ask(&hub, "DescribeMetricFilters", json!({ "metricName": "m" })).await;
    assert_eq!(alone.unwrap_err(), "InvalidParameterException");
    let name = json!({ "logGroupName": "g", "filterName": "f" });
    ask(&hub, "DeleteMetricFilter", name.clone()).await.unwrap();
    assert_eq!(ask(&hub, "DeleteMetricFilter", name).await.unwrap_err(), "ResourceNotFoundException");
}

#[test_case("{ $.a", json!({}); "a malformed pattern")]
#[test_case("x", json!({ "metricValue": "often" }); "no number")]
#[test_case("x", json!({ "dimensions": { "A": "$.a" } }); "dimensions of an unstructured line")]
#[test_case("{ $.a = 1 }", json!({ "dimensions": { "A": "$.a" }, "defaultValue": 0 }); "dimensions and a default")]
#[tokio::test]
async fn a_metric_filter_that_cannot_be_is_refused(pattern: &str, transformation: Value) {
    let hub = with_logs();
    ask(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await.unwrap();
    let refused = ask(&hub, "PutMetricFilter", metric_filter(pattern, transformation)).await;
    assert_eq!(refused.unwrap_err(), "InvalidParameterException");
}

fn subscription(name: &str, arn: &str) -> Value {
    json!({ "logGroupName": "g", "filterName": name, "filterPattern": "ERROR", "destinationArn": arn })
}

#[tokio::test]
async fn a_function_gets_the_lines_that_it_subscribes_to() {
    let (hub, functions) = with_everything();
    ask(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await.unwrap();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:fn";
    ask(&hub, "PutSubscriptionFilter", subscription("a", arn)).await.unwrap();
    let now = hub.now();
    append(&hub, "g", "s", vec![(now, "fine".to_owned()), (now, "ERROR".to_owned())]).await.unwrap();
    append(&hub, "g", "s", vec![(now, "fine".to_owned())]).await.unwrap();
    let events = events(&functions);
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let packed = STANDARD.decode(event["awslogs"]["data"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    let message: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&message["messageType"], &message["owner"]), (&json!("DATA_MESSAGE"), &json!("000000000000")));
    assert_eq!((&message["logGroup"], &message["logStream"]), (&json!("g"), &json!("s")));
    assert_eq!(
        (&message["subscriptionFilters"], &message["logEvents"][0]["message"]),
        (&json!(["a"]), &json!("ERROR"))
    );
    let described = ask(&hub, "DescribeSubscriptionFilters", json!({ "logGroupName": "g" })).await.unwrap();
    assert_eq!(described["subscriptionFilters"][0]["distribution"], "ByLogStream");
    ask(&hub, "PutSubscriptionFilter", subscription("b", arn)).await.unwrap();
    let third = ask(&hub, "PutSubscriptionFilter", subscription("c", arn)).await;
    assert_eq!(third.unwrap_err(), "LimitExceededException");
    let gone = json!({ "logGroupName": "g", "filterName": "none" });
    assert_eq!(ask(&hub, "DeleteSubscriptionFilter", gone).await.unwrap_err(), "ResourceNotFoundException");
}

#[test_case("arn:aws:lambda:us-east-1:000000000000:function:none", "InvalidParameterException"; "a function that is not there")]
#[test_case("arn:aws:lambda:us-east-1:111111111111:function:fn", "AccessDeniedException"; "another account")]
#[test_case("arn:aws:kinesis:us-east-1:000000000000:stream/s", "InvalidParameterException"; "a stream without a role")]
#[tokio::test]
async fn a_destination_that_cannot_be_reached_is_refused(arn: &str, code: &str) {
    let (hub, _) = with_everything();
    ask(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await.unwrap();
    assert_eq!(ask(&hub, "PutSubscriptionFilter", subscription("a", arn)).await.unwrap_err(), code);
}
