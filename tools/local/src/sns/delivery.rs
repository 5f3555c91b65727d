//! The delivery of messages to subscribers.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>
//!
//! Messages are not signed: the `Signature` members are empty, and a subscriber that checks them must be told so.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::delivery_policy::DeliveryPolicy;
use super::message::Message;
use super::subscription::Subscription;
use crate::core::{Arn, Caller, Hub, ServiceError};

/// Delivers to each subscriber, side by side, and writes the message to the topic's log.
pub(super) async fn deliver(
    hub: Arc<Hub>,
    client: reqwest::Client,
    message: Message,
    subscriptions: Vec<Subscription>,
) {
    log(&hub, &message.topic, &message.id, message.letter()).await;
    let deliveries = subscriptions.iter().map(|subscription| one(&hub, &client, &message, subscription));
    futures::future::join_all(deliveries).await;
}

async fn one(hub: &Arc<Hub>, client: &reqwest::Client, message: &Message, subscription: &Subscription) {
    match subscription.protocol.as_str() {
        "lambda" => {
            if let Err(error) = invoke(hub, message, subscription).await {
                tracing::warn!(%error, subscription = subscription.arn, "a notification did not reach its function");
            }
        }
        "http" | "https" => {
            let body = match subscription.raw {
                true => message.text_for(&subscription.protocol).to_owned(),
                false => message
                    .notification(
                        &subscription.protocol,
                        &certificate_url(hub),
                        &unsubscribe_url(hub, &subscription.arn),
                    )
                    .to_string(),
            };
            let post = Post {
                kind: "Notification",
                id: message.id.clone(),
                topic: message.topic.clone(),
                subscription: Some(subscription.arn.clone()),
                raw: subscription.raw,
                body,
            };
            post.send(hub, client, &subscription.endpoint, &subscription.delivery).await;
        }
        // Mail: the log is the mailbox.
        _ => {}
    }
}

/// Invokes a function as SNS, for the topic: the function's own policy says whether SNS may.
async fn invoke(hub: &Arc<Hub>, message: &Message, subscription: &Subscription) -> Result<(), ServiceError> {
    let record = json!({ "Records": [{
        "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn,
        "Sns": message.record(&certificate_url(hub), &unsubscribe_url(hub, &subscription.arn)),
    }] });
    let payload = STANDARD.encode(record.to_string());
    let input = json!({ "FunctionName": subscription.endpoint, "InvocationType": "Event", "Payload": payload });
    let caller = Caller::service_for("sns.amazonaws.com", message.topic.clone());
    hub.call_as(&caller, "lambda", "Invoke", input).await.map(drop)
}

/// One HTTP delivery.
#[derive(Debug)]
pub(super) struct Post {
    kind: &'static str,
    id: String,
    topic: String,
    subscription: Option<String>,
    raw: bool,
    body: String,
}

impl Post {
    /// The question to an endpoint before it is sent anything else.
    pub(super) fn confirmation(hub: &Hub, subscription: &Subscription) -> Self {
        let topic = &subscription.topic;
        let text = format!(
            "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in this message."
        );
        Self::question(hub, subscription, "SubscriptionConfirmation", &text)
    }

    /// The notice to an endpoint that is unsubscribed.
    pub(super) fn farewell(hub: &Hub, subscription: &Subscription) -> Self {
        let arn = &subscription.arn;
        let text = format!(
            "You have chosen to deactivate subscription {arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
        );
        Self::question(hub, subscription, "UnsubscribeConfirmation", &text)
    }

    fn question(hub: &Hub, subscription: &Subscription, kind: &'static str, text: &str) -> Self {
        let (topic, token, id) = (&subscription.topic, &subscription.token, hub.ids.uuid());
        let body = json!({
            "Type": kind, "MessageId": id, "Token": token, "TopicArn": topic, "Message": text,
            "SubscribeURL": subscribe_url(hub, topic, token), "Timestamp": hub.now().iso8601(),
            "SignatureVersion": "1", "Signature": "", "SigningCertURL": certificate_url(hub),
        });
        Self { kind, id, topic: topic.clone(), subscription: None, raw: false, body: body.to_string() }
    }

    /// Posts to an endpoint, and again as its delivery policy has it while it does not answer with a success.
    pub(super) async fn send(&self, hub: &Hub, client: &reqwest::Client, endpoint: &str, policy: &DeliveryPolicy) {
        let waits = policy.waits();
        for attempt in 0..=waits.len() {
            let mut request = client
                .post(endpoint)
                .header("x-amz-sns-message-type", self.kind)
                .header("x-amz-sns-message-id", &self.id)
                .header("x-amz-sns-topic-arn", &self.topic)
                .header("user-agent", "Amazon Simple Notification Service Agent")
                .header("content-type", policy.content_type())
                .body(self.body.clone());
            if let Some(subscription) = &self.subscription {
                request = request.header("x-amz-sns-subscription-arn", subscription);
            }
            if self.raw {
                request = request.header("x-amz-sns-rawdelivery", "true");
            }
            match (request.send().await, waits.get(attempt)) {
                (Ok(answer), _) if answer.status().is_success() => return,
                (_, Some(wait)) => hub.clock.sleep(*wait).await,
                (outcome, None) => tracing::warn!(endpoint, ?outcome, "a notification did not reach its endpoint"),
            }
        }
    }
}

fn subscribe_url(hub: &Hub, topic: &str, token: &str) -> String {
    format!("{}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}", hub.endpoint)
}

fn unsubscribe_url(hub: &Hub, subscription: &str) -> String {
    format!("{}/?Action=Unsubscribe&SubscriptionArn={subscription}", hub.endpoint)
}

/// The address at which the certificate of the signature would be, if there were one.
fn certificate_url(hub: &Hub) -> String {
    format!("{}/SimpleNotificationService.pem", hub.endpoint)
}

/// Asks the owner of a mailbox, in the topic's log, whether they want the topic's messages.
pub(super) async fn ask_by_mail(hub: Arc<Hub>, subscription: Subscription) {
    let Subscription { topic, token, endpoint, .. } = &subscription;
    let url = subscribe_url(&hub, topic, token);
    let text = format!(
        "AWS Notification - Subscription Confirmation\n\nTo: {endpoint}\nYou have chosen to subscribe to the topic:\n{topic}\n\nTo confirm this subscription, visit the link below:\n{url}"
    );
    log(&hub, topic, &hub.ids.uuid(), text).await;
}

/// Writes a message where a person finds it: one stream per message in the topic's log group.
async fn log(hub: &Hub, topic: &str, stream: &str, text: String) {
    let name = Arn::parse(topic).map_or_else(String::new, |arn| arn.resource);
    let group = format!("sns/{}/{}/{name}", hub.identity.region, hub.identity.account);
    let made = hub.call("logs", "CreateLogGroup", json!({ "logGroupName": group })).await;
    let events = json!([{ "timestamp": hub.now().as_millis(), "message": text }]);
    let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
    let stream = json!({ "logGroupName": group, "logStreamName": stream });
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
