//! Telling EventBridge and the stack's topics what happened to a stack.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;

use super::engine::StackEngine;
use super::events::{STACK_TYPE, StackEvent};
use crate::core::{AwsEvent, Driver, Hub};

/// Publishes the events of a stack in their order, each once, for as long as the plane runs.
pub async fn publish(hub: Arc<Hub>, driver: Driver<StackEngine>, logged: Arc<Notify>) {
    let mut published = 0;
    loop {
        let (stack, topics, events) = driver.read(|engine| {
            let stack = &engine.stack;
            let topics = stack.current.as_ref().map(|current| current.settings.notification_arns.clone());
            (stack.identity.clone(), topics.unwrap_or_default(), stack.events[published..].to_vec())
        });
        if events.is_empty() {
            logged.notified().await;
            continue;
        }
        published += events.len();
        for event in events {
            hub.publish(event_bridge_event(&stack.id, &event)).await;
            for topic in &topics {
                let input = json!({
                    "TopicArn": topic,
                    "Subject": "AWS CloudFormation Notification",
                    "Message": notification(&stack.id, &stack.name, &event),
                });
                if let Err(error) = hub.call("sns", "Publish", input).await {
                    tracing::warn!(%error, topic, stack = stack.name, "a stack event was not taken by its topic");
                }
            }
        }
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-details.html>
fn event_bridge_event(stack_id: &str, event: &StackEvent) -> AwsEvent {
    let mut detail = json!({
        "stack-id": stack_id,
        "status-details": { "status": event.status, "status-reason": event.reason.clone().unwrap_or_default() },
        "client-request-token": event.token.clone().unwrap_or_default(),
    });
    let kind = if event.resource_type == STACK_TYPE {
        "Stack"
    } else {
        detail["logical-resource-id"] = json!(event.logical_id);
        detail["physical-resource-id"] = json!(event.physical_id);
        detail["resource-type"] = json!(event.resource_type);
        "Resource"
    };
    AwsEvent {
        source: "aws.cloudformation",
        detail_type: format!("CloudFormation {kind} Status Change"),
        resources: vec![stack_id.to_owned()],
        detail,
    }
}

/// The message that CloudFormation sends to a topic: lines of `Name='value'`.
fn notification(stack_id: &str, stack_name: &str, event: &StackEvent) -> String {
    let fields = [
        ("StackId", stack_id),
        ("Timestamp", &event.at.iso8601()),
        ("EventId", &event.id),
        ("LogicalResourceId", &event.logical_id),
        ("PhysicalResourceId", &event.physical_id),
        ("ResourceProperties", event.properties.as_deref().unwrap_or("null")),
        ("ResourceStatus", event.status),
        ("ResourceStatusReason", event.reason.as_deref().unwrap_or_default()),
        ("ResourceType", &event.resource_type),
        ("StackName", stack_name),
        ("ClientRequestToken", event.token.as_deref().unwrap_or("null")),
    ];
    fields.iter().map(|(name, value)| format!("{name}='{value}'\n")).collect()
}
