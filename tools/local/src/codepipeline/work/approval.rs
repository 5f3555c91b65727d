//! Approvals: a person is told, if the action says where.

use serde_json::json;

use super::super::execution::{Failure, Order};
use super::outcome::refused;
use crate::core::{Caller, Hub, Timestamp};

/// Publishes the request for an approval to `NotificationArn`, in the form that CodePipeline's notifications have.
pub async fn ask(hub: &Hub, caller: &Caller, order: &Order) -> Result<(), Failure> {
    let Some(topic) = order.configuration.get("NotificationArn") else { return Ok(()) };
    let (token, expires) = order.approval.clone().unwrap_or_else(|| (String::new(), Timestamp::default()));
    let message = json!({
        "region": hub.identity.region,
        "consoleLink": hub.endpoint,
        "approval": {
            "pipelineName": order.pipeline,
            "stageName": order.stage,
            "actionName": order.action,
            "token": token,
            "expires": expires.iso8601(),
            "externalEntityLink": order.configuration.get("ExternalEntityLink"),
            "approvalReviewLink": hub.endpoint,
            "customData": order.configuration.get("CustomData"),
        },
    });
    let subject = format!("APPROVAL NEEDED: AWS CodePipeline {} for action {}", order.pipeline, order.action);
    // SNS takes no longer subject.
    let subject: String = subject.chars().take(99).collect();
    let input = json!({ "TopicArn": topic, "Subject": subject, "Message": message.to_string() });
    let told = hub.call_as(caller, "sns", "Publish", input).await;
    told.map(drop).map_err(|error| refused(&format!("nobody could be asked through {topic}"), &error))
}
