//! Mailboxes and HTTP endpoints, and pages.

use super::*;

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
