//! Handing an event to a target, and trying again.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html>

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::target::Retry;
use crate::core::{Arn, Caller, Hub, ServiceError};
use crate::sts;

/// The longest wait between two tries: the waits double up to it.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// One event for one target.
pub(super) struct Delivery {
    /// The ARN of the target to call.
    pub(super) target: String,
    /// The role that EventBridge takes on for the target.
    pub(super) role: Option<String>,
    /// The input that the target is given.
    pub(super) payload: String,
    /// The ARN of the rule that sends it.
    pub(super) rule: String,
    /// The limits of its tries.
    pub(super) retry: Retry,
}

/// Delivers an event, trying again while the target is throttled or unavailable.
pub(super) async fn deliver(hub: Arc<Hub>, delivery: Delivery) {
    let Delivery { target, retry, .. } = &delivery;
    let started = hub.now();
    let mut wait = Duration::from_secs(1);
    for attempt in 0..=retry.attempts {
        let Err(error) = send(&hub, &delivery).await else { return };
        let given_up = attempt == retry.attempts || hub.now().since(started) + wait > retry.age;
        // A refusal for good (no such function, no permission) is not tried again.
        let hopeless = error.status < 500 && error.status != 429 && !error.code.contains("Throttl");
        if given_up || hopeless {
            tracing::warn!(%error, target, attempts = attempt + 1, "an event was not delivered");
            return;
        }
        hub.clock.sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn send(hub: &Hub, delivery: &Delivery) -> Result<(), ServiceError> {
    let Delivery { target, payload, rule, .. } = delivery;
    let arn = Arn::parse(target).ok_or_else(|| ServiceError::internal(format!("{target} is no target")))?;
    let (operation, input) = match arn.service.as_str() {
        "lambda" => {
            let payload = STANDARD.encode(payload);
            ("Invoke", json!({ "FunctionName": target, "InvocationType": "Event", "Payload": payload }))
        }
        "sns" => ("Publish", json!({ "TopicArn": target, "Message": payload })),
        "codepipeline" => {
            // CodePipeline shows this as the execution's trigger.
            let trigger = json!({ "triggerType": "CloudWatchEvent", "triggerDetail": rule });
            ("StartPipelineExecution", json!({ "name": arn.name(), "trigger": trigger }))
        }
        "codebuild" => ("StartBuild", build(payload, arn.name())),
        "logs" => return to_log(hub, &arn, payload).await,
        other => return Err(ServiceError::not_implemented("events", other)),
    };
    let caller = caller(hub, delivery).await?;
    hub.call_as(&caller, &arn.service, operation, input).await.map(drop)
}

/// The caller of the target: EventBridge in the target's role, or for the rule where the target's own policy decides.
async fn caller(hub: &Hub, delivery: &Delivery) -> Result<Caller, ServiceError> {
    const EVENTS: &str = "events.amazonaws.com";
    match &delivery.role {
        // Assumed: the session's name.
        Some(role) => sts::session(hub, role, &hub.ids.hex(32), EVENTS).await,
        None => Ok(Caller::service_for(EVENTS, delivery.rule.clone())),
    }
}

/// A target of CodeBuild may have the request's members as its input; an event has none of them.
fn build(payload: &str, project: &str) -> Value {
    let given: Value = serde_json::from_str(payload).unwrap_or_default();
    let mut input = if given.get("detail-type").is_some() { json!({}) } else { given };
    if !input.is_object() {
        input = json!({});
    }
    input["projectName"] = json!(project);
    input
}

/// `arn:aws:logs:region:account:log-group:NAME[:*]`: one log event in a stream of its own.
async fn to_log(hub: &Hub, target: &Arn, payload: &str) -> Result<(), ServiceError> {
    let group = target.of_kind("log-group").unwrap_or_default().trim_end_matches(":*");
    let stream = hub.ids.uuid();
    let made: Value = json!({ "logGroupName": group, "logStreamName": stream });
    hub.call("logs", "CreateLogStream", made).await?;
    let event = json!({ "timestamp": hub.now().as_millis(), "message": payload });
    let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": [event] });
    hub.call("logs", "PutLogEvents", put).await.map(drop)
}
