//! Subscriptions and their attributes.

use test_case::test_case;

use super::*;

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
