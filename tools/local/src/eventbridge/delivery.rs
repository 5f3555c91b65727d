//! Handing an event to a target, and trying again.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html>

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::core::{Hub, ServiceError};

/// How long a delivery is tried for.
const MAXIMUM_AGE: Duration = Duration::from_secs(24 * 3600);
/// The longest wait between two tries: the waits double up to it.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Refuses targets that the plane would not deliver to.
pub(super) fn supported(arn: &str) -> Result<(), ServiceError> {
    match service_of(arn) {
        "lambda" | "sns" | "codepipeline" | "logs" | "codebuild" => Ok(()),
        other => Err(ServiceError::not_implemented("events", &format!("PutTargets with a target of {other}"))),
    }
}

fn service_of(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

/// One event for one target.
pub(super) struct Delivery {
    /// The target's ARN.
    pub(super) target: String,
    /// What it is given.
    pub(super) payload: String,
    /// The ARN of the rule that sends it.
    pub(super) rule: String,
    /// How often it is tried again.
    pub(super) retries: u32,
}

/// Delivers an event, trying again while the target is throttled or unavailable.
pub(super) async fn deliver(hub: Arc<Hub>, delivery: Delivery) {
    let Delivery { target, retries, .. } = &delivery;
    let started = hub.now();
    let mut wait = Duration::from_secs(1);
    for attempt in 0..=*retries {
        let Err(error) = send(&hub, &delivery).await else { return };
        let given_up = attempt == *retries || hub.now().since(started) > MAXIMUM_AGE;
        // What is refused for good (no such function, no permission) is not tried again.
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
    let name = target.rsplit(':').next().unwrap_or_default();
    let (service, operation, input) = match service_of(target) {
        "lambda" => {
            let payload = STANDARD.encode(payload);
            ("lambda", "Invoke", json!({ "FunctionName": target, "InvocationType": "Event", "Payload": payload }))
        }
        "sns" => ("sns", "Publish", json!({ "TopicArn": target, "Message": payload })),
        "codepipeline" => {
            // What CodePipeline shows as the execution's trigger.
            let trigger = json!({ "triggerType": "CloudWatchEvent", "triggerDetail": rule });
            ("codepipeline", "StartPipelineExecution", json!({ "name": name, "trigger": trigger }))
        }
        "codebuild" => {
            let project = name.strip_prefix("project/").unwrap_or(name);
            ("codebuild", "StartBuild", json!({ "projectName": project }))
        }
        "logs" => return to_log(hub, target, payload).await,
        other => return Err(ServiceError::not_implemented("events", other)),
    };
    hub.call(service, operation, input).await.map(drop)
}

/// `arn:aws:logs:region:account:log-group:NAME[:*]`: one log event in a stream of its own day.
async fn to_log(hub: &Hub, target: &str, payload: &str) -> Result<(), ServiceError> {
    let group = target.split(':').nth(6).unwrap_or_default();
    let stream = hub.ids.uuid();
    let made: Value = json!({ "logGroupName": group, "logStreamName": stream });
    hub.call("logs", "CreateLogStream", made).await?;
    let event = json!({ "timestamp": hub.now().as_millis(), "message": payload });
    let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": [event] });
    hub.call("logs", "PutLogEvents", put).await.map(drop)
}
