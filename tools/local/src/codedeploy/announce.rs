//! Telling EventBridge and the group's SNS triggers how a deployment goes.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::actor::Actor;
use super::catalog::Catalog;
use super::engine::{Deployment, Milestone, Status};
use super::{arns, describe};
use crate::core::{AwsEvent, Hub, Timestamp};

/// Publishes what happened. A failure to is logged: on AWS these events are best effort, too.
pub(super) async fn announce(actor: &Actor, deployment: &Deployment, milestone: Milestone) {
    let (hub, catalog) = (&actor.hub, &actor.catalog);
    if let Some(state) = event_state(milestone) {
        hub.publish(event(hub, deployment, state)).await;
    }
    for trigger in triggers(catalog, deployment, trigger_event(milestone)) {
        let input = json!({
            "TopicArn": trigger["triggerTargetArn"],
            "Subject": format!("{} {}", trigger_event(milestone), deployment.plan.id),
            "Message": message(hub, deployment, &trigger, milestone).to_string(),
        });
        if let Err(failure) = actor.ask(&deployment.plan, "sns", "Publish", input).await {
            let error = format!("{}: {}", failure.code, failure.message);
            tracing::warn!(error, deployment.id = deployment.plan.id, "a deployment trigger was not published");
        }
    }
}

fn event_state(milestone: Milestone) -> Option<&'static str> {
    match milestone {
        Milestone::Start => Some("START"),
        Milestone::Success => Some("SUCCESS"),
        Milestone::Failure => Some("FAILURE"),
        Milestone::Stop => Some("STOP"),
        Milestone::Rollback => None,
    }
}

fn trigger_event(milestone: Milestone) -> &'static str {
    match milestone {
        Milestone::Start => "DeploymentStart",
        Milestone::Success => "DeploymentSuccess",
        Milestone::Failure => "DeploymentFailure",
        Milestone::Stop => "DeploymentStop",
        Milestone::Rollback => "DeploymentRollback",
    }
}

fn event(hub: &Hub, deployment: &Deployment, state: &str) -> AwsEvent {
    let plan = &deployment.plan;
    AwsEvent {
        source: "aws.codedeploy",
        detail_type: "CodeDeploy Deployment State-change Notification".to_owned(),
        resources: vec![arns::application(hub, &plan.application), arns::group(hub, &plan.application, &plan.group)],
        detail: json!({
            "region": hub.identity.region,
            "deploymentId": plan.id,
            "instanceGroupId": plan.group_id,
            "deploymentGroup": plan.group,
            "state": state,
            "application": plan.application,
        }),
    }
}

fn triggers(catalog: &Mutex<Catalog>, deployment: &Deployment, event: &str) -> Vec<Value> {
    let catalog = catalog.lock().unwrap_or_else(PoisonError::into_inner);
    let Ok(group) = catalog.group(&deployment.plan.application, &deployment.plan.group) else { return Vec::new() };
    let triggers = group.settings.get("triggerConfigurations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let wants = |trigger: &&Value| {
        trigger["triggerEvents"].as_array().is_some_and(|events| events.iter().any(|wanted| wanted == event))
    };
    triggers.iter().filter(wants).cloned().collect()
}

/// The JSON of a deployment trigger: all values are texts, nested ones JSON in a text (CodeDeploy's user guide).
fn message(hub: &Hub, deployment: &Deployment, trigger: &Value, milestone: Milestone) -> Value {
    let plan = &deployment.plan;
    let mut message = json!({
        "region": hub.identity.region,
        "accountId": hub.identity.account,
        "eventTriggerName": trigger["triggerName"],
        "applicationName": plan.application,
        "deploymentId": plan.id,
        "deploymentGroupName": plan.group,
        "createTime": deployment.created.iso8601(),
        "completeTime": deployment.completed.map(Timestamp::iso8601),
        "deploymentOverview": describe::overview(deployment).to_string(),
        "status": status(deployment.status, milestone),
    });
    if let Some(fault) = &deployment.fault {
        message["errorInformation"] =
            json!(json!({ "ErrorCode": fault.code, "ErrorMessage": fault.message }).to_string());
    }
    message
}

fn status(status: Status, milestone: Milestone) -> &'static str {
    match milestone {
        Milestone::Start | Milestone::Rollback => "CREATED",
        _ => match status {
            Status::InProgress => "IN_PROGRESS",
            Status::Succeeded => "SUCCEEDED",
            Status::Failed => "FAILED",
            Status::Stopped => "STOPPED",
        },
    }
}
