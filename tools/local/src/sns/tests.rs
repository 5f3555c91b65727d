//! The service as a client meets it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use test_case::test_case;
use tokio::sync::mpsc;

use super::service;
use crate::core::testing::{self, Fake, hub};
use crate::core::{Caller, Principal, Reply, Request, Service};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:app";

/// SNS with functions and logs that take everything; what functions get comes out of the receiver.
fn sns() -> (Arc<dyn Service>, mpsc::UnboundedReceiver<Value>, Arc<Fake>) {
    let hub = hub();
    let (invoked, payloads) = mpsc::unbounded_channel();
    let lambda = Fake::new("lambda", move |_, input| {
        let payload = STANDARD.decode(input["Payload"].as_str().unwrap()).unwrap();
        invoked.send(serde_json::from_slice(&payload).unwrap()).unwrap();
        Ok(json!({ "StatusCode": 202 }))
    });
    let logs = Fake::new("logs", |_, _| Ok(json!({})));
    testing::with(&hub, vec![lambda, Arc::clone(&logs) as Arc<dyn Service>]);
    (service(&hub), payloads, logs)
}

async fn ask(sns: &Arc<dyn Service>, operation: &str, input: Value) -> Reply {
    testing::ask(sns.as_ref(), operation, input).await
}

async fn done(sns: &Arc<dyn Service>, operation: &str, input: Value) -> Value {
    ask(sns, operation, input).await.unwrap()
}

/// Code, status and text of a refusal.
async fn refused(sns: &Arc<dyn Service>, operation: &str, input: Value) -> (String, u16, String) {
    let error = ask(sns, operation, input).await.unwrap_err();
    (error.code, error.status, error.message)
}

async fn topic(sns: &Arc<dyn Service>) -> String {
    done(sns, "CreateTopic", json!({ "Name": "news" })).await["TopicArn"].as_str().unwrap().to_owned()
}

async fn subscribed(sns: &Arc<dyn Service>, topic: &str, attributes: Value) -> String {
    let input = json!({ "TopicArn": topic, "Protocol": "lambda", "Endpoint": FUNCTION, "Attributes": attributes });
    done(sns, "Subscribe", input).await["SubscriptionArn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_topic_answers_every_attribute() {
    let (sns, ..) = sns();
    let arn = topic(&sns).await;
    assert_eq!(arn, "arn:aws:sns:us-east-1:000000000000:news");
    let reply = done(&sns, "GetTopicAttributes", json!({ "TopicArn": arn })).await;
    let attributes = &reply["Attributes"];
    for (name, value) in [
        ("DisplayName", ""),
        ("Owner", "000000000000"),
        ("SubscriptionsConfirmed", "0"),
        ("SubscriptionsPending", "0"),
        ("SubscriptionsDeleted", "0"),
    ] {
        assert_eq!(attributes[name], value, "{name}");
    }
    let policy: Value = serde_json::from_str(attributes["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Condition"], json!({ "StringEquals": { "AWS:SourceOwner": "000000000000" } }));
    let delivery: Value = serde_json::from_str(attributes["EffectiveDeliveryPolicy"].as_str().unwrap()).unwrap();
    assert_eq!(delivery["http"]["defaultHealthyRetryPolicy"]["numRetries"], 3);
    assert!(attributes.get("KmsMasterKeyId").is_none() && attributes.get("FifoTopic").is_none());
}

#[tokio::test]
async fn a_topic_is_created_again_only_as_it_is() {
    let (sns, ..) = sns();
    let create = |more: Value| json!({ "Name": "t", "Attributes": more, "Tags": [{ "Key": "k", "Value": "v" }] });
    let first = done(&sns, "CreateTopic", create(json!({ "DisplayName": "a" }))).await;
    assert_eq!(done(&sns, "CreateTopic", create(json!({ "DisplayName": "a" }))).await, first);
    assert_eq!(done(&sns, "CreateTopic", json!({ "Name": "t" })).await, first);
    let other = refused(&sns, "CreateTopic", create(json!({ "DisplayName": "b" }))).await;
    assert_eq!(other.0, "InvalidParameter");
    assert_eq!(other.2, "Invalid parameter: Attributes Reason: Topic already exists with different attributes");
    let tags = json!({ "Name": "t", "Tags": [{ "Key": "k", "Value": "w" }] });
    let other = refused(&sns, "CreateTopic", tags).await;
    assert_eq!(other.2, "Invalid parameter: Tags Reason: Topic already exists with different tags");
}

#[test_case(json!({"Name": ""}), "InvalidParameter"; "no name")]
#[test_case(json!({"Name": "a:b"}), "InvalidParameter"; "a name of other letters")]
#[test_case(json!({"Name": "n".repeat(257)}), "InvalidParameter"; "a long name")]
#[test_case(json!({"Name": "t.fifo"}), "InvalidParameter"; "the name of another kind")]
#[test_case(json!({"Name": "t", "Attributes": {"FifoTopic": "true"}}), "InvalidParameter"; "another kind without its name")]
#[test_case(json!({"Name": "t.fifo", "Attributes": {"FifoTopic": "true"}}), "NotImplemented"; "another kind")]
#[test_case(json!({"Name": "t", "Attributes": {"Nope": "x"}}), "InvalidParameter"; "an unknown attribute")]
#[test_case(json!({"Name": "t", "Attributes": {"SignatureVersion": "3"}}), "InvalidParameter"; "an unknown signature")]
#[test_case(json!({"Name": "t", "Attributes": {"TracingConfig": "Active"}}), "NotImplemented"; "tracing")]
#[test_case(json!({"Name": "t", "Attributes": {"LambdaSuccessFeedbackRoleArn": "arn:aws:iam::0:role/r"}}), "NotImplemented"; "logs of deliveries")]
#[test_case(json!({"Name": "t", "DataProtectionPolicy": "{}"}), "NotImplemented"; "data protection")]
#[test_case(json!({"Name": "t", "Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]}), "InvalidParameter"; "a tag twice")]
#[tokio::test]
async fn a_topic_that_aws_refuses_is_refused(input: Value, code: &str) {
    let (sns, ..) = sns();
    assert_eq!(refused(&sns, "CreateTopic", input).await.0, code);
    assert_eq!(done(&sns, "ListTopics", json!({})).await["Topics"], json!([]));
}

#[tokio::test]
async fn attributes_are_set_one_by_one() {
    let (sns, ..) = sns();
    let arn = topic(&sns).await;
    let set = |name: &str, value: &str| json!({ "TopicArn": arn, "AttributeName": name, "AttributeValue": value });
    for (name, value) in [("DisplayName", "News"), ("SignatureVersion", "2"), ("KmsMasterKeyId", "alias/mine")] {
        done(&sns, "SetTopicAttributes", set(name, value)).await;
    }
    let attributes = done(&sns, "GetTopicAttributes", json!({ "TopicArn": arn })).await;
    assert_eq!(attributes["Attributes"]["KmsMasterKeyId"], "alias/mine");
    let unknown = refused(&sns, "SetTopicAttributes", set("FifoTopic", "false")).await;
    assert_eq!(unknown.2, "Invalid parameter: AttributeName");
    // The key is none that the plane has.
    let publish = json!({ "TopicArn": arn, "Message": "m" });
    assert_eq!(refused(&sns, "Publish", publish).await.0, "KMSNotFound");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (sns, ..) = sns();
    let none = "arn:aws:sns:us-east-1:000000000000:none";
    let missing = ("NotFound".to_owned(), 404, "Topic does not exist".to_owned());
    assert_eq!(refused(&sns, "GetTopicAttributes", json!({ "TopicArn": none })).await, missing);
    assert_eq!(refused(&sns, "Publish", json!({ "TopicArn": none, "Message": "m" })).await, missing);
    // Before the endpoint is looked at.
    let subscribe = json!({ "TopicArn": none, "Protocol": "lambda", "Endpoint": "no ARN" });
    assert_eq!(refused(&sns, "Subscribe", subscribe).await, missing);
    let short = refused(&sns, "GetTopicAttributes", json!({ "TopicArn": "arn:aws" })).await;
    assert_eq!(short.2, "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 2");
    let tags = refused(&sns, "ListTagsForResource", json!({ "ResourceArn": none })).await;
    assert_eq!(tags, ("ResourceNotFound".to_owned(), 404, "Resource does not exist".to_owned()));
    let subscription = json!({ "SubscriptionArn": format!("{none}:x") });
    let missing = refused(&sns, "GetSubscriptionAttributes", subscription.clone()).await;
    assert_eq!((missing.0.as_str(), missing.1, missing.2.as_str()), ("NotFound", 404, "Subscription does not exist"));
    done(&sns, "DeleteTopic", json!({ "TopicArn": none })).await;
    done(&sns, "Unsubscribe", subscription).await;
    let elsewhere = json!({ "TopicArn": "arn:aws:sns:eu-west-1:000000000000:news", "Message": "m" });
    assert_eq!(refused(&sns, "Publish", elsewhere).await.2, "Invalid parameter: TopicArn");
}

#[tokio::test]
async fn tags_are_set_removed_and_counted() {
    let (sns, ..) = sns();
    let arn = topic(&sns).await;
    let tags = |from: usize, to: usize| -> Value {
        (from..to).map(|n| json!({ "Key": format!("k{n}"), "Value": "v" })).collect()
    };
    done(&sns, "TagResource", json!({ "ResourceArn": arn, "Tags": tags(0, 50) })).await;
    let more = refused(&sns, "TagResource", json!({ "ResourceArn": arn, "Tags": tags(50, 51) })).await;
    assert_eq!(more.0, "TagLimitExceeded");
    assert_eq!(more.2, "Could not complete request: tag quota of per resource exceeded");
    let keys: Vec<String> = (1..50).map(|n| format!("k{n}")).collect();
    done(&sns, "UntagResource", json!({ "ResourceArn": arn, "TagKeys": keys })).await;
    assert_eq!(done(&sns, "ListTagsForResource", json!({ "ResourceArn": arn })).await["Tags"], tags(0, 1));
}

#[tokio::test]
async fn permissions_are_statements_of_the_policy() {
    let (sns, ..) = sns();
    let arn = topic(&sns).await;
    let add = |label: &str, actions: Value| json!({ "TopicArn": arn, "Label": label, "AWSAccountId": ["111111111111"], "ActionName": actions });
    done(&sns, "AddPermission", add("them", json!(["Publish"]))).await;
    let again = refused(&sns, "AddPermission", add("them", json!(["Publish"]))).await;
    assert_eq!(again.2, "Invalid parameter: Statement already exists");
    let action = refused(&sns, "AddPermission", add("more", json!(["Fly"]))).await;
    assert_eq!(action.2, "Invalid parameter: Policy statement action out of service scope!");
    let policy = sns.resource_policy(&arn).unwrap();
    let policy: Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(
        policy["Statement"][1],
        json!({
            "Sid": "them", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
            "Action": "SNS:Publish", "Resource": arn,
        })
    );
    done(&sns, "RemovePermission", json!({ "TopicArn": arn, "Label": "them" })).await;
    let policy: Value = serde_json::from_str(&sns.resource_policy(&arn).unwrap()).unwrap();
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_subscription_answers_every_attribute() {
    let (sns, ..) = sns();
    let topic = topic(&sns).await;
    let arn = subscribed(&sns, &topic, json!({ "FilterPolicy": "{\"a\":[\"x\"]}" })).await;
    let reply = done(&sns, "GetSubscriptionAttributes", json!({ "SubscriptionArn": arn })).await;
    assert_eq!(
        reply["Attributes"],
        json!({
            "SubscriptionArn": arn, "TopicArn": topic, "Protocol": "lambda", "Endpoint": FUNCTION,
            "Owner": "000000000000", "SubscriptionPrincipal": "arn:aws:iam::000000000000:root",
            "ConfirmationWasAuthenticated": "true", "PendingConfirmation": "false", "RawMessageDelivery": "false",
            "FilterPolicy": "{\"a\":[\"x\"]}", "FilterPolicyScope": "MessageAttributes",
        })
    );
    assert_eq!(subscribed(&sns, &topic, json!({})).await, arn, "it is there already");
    let other = json!({
        "TopicArn": topic, "Protocol": "lambda", "Endpoint": FUNCTION, "Attributes": { "FilterPolicy": "{\"a\":[\"y\"]}" },
    });
    let other = refused(&sns, "Subscribe", other).await;
    assert_eq!(other.2, "Invalid parameter: Attributes Reason: Subscription already exists with different attributes");
    let counted = done(&sns, "GetTopicAttributes", json!({ "TopicArn": topic })).await;
    assert_eq!(counted["Attributes"]["SubscriptionsConfirmed"], "1");
    done(&sns, "Unsubscribe", json!({ "SubscriptionArn": arn })).await;
    let counted = done(&sns, "GetTopicAttributes", json!({ "TopicArn": topic })).await;
    assert_eq!(counted["Attributes"]["SubscriptionsDeleted"], "1");
}

#[test_case("RawMessageDelivery", "maybe", "RawMessageDelivery: Invalid value [maybe]. Must be true or false."; "no truth value")]
#[test_case("RawMessageDelivery", "true", "Delivery protocol [lambda] does not support raw message delivery."; "raw for a function")]
#[test_case("FilterPolicyScope", "Both", "FilterPolicyScope: Invalid value [Both]. Please use either MessageBody or MessageAttributes"; "an unknown scope")]
#[test_case("RedrivePolicy", "{\"deadLetterTargetArn\": \"fake\"}", "RedrivePolicy: deadLetterTargetArn is an invalid arn"; "a queue that is none")]
#[test_case("Nope", "x", "AttributeName"; "an unknown attribute")]
#[tokio::test]
async fn a_wrong_attribute_changes_nothing(name: &str, value: &str, reason: &str) {
    let (sns, ..) = sns();
    let topic = topic(&sns).await;
    let arn = subscribed(&sns, &topic, json!({})).await;
    let get = json!({ "SubscriptionArn": arn });
    let before = done(&sns, "GetSubscriptionAttributes", get.clone()).await;
    let set = json!({ "SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value });
    let error = refused(&sns, "SetSubscriptionAttributes", set).await;
    assert_eq!((error.0.as_str(), error.2), ("InvalidParameter", format!("Invalid parameter: {reason}")));
    assert_eq!(done(&sns, "GetSubscriptionAttributes", get).await, before);
    let endpoint = format!("{FUNCTION}2");
    let subscribe =
        json!({ "TopicArn": topic, "Protocol": "lambda", "Endpoint": endpoint, "Attributes": { name: value } });
    let error = refused(&sns, "Subscribe", subscribe).await;
    assert_eq!(error.2, format!("Invalid parameter: Attributes Reason: {reason}"));
}

#[test_case("x", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"; "no ARN")]
#[test_case("arn:aws:sns:us-east-1:000000000000:news", "SubscriptionId"; "the ARN of a topic")]
#[test_case("", "SubscriptionArn Reason: no value for required parameter"; "nothing")]
#[tokio::test]
async fn what_is_no_subscription_is_not_unsubscribed(arn: &str, reason: &str) {
    let (sns, ..) = sns();
    let error = refused(&sns, "Unsubscribe", json!({ "SubscriptionArn": arn })).await;
    assert_eq!(error.2, format!("Invalid parameter: {reason}"));
}

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

#[tokio::test]
async fn a_mailbox_confirms_with_the_token_in_the_log() {
    let (sns, _, logs) = sns();
    let topic = topic(&sns).await;
    let input = json!({ "TopicArn": topic, "Protocol": "email", "Endpoint": "a@example.com" });
    assert_eq!(done(&sns, "Subscribe", input).await["SubscriptionArn"], "pending confirmation");
    let listed = done(&sns, "ListSubscriptions", json!({})).await;
    assert_eq!(listed["Subscriptions"][0]["SubscriptionArn"], "PendingConfirmation");
    while logs.inputs("PutLogEvents").is_empty() {
        tokio::task::yield_now().await;
    }
    let letter = logs.inputs("PutLogEvents")[0]["logEvents"][0]["message"].as_str().unwrap().to_owned();
    let token = letter.rsplit("Token=").next().unwrap();
    let wrong = json!({ "TopicArn": topic, "Token": "randomtoken" });
    assert_eq!(refused(&sns, "ConfirmSubscription", wrong).await.2, "Invalid token");
    let wrong = json!({ "TopicArn": topic, "Token": "51b2ff3edb" });
    assert_eq!(refused(&sns, "ConfirmSubscription", wrong).await.2, "Invalid parameter: Token");
    let confirm = json!({ "TopicArn": topic, "Token": token });
    // The link in a letter is followed by somebody who signs nothing.
    let request = Request::from_wire("ConfirmSubscription", confirm, Caller::from(Principal::Anonymous));
    let arn = sns.call(request).await.unwrap()["SubscriptionArn"].clone();
    let attributes = done(&sns, "GetSubscriptionAttributes", json!({ "SubscriptionArn": arn })).await;
    assert_eq!(attributes["Attributes"]["PendingConfirmation"], "false");
    assert_eq!(attributes["Attributes"]["ConfirmationWasAuthenticated"], "false");
}

#[tokio::test]
async fn a_page_has_a_hundred_items() {
    let (sns, ..) = sns();
    for n in 0..101 {
        done(&sns, "CreateTopic", json!({ "Name": format!("t{n}") })).await;
    }
    let first = done(&sns, "ListTopics", json!({})).await;
    assert_eq!(first["Topics"].as_array().unwrap().len(), 100);
    let rest = done(&sns, "ListTopics", json!({ "NextToken": first["NextToken"] })).await;
    assert_eq!(rest["Topics"].as_array().unwrap().len(), 1);
    assert!(rest["NextToken"].is_null());
    let wrong = refused(&sns, "ListTopics", json!({ "NextToken": "nonsense" })).await;
    assert_eq!(wrong.2, "Invalid parameter: NextToken");
}

/// The request that an endpoint was posted.
#[derive(Debug)]
struct Posted {
    headers: http::HeaderMap,
    body: String,
}

impl Posted {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// An HTTP endpoint that takes everything; what it is posted comes out of the receiver.
async fn endpoint() -> (String, mpsc::UnboundedReceiver<Posted>) {
    let (sender, posts) = mpsc::unbounded_channel();
    let take = move |headers: http::HeaderMap, body: String| {
        sender.send(Posted { headers, body }).unwrap();
        async { "" }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(take);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, posts)
}

#[tokio::test]
async fn an_endpoint_is_asked_told_and_bidden_farewell() {
    let (sns, ..) = sns();
    let topic = topic(&sns).await;
    let (url, mut posts) = endpoint().await;
    let input = json!({ "TopicArn": topic, "Protocol": "http", "Endpoint": url, "ReturnSubscriptionArn": true });
    let arn = done(&sns, "Subscribe", input).await["SubscriptionArn"].clone();
    let asked = posts.recv().await.unwrap();
    assert_eq!(asked.header("x-amz-sns-message-type"), "SubscriptionConfirmation");
    assert_eq!(asked.header("x-amz-sns-message-id"), asked.json()["MessageId"]);
    assert!(asked.json()["SubscribeURL"].as_str().unwrap().contains("?Action=ConfirmSubscription&TopicArn="));
    let confirm = json!({ "TopicArn": topic, "Token": asked.json()["Token"] });
    done(&sns, "ConfirmSubscription", confirm).await;

    done(&sns, "Publish", json!({ "TopicArn": topic, "Message": "m", "Subject": "s" })).await;
    let told = posts.recv().await.unwrap();
    assert_eq!(told.header("x-amz-sns-message-type"), "Notification");
    assert_eq!(told.header("x-amz-sns-topic-arn"), topic);
    assert_eq!(told.header("x-amz-sns-subscription-arn"), arn);
    assert_eq!(told.header("content-type"), "text/plain; charset=UTF-8");
    assert_eq!(told.header("user-agent"), "Amazon Simple Notification Service Agent");
    let body = told.json();
    assert_eq!((&body["Message"], &body["Subject"], &body["Type"]), (&json!("m"), &json!("s"), &json!("Notification")));
    assert!(body["SigningCertURL"].is_string() && body["UnsubscribeURL"].is_string());
    assert!(body.get("MessageAttributes").is_none());

    let raw = json!({ "SubscriptionArn": arn, "AttributeName": "RawMessageDelivery", "AttributeValue": "True" });
    done(&sns, "SetSubscriptionAttributes", raw).await;
    done(&sns, "Publish", json!({ "TopicArn": topic, "Message": "bare" })).await;
    let told = posts.recv().await.unwrap();
    assert_eq!((told.header("x-amz-sns-rawdelivery"), told.body.as_str()), ("true", "bare"));

    done(&sns, "Unsubscribe", json!({ "SubscriptionArn": arn })).await;
    let farewell = posts.recv().await.unwrap();
    assert_eq!(farewell.json()["Type"], "UnsubscribeConfirmation");
    let restore = json!({ "TopicArn": topic, "Token": farewell.json()["Token"] });
    assert_eq!(done(&sns, "ConfirmSubscription", restore).await["SubscriptionArn"], arn);
}

#[tokio::test]
async fn a_subscription_that_is_not_named_is_refused_in_snss_words() {
    let (sns, ..) = sns();
    let text = "Invalid parameter: SubscriptionArn Reason: no value for required parameter";
    assert_eq!(refused(&sns, "Unsubscribe", json!({})).await, ("InvalidParameter".to_owned(), 400, text.to_owned()));
}
