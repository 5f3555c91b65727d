//! Bringing what happened to its destinations.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::dto::NotificationConfiguration;
use serde_json::{Value, json};

use super::happened::{Happened, wants};
use super::record::{self, Scene};
use crate::core::{AwsEvent, Caller, Hub, ServiceError};

/// The name that S3 calls others by.
pub(super) const PRINCIPAL: &str = "s3.amazonaws.com";

/// One message, with the destination that it goes to.
#[derive(Debug, PartialEq)]
pub(super) enum Delivery {
    Function { arn: String, message: Value },
    Topic { arn: String, message: Value },
    Queue { arn: String, message: Value },
    Event { detail_type: &'static str, detail: Value },
}

/// The deliveries that a configuration asks for.
pub(super) fn due(configuration: &NotificationConfiguration, happened: &Happened, scene: &Scene) -> Vec<Delivery> {
    let message = |id: Option<&String>| record::message(happened, scene, id.map_or("", String::as_str));
    let mut due = Vec::new();
    for held in configuration.lambda_function_configurations.iter().flatten() {
        if wants(&held.events, held.filter.as_ref(), happened) {
            due.push(Delivery::Function { arn: held.lambda_function_arn.clone(), message: message(held.id.as_ref()) });
        }
    }
    for held in configuration.topic_configurations.iter().flatten() {
        if wants(&held.events, held.filter.as_ref(), happened) {
            due.push(Delivery::Topic { arn: held.topic_arn.clone(), message: message(held.id.as_ref()) });
        }
    }
    for held in configuration.queue_configurations.iter().flatten() {
        if wants(&held.events, held.filter.as_ref(), happened) {
            due.push(Delivery::Queue { arn: held.queue_arn.clone(), message: message(held.id.as_ref()) });
        }
    }
    if configuration.event_bridge_configuration.is_some()
        && let Some((detail_type, detail)) = record::event(happened, scene)
    {
        due.push(Delivery::Event { detail_type, detail });
    }
    due
}

/// Delivers, one after the other. A failure is logged: nobody is there to be told.
pub(super) async fn deliver(hub: &Hub, deliveries: Vec<Delivery>, bucket: &str) {
    let source = format!("arn:aws:s3:::{bucket}");
    for delivery in deliveries {
        if let Err(error) = send(hub, delivery, &source).await {
            tracing::warn!(%error, bucket, "a notification of a bucket was not delivered");
        }
    }
}

async fn send(hub: &Hub, delivery: Delivery, source: &str) -> Result<(), ServiceError> {
    let caller = Caller::service_for(PRINCIPAL, source);
    match delivery {
        Delivery::Function { arn, message } => {
            let payload = STANDARD.encode(message.to_string());
            let input = json!({ "FunctionName": arn, "InvocationType": "Event", "Payload": payload });
            hub.call_as(&caller, "lambda", "Invoke", input).await.map(drop)
        }
        Delivery::Topic { arn, message } => publish(hub, &caller, &arn, &message).await,
        Delivery::Queue { arn, message } => enqueue(hub, &caller, &arn, &message).await,
        Delivery::Event { detail_type, detail } => {
            let resources = vec![source.to_owned()];
            hub.publish(AwsEvent { source: "aws.s3", detail_type: detail_type.to_owned(), resources, detail }).await;
            Ok(())
        }
    }
}

/// Publishes to a topic.
pub(super) async fn publish(hub: &Hub, caller: &Caller, arn: &str, message: &Value) -> Result<(), ServiceError> {
    let input = json!({ "TopicArn": arn, "Subject": "Amazon S3 Notification", "Message": message.to_string() });
    hub.call_as(caller, "sns", "Publish", input).await.map(drop)
}

/// Sends to a queue.
pub(super) async fn enqueue(hub: &Hub, caller: &Caller, arn: &str, message: &Value) -> Result<(), ServiceError> {
    let input = json!({ "QueueUrl": queue_url(hub, arn), "MessageBody": message.to_string() });
    hub.call_as(caller, "sqs", "SendMessage", input).await.map(drop)
}

/// The address of a queue.
pub(super) fn queue_url(hub: &Hub, arn: &str) -> String {
    let mut parts = arn.rsplit(':');
    let (name, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{}/{account}/{name}", hub.endpoint)
}
