//! The events of changed references, and the triggers that are told of them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::metadata::Metadata;
use super::references::Change;
use super::trigger::Trigger;
use crate::core::{Arn, Caller, Hub, ServiceError};

const SERVICE: &str = "codecommit.amazonaws.com";

/// Tells the triggers that want to know of these changes. One that cannot be told is noted in the log, as nobody waits for it.
pub(super) async fn tell(hub: &Hub, metadata: &Metadata, changes: &[Change], caller: &str) {
    for trigger in &metadata.triggers.all {
        let wanted: Vec<&Change> = changes.iter().filter(|change| trigger.wants(change)).collect();
        if wanted.is_empty() {
            continue;
        }
        let event = event(hub, metadata, trigger, "ReferenceChanges", &wanted, caller);
        if let Err(error) = deliver(hub, metadata, trigger, &event).await {
            tracing::warn!(%error, trigger = trigger.name, repository = metadata.name, "a trigger was not told");
        }
    }
}

/// The event that both kinds of destinations get.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html>
pub(super) fn event(
    hub: &Hub,
    metadata: &Metadata,
    trigger: &Trigger,
    name: &str,
    changes: &[&Change],
    caller: &str,
) -> Value {
    let references: Vec<Value> = changes
        .iter()
        .map(|change| {
            let mut shown = json!({
                "commit": change.after.as_ref().or(change.before.as_ref()), "ref": change.reference,
            });
            match change.kind() {
                "createReference" => shown["created"] = json!(true),
                "deleteReference" => shown["deleted"] = json!(true),
                _ => {}
            }
            shown
        })
        .collect();
    json!({ "Records": [{
        "awsRegion": hub.identity.region,
        "codecommit": { "references": references },
        "customData": trigger.custom_data,
        "eventId": hub.ids.uuid(),
        "eventName": name,
        "eventPartNumber": 1,
        "eventSource": "aws:codecommit",
        "eventSourceARN": hub.arn("codecommit", &metadata.name),
        "eventTime": hub.now().to_string(),
        "eventTotalParts": 1,
        "eventTriggerConfigId": metadata.triggers.id,
        "eventTriggerName": trigger.name,
        "eventVersion": "1.0",
        "userIdentityARN": caller,
    }] })
}

pub(super) async fn deliver(
    hub: &Hub,
    metadata: &Metadata,
    trigger: &Trigger,
    event: &Value,
) -> Result<(), ServiceError> {
    let caller = Caller::service_for(SERVICE, hub.arn("codecommit", &metadata.name));
    let arn = &trigger.destination_arn;
    if Arn::parse(arn).is_some_and(|arn| arn.service == "sns") {
        // Assumed: the subject as users show it in their mail.
        let subject = format!("UPDATE: AWS CodeCommit {} push: {}", hub.identity.region, metadata.name);
        let subject: String = subject.chars().take(99).collect();
        let input = json!({ "TopicArn": arn, "Subject": subject, "Message": event.to_string() });
        return hub.call_as(&caller, "sns", "Publish", input).await.map(drop);
    }
    let payload = BASE64_STANDARD.encode(event.to_string());
    let input = json!({ "FunctionName": arn, "InvocationType": "Event", "Payload": payload });
    hub.call_as(&caller, "lambda", "Invoke", input).await.map(drop)
}
