//! Topics, their attributes, tags and permissions.

use test_case::test_case;

use super::*;

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
