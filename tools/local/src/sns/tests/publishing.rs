//! Messages, batches, filters, and the records that functions get.

use test_case::test_case;

use super::*;

#[tokio::test]
async fn a_function_gets_a_record_with_every_member() {
    let (sns, mut payloads, _) = sns();
    let topic = topic(&sns).await;
    let subscription = subscribed(&sns, &topic, json!({})).await;
    let attributes = json!({
        "raw": { "DataType": "Binary", "BinaryValue": "AQI=" }, "text": { "DataType": "String", "StringValue": "x" },
    });
    let published =
        done(&sns, "Publish", json!({ "TopicArn": topic, "Message": "m", "MessageAttributes": attributes })).await;
    let event = payloads.recv().await.unwrap();
    let record = &event["Records"][0];
    assert_eq!((&record["EventSource"], &record["EventVersion"]), (&json!("aws:sns"), &json!("1.0")));
    assert_eq!(record["EventSubscriptionArn"], subscription);
    let sns = &record["Sns"];
    for (name, value) in [
        ("Type", json!("Notification")),
        ("MessageId", published["MessageId"].clone()),
        ("TopicArn", json!(topic)),
        ("Subject", Value::Null),
        ("Message", json!("m")),
        ("SignatureVersion", json!("1")),
        (
            "MessageAttributes",
            json!({ "raw": { "Type": "Binary", "Value": "AQI=" }, "text": { "Type": "String", "Value": "x" } }),
        ),
    ] {
        assert_eq!(sns[name], value, "{name}");
    }
    for name in ["Timestamp", "Signature", "SigningCertUrl", "UnsubscribeUrl"] {
        assert!(sns[name].is_string(), "{name}");
    }
}

#[tokio::test]
async fn filters_decide_who_hears() {
    let (sns, mut payloads, _) = sns();
    let topic = topic(&sns).await;
    subscribed(&sns, &topic, json!({ "FilterPolicy": "{\"n\":[{\"numeric\":[\">\",1]}]}" })).await;
    let publish = |message: &str, n: &str| {
        let attributes = json!({ "n": { "DataType": "Number", "StringValue": n } });
        json!({ "TopicArn": topic, "Message": message, "MessageAttributes": attributes })
    };
    done(&sns, "Publish", publish("low", "1")).await;
    done(&sns, "Publish", json!({ "TopicArn": topic, "Message": "none" })).await;
    done(&sns, "Publish", publish("high", "2")).await;
    assert_eq!(payloads.recv().await.unwrap()["Records"][0]["Sns"]["Message"], "high");
}

#[tokio::test]
async fn a_filter_on_the_body_reads_json_and_a_function_its_own_text() {
    let (sns, mut payloads, _) = sns();
    let topic = topic(&sns).await;
    let policy = json!({ "order": { "state": ["paid"] } }).to_string();
    subscribed(&sns, &topic, json!({ "FilterPolicy": policy, "FilterPolicyScope": "MessageBody" })).await;
    for text in ["text", "{\"order\": {\"state\": \"open\"}}"] {
        done(&sns, "Publish", json!({ "TopicArn": topic, "Message": text })).await;
    }
    let paid = "{\"order\": {\"state\": \"paid\"}}";
    let message = json!({ "default": "all", "lambda": paid }).to_string();
    done(&sns, "Publish", json!({ "TopicArn": topic, "Message": message, "MessageStructure": "json" })).await;
    assert_eq!(payloads.recv().await.unwrap()["Records"][0]["Sns"]["Message"], paid);
}

#[test_case(json!([]), "EmptyBatchRequest"; "no entries")]
#[test_case((0..11).map(|n| json!({"Id": n.to_string(), "Message": "m"})).collect(), "TooManyEntriesInBatchRequest"; "eleven entries")]
#[test_case(json!([{"Id": "a", "Message": "m"}, {"Id": "a", "Message": "m"}]), "BatchEntryIdsNotDistinct"; "an id twice")]
#[test_case(json!([{"Id": "a.b", "Message": "m"}]), "InvalidBatchEntryId"; "an id of other letters")]
#[test_case(json!([{"Id": "x".repeat(81), "Message": "m"}]), "InvalidBatchEntryId"; "a long id")]
#[test_case(json!([{"Id": "a", "Message": "m".repeat(200_000)}, {"Id": "b", "Message": "m".repeat(80_000)}]), "BatchRequestTooLong"; "long together")]
#[test_case(json!([{"Id": "a", "Message": "m", "MessageAttributes": {"x": {"DataType": "Text", "StringValue": "1"}}}]), "ParameterValueInvalid"; "a wrong attribute")]
#[test_case(json!([{"Id": "a"}]), "ValidationError"; "no message")]
#[tokio::test]
async fn a_wrong_batch_publishes_nothing(entries: Value, code: &str) {
    let (sns, ..) = sns();
    let topic = topic(&sns).await;
    let input = json!({ "TopicArn": topic, "PublishBatchRequestEntries": entries });
    assert_eq!(refused(&sns, "PublishBatch", input).await.0, code);
}

#[tokio::test]
async fn of_a_batch_each_message_fails_by_itself() {
    let (sns, ..) = sns();
    let topic = topic(&sns).await;
    let entries = json!([{ "Id": "good", "Message": "m" }, { "Id": "bad", "Message": "m", "Subject": "" }]);
    let reply = done(&sns, "PublishBatch", json!({ "TopicArn": topic, "PublishBatchRequestEntries": entries })).await;
    assert_eq!(reply["Successful"][0]["Id"], "good");
    assert_eq!(
        reply["Failed"],
        json!([{ "Id": "bad", "Code": "InvalidParameter", "Message": "Invalid parameter: Subject", "SenderFault": true }])
    );
}

#[test_case(json!({"Message": "m"}), "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"; "to nobody")]
#[test_case(json!({"Message": "m", "PhoneNumber": "+1a234"}), "Invalid parameter: PhoneNumber Reason: +1a234 is not valid to publish to"; "to no number")]
#[test_case(json!({"Message": "m", "TargetArn": "arn:aws:sns:us-east-1:000000000000:endpoint/APNS/a/b"}), "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"; "to an app")]
#[tokio::test]
async fn a_message_needs_a_topic(input: Value, message: &str) {
    let (sns, ..) = sns();
    assert_eq!(refused(&sns, "Publish", input).await.2, message);
}

#[tokio::test]
async fn a_message_is_as_long_as_aws_takes_it() {
    let (sns, ..) = sns();
    let topic = topic(&sns).await;
    let publish = |length: usize| json!({ "TopicArn": topic, "Message": "m".repeat(length) });
    done(&sns, "Publish", publish(256 * 1024)).await;
    assert_eq!(refused(&sns, "Publish", publish(256 * 1024 + 1)).await.2, "Invalid parameter: Message too long");
}
