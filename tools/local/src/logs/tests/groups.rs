//! Groups with their settings and tags, and the events that a group does not take.

use serde_json::{Value, json};
use test_case::test_case;

use super::{ask, messages, with_logs};
use crate::core::Hub;

const ARN: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g";

async fn done(hub: &Hub, operation: &str, input: Value) -> Value {
    ask(hub, operation, input).await.unwrap()
}

#[tokio::test]
async fn events_that_are_too_old_or_too_new_are_not_kept_and_told() {
    let hub = with_logs();
    done(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await;
    done(&hub, "CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "s" })).await;
    let (now, hour) = (hub.now().as_millis(), 3_600_000);
    let put = |times: &[i64]| {
        let events: Vec<Value> =
            times.iter().map(|at| json!({ "timestamp": now + at, "message": format!("{at}") })).collect();
        json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events })
    };
    let old = done(&hub, "PutLogEvents", put(&[-15 * 24 * hour])).await;
    assert_eq!(old["rejectedLogEventsInfo"], json!({ "tooOldLogEventEndIndex": 1 }));
    let new = done(&hub, "PutLogEvents", put(&[0, 3 * hour])).await;
    assert_eq!(new["rejectedLogEventsInfo"], json!({ "tooNewLogEventStartIndex": 1 }));
    let kept = done(&hub, "FilterLogEvents", json!({ "logGroupName": "g" })).await;
    assert_eq!(messages(&kept), ["0"]);
    assert!(done(&hub, "PutLogEvents", put(&[1])).await.get("rejectedLogEventsInfo").is_none());
}

#[test_case(json!({ "logGroupName": "g", "kmsKeyId": "arn:aws:kms:us-east-1:000000000000:key/k" }), "NotImplemented"; "a key")]
#[test_case(json!({ "logGroupName": "g", "logGroupClass": "DELIVERY" }), "NotImplemented"; "a class that is not run")]
#[test_case(json!({ "logGroupName": "g h" }), "InvalidParameterException"; "a space")]
#[test_case(json!({ "logGroupName": "g".repeat(513) }), "InvalidParameterException"; "a long name")]
#[test_case(json!({ "logGroupName": "g", "tags": { "aws:x": "1" } }), "InvalidParameterException"; "a tag of AWS")]
#[tokio::test]
async fn a_group_that_cannot_be_is_not_made(input: Value, code: &str) {
    let hub = with_logs();
    assert_eq!(ask(&hub, "CreateLogGroup", input).await.unwrap_err(), code);
    assert_eq!(done(&hub, "DescribeLogGroups", json!({})).await["logGroups"], json!([]));
}

#[tokio::test]
async fn groups_are_found_by_prefix_pattern_class_and_page() {
    let hub = with_logs();
    for (name, class) in [("/a/One", "STANDARD"), ("/a/two", "INFREQUENT_ACCESS"), ("/b/one", "STANDARD")] {
        done(&hub, "CreateLogGroup", json!({ "logGroupName": name, "logGroupClass": class })).await;
    }
    let names = |reply: Value| -> Vec<String> {
        let groups = reply["logGroups"].as_array().unwrap();
        groups.iter().map(|group| group["logGroupName"].as_str().unwrap().to_owned()).collect()
    };
    let found = async |input: Value| names(done(&hub, "DescribeLogGroups", input).await);
    assert_eq!(found(json!({ "logGroupNamePrefix": "/a/" })).await, ["/a/One", "/a/two"]);
    assert_eq!(found(json!({ "logGroupNamePattern": "ONE" })).await, ["/a/One", "/b/one"]);
    assert_eq!(found(json!({ "logGroupClass": "INFREQUENT_ACCESS" })).await, ["/a/two"]);
    let first = done(&hub, "DescribeLogGroups", json!({ "limit": 2 })).await;
    assert_eq!(found(json!({ "limit": 2, "nextToken": first["nextToken"] })).await, ["/b/one"]);
    let both = ask(&hub, "DescribeLogGroups", json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "b" })).await;
    assert_eq!(both.unwrap_err(), "InvalidParameterException");
    let read = json!({ "logGroupName": "/a/two", "logStreamName": "s" });
    assert_eq!(ask(&hub, "GetLogEvents", read).await.unwrap_err(), "InvalidOperationException");
}

#[tokio::test]
async fn tags_are_the_same_by_name_and_by_arn() {
    let hub = with_logs();
    done(&hub, "CreateLogGroup", json!({ "logGroupName": "g", "tags": { "a": "1" } })).await;
    done(&hub, "TagResource", json!({ "resourceArn": ARN, "tags": { "b": "2" } })).await;
    done(&hub, "TagLogGroup", json!({ "logGroupName": "g", "tags": { "c": "3" } })).await;
    let expected = json!({ "a": "1", "b": "2", "c": "3" });
    assert_eq!(done(&hub, "ListTagsLogGroup", json!({ "logGroupName": "g" })).await["tags"], expected);
    assert_eq!(done(&hub, "ListTagsForResource", json!({ "resourceArn": ARN })).await["tags"], expected);
    done(&hub, "UntagLogGroup", json!({ "logGroupName": "g", "tags": ["a"] })).await;
    done(&hub, "UntagResource", json!({ "resourceArn": ARN, "tagKeys": ["b", "c"] })).await;
    assert_eq!(done(&hub, "ListTagsLogGroup", json!({ "logGroupName": "g" })).await["tags"], json!({}));
    let many = |from: usize| -> Value {
        (from..from + 30).map(|number| (format!("k{number}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    done(&hub, "TagResource", json!({ "resourceArn": ARN, "tags": many(0) })).await;
    let refused = ask(&hub, "TagResource", json!({ "resourceArn": ARN, "tags": many(30) })).await;
    assert_eq!(refused.unwrap_err(), "TooManyTagsException");
}

#[tokio::test]
async fn a_group_is_named_once_and_streams_have_an_order() {
    let hub = with_logs();
    done(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await;
    for (stream, at) in [("a", 3), ("b", 1), ("c", 2)] {
        let at = hub.now() + std::time::Duration::from_secs(at);
        super::append(&hub, "g", stream, vec![(at, "m".to_owned())]).await.unwrap();
    }
    let names = |reply: &Value| -> Vec<String> {
        let streams = reply["logStreams"].as_array().unwrap();
        streams.iter().map(|stream| stream["logStreamName"].as_str().unwrap().to_owned()).collect()
    };
    let described = async |input: Value| done(&hub, "DescribeLogStreams", input).await;
    assert_eq!(names(&described(json!({ "logGroupIdentifier": ARN })).await), ["a", "b", "c"]);
    let by_time = json!({ "logGroupName": "g", "orderBy": "LastEventTime", "descending": true });
    assert_eq!(names(&described(by_time).await), ["a", "c", "b"]);
    let both = ask(&hub, "DescribeLogStreams", json!({ "logGroupName": "g", "logGroupIdentifier": "g" })).await;
    assert_eq!(both.unwrap_err(), "ValidationException");
    let streams = json!({ "logGroupName": "g", "logStreamNames": ["a"], "logStreamNamePrefix": "a" });
    assert_eq!(ask(&hub, "FilterLogEvents", streams).await.unwrap_err(), "InvalidParameterException");
    let missing = json!({ "logGroupName": "g", "logStreamNames": ["none"] });
    assert_eq!(ask(&hub, "FilterLogEvents", missing).await.unwrap_err(), "ResourceNotFoundException");
}

#[tokio::test]
async fn policies_of_the_account_are_kept_described_and_decide() {
    let hub = with_logs();
    let put = |name: &str, document: Value| json!({ "policyName": name, "policyDocument": document.to_string() });
    let statement = json!({
        "Effect": "Allow", "Principal": { "Service": ["events.amazonaws.com"] }, "Action": "logs:PutLogEvents",
        "Resource": "*",
    });
    let document = json!({ "Statement": statement });
    assert_eq!(ask(&hub, "PutResourcePolicy", put("p", json!([]))).await.unwrap_err(), "InvalidParameterException");
    let made = done(&hub, "PutResourcePolicy", put("p", document.clone())).await;
    assert_eq!(made["resourcePolicy"]["policyDocument"], document.to_string());
    let described = done(&hub, "DescribeResourcePolicies", json!({})).await;
    let policy = &described["resourcePolicies"][0];
    assert_eq!((&policy["policyName"], &policy["policyScope"]), (&json!("p"), &json!("ACCOUNT")));
    let normal: Value = serde_json::from_str(policy["policyDocument"].as_str().unwrap()).unwrap();
    assert_eq!(normal["Version"], "2008-10-17");
    assert_eq!(normal["Statement"][0]["Principal"]["Service"], "events.amazonaws.com");
    let deciding = hub.service("logs").unwrap().resource_policy(ARN).unwrap();
    assert!(deciding.contains("events.amazonaws.com"), "{deciding}");
    for more in 1..10 {
        done(&hub, "PutResourcePolicy", put(&format!("p{more}"), document.clone())).await;
    }
    done(&hub, "PutResourcePolicy", put("p", document.clone())).await;
    assert_eq!(ask(&hub, "PutResourcePolicy", put("q", document)).await.unwrap_err(), "LimitExceededException");
    done(&hub, "DeleteResourcePolicy", json!({ "policyName": "p" })).await;
    assert_eq!(
        ask(&hub, "DeleteResourcePolicy", json!({ "policyName": "p" })).await.unwrap_err(),
        "ResourceNotFoundException"
    );
}

#[test_case("CreateLogGroup", json!({ "logGroupName": "a".repeat(513) }), "Invalid LogGroup or LogStream, both must have length less than or equal to 512."; "a name that is too long")]
#[test_case("DescribeLogStreams", json!({ "logGroupIdentifier": format!("{ARN}:*") }), "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w#+=/:,.@-]*"; "an identifier is not shown")]
#[tokio::test]
async fn some_faults_are_told_otherwise_than_the_model_has_them(operation: &str, input: Value, message: &str) {
    let error = crate::core::testing::ask(&**with_logs().service("logs").unwrap(), operation, input).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("InvalidParameterException", message));
}

#[tokio::test]
async fn a_metrics_namespace_may_hold_a_colon() {
    let hub = with_logs();
    done(&hub, "CreateLogGroup", json!({ "logGroupName": "g" })).await;
    let put = |namespace: &str| {
        let transformation = json!({ "metricName": "m", "metricNamespace": namespace, "metricValue": "1" });
        json!({ "logGroupName": "g", "filterName": "f", "filterPattern": "", "metricTransformations": [transformation] })
    };
    done(&hub, "PutMetricFilter", put("A.B-c_d/1#2:x")).await;
    assert_eq!(ask(&hub, "PutMetricFilter", put("a*")).await.unwrap_err(), "InvalidParameterException");
}

#[tokio::test]
async fn there_are_no_destinations_and_none_can_be_put() {
    let hub = with_logs();
    assert_eq!(done(&hub, "DescribeDestinations", json!({})).await["destinations"], json!([]));
    let gone = ask(&hub, "DeleteDestination", json!({ "destinationName": "d" })).await;
    assert_eq!(gone.unwrap_err(), "ResourceNotFoundException");
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let put = json!({ "destinationName": "d", "targetArn": stream, "roleArn": "arn:aws:iam::000000000000:role/r" });
    assert_eq!(ask(&hub, "PutDestination", put).await.unwrap_err(), "NotImplemented");
}
