//! Delivering messages.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>
//!
//! Messages are not signed: the `Signature` members are empty, and a subscriber that checks them must be told so.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::topics::Subscription;
use crate::core::{Hub, Timestamp};

/// How often an HTTP endpoint is tried again, and after how long: SNS's default delivery policy.
const RETRIES: u32 = 3;
const RETRY_AFTER: Duration = Duration::from_secs(20);

/// A published message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) topic: String,
    pub(super) subject: Option<String>,
    pub(super) text: String,
    pub(super) attributes: BTreeMap<String, Value>,
    pub(super) at: Timestamp,
}

impl Message {
    /// The attributes as a filter policy sees them.
    pub(super) fn filterable(&self) -> Value {
        let value = |attribute: &Value| {
            let text = attribute["StringValue"].as_str().unwrap_or_default();
            match attribute["DataType"].as_str() {
                Some("Number" | "String.Array") => serde_json::from_str(text).unwrap_or(Value::Null),
                _ => json!(text),
            }
        };
        Value::Object(self.attributes.iter().map(|(name, attribute)| (name.clone(), value(attribute))).collect())
    }

    fn members(&self, text: &str) -> Map<String, Value> {
        let attributes: Map<String, Value> = self
            .attributes
            .iter()
            .map(|(name, a)| (name.clone(), json!({ "Type": a["DataType"], "Value": a["StringValue"] })))
            .collect();
        let body = json!({
            "Type": "Notification", "MessageId": self.id, "TopicArn": self.topic, "Subject": self.subject, "Message": text,
            "Timestamp": self.at.iso8601(), "SignatureVersion": "1", "Signature": "", "MessageAttributes": attributes,
        });
        match body {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

/// Delivers to each subscriber, side by side, and writes the message to the topic's log.
pub(super) async fn deliver(
    hub: Arc<Hub>,
    client: reqwest::Client,
    message: Message,
    subscriptions: Vec<Subscription>,
) {
    log(&hub, &message).await;
    let deliveries = subscriptions.iter().map(|subscription| one(&hub, &client, &message, subscription));
    futures::future::join_all(deliveries).await;
}

async fn one(hub: &Arc<Hub>, client: &reqwest::Client, message: &Message, subscription: &Subscription) {
    match subscription.protocol.as_str() {
        "lambda" => {
            let record = json!({ "Records": [{
                "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn,
                "Sns": message.members(&message.text),
            }] });
            let payload = STANDARD.encode(record.to_string());
            let input = json!({ "FunctionName": subscription.endpoint, "InvocationType": "Event", "Payload": payload });
            if let Err(error) = hub.call("lambda", "Invoke", input).await {
                tracing::warn!(%error, subscription = subscription.arn, "a notification did not reach its function");
            }
        }
        "http" | "https" => {
            let body = if subscription.raw {
                message.text.clone()
            } else {
                let mut members = message.members(&message.text);
                members.insert("UnsubscribeURL".to_owned(), json!(unsubscribe_url(hub, &subscription.arn)));
                Value::Object(members).to_string()
            };
            let post = Post { kind: "Notification", topic: message.topic.clone(), body };
            self::post(Arc::clone(hub), client.clone(), subscription.endpoint.clone(), post).await;
        }
        // Mail: the log is the mailbox.
        _ => {}
    }
}

/// One HTTP delivery.
pub(super) struct Post {
    kind: &'static str,
    topic: String,
    body: String,
}

/// What an HTTP endpoint is asked before it is sent anything else.
pub(super) fn confirmation(hub: &Hub, topic: &str, token: &str) -> Post {
    let url = format!("{}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}", hub.endpoint);
    let body = json!({
        "Type": "SubscriptionConfirmation", "MessageId": hub.ids.uuid(), "Token": token, "TopicArn": topic,
        "Message": format!("You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in this message."),
        "SubscribeURL": url, "Timestamp": hub.now().iso8601(), "SignatureVersion": "1", "Signature": "",
    });
    Post { kind: "SubscriptionConfirmation", topic: topic.to_owned(), body: body.to_string() }
}

fn unsubscribe_url(hub: &Hub, subscription: &str) -> String {
    format!("{}/?Action=Unsubscribe&SubscriptionArn={subscription}", hub.endpoint)
}

/// Posts to an endpoint, again after 20 seconds when it does not answer with a success, three times.
pub(super) async fn post(hub: Arc<Hub>, client: reqwest::Client, endpoint: String, post: Post) {
    for attempt in 0..=RETRIES {
        let request = client
            .post(&endpoint)
            .header("x-amz-sns-message-type", post.kind)
            .header("x-amz-sns-topic-arn", &post.topic)
            .header("content-type", "text/plain; charset=UTF-8")
            .body(post.body.clone());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => return,
            outcome if attempt == RETRIES => {
                tracing::warn!(endpoint, ?outcome, "a notification did not reach its endpoint");
            }
            _ => hub.clock.sleep(RETRY_AFTER).await,
        }
    }
}

/// Writes the message where a person finds it: one stream per message in the topic's log group.
async fn log(hub: &Hub, message: &Message) {
    let name = message.topic.rsplit(':').next().unwrap_or_default();
    let group = format!("sns/{}/{}/{name}", hub.identity.region, hub.identity.account);
    let made = hub.call("logs", "CreateLogGroup", json!({ "logGroupName": group })).await;
    let stream = json!({ "logGroupName": group, "logStreamName": message.id });
    let text = match &message.subject {
        Some(subject) => format!("{subject}\n\n{}", message.text),
        None => message.text.clone(),
    };
    let events = json!([{ "timestamp": message.at.as_millis(), "message": text }]);
    let put = json!({ "logGroupName": group, "logStreamName": message.id, "logEvents": events });
    let written = match made {
        Err(error) if !error.is("ResourceAlreadyExistsException") => Err(error),
        _ => match hub.call("logs", "CreateLogStream", stream).await {
            Ok(_) => hub.call("logs", "PutLogEvents", put).await,
            Err(error) => Err(error),
        },
    };
    if let Err(error) = written {
        tracing::warn!(%error, group, "a notification was not logged");
    }
}
