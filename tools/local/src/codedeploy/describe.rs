//! Deployments and their targets as the API shows them.

use serde_json::{Value, json};

use crate::core::Hub;

use super::engine::{Deployment, Kind, LifecycleEvent, Status};

/// A `DeploymentInfo`.
pub(super) fn deployment_info(deployment: &Deployment) -> Value {
    let plan = &deployment.plan;
    json!({
        "applicationName": plan.application,
        "deploymentGroupName": plan.group,
        "deploymentConfigName": plan.config,
        "deploymentId": plan.id,
        "previousRevision": plan.previous_revision,
        "revision": plan.revision,
        "status": deployment.status.as_str(),
        "errorInformation": error_information(deployment),
        "createTime": deployment.created.epoch_seconds(),
        "startTime": deployment.created.epoch_seconds(),
        "completeTime": deployment.completed.map(|at| at.epoch_seconds()),
        "deploymentOverview": overview(deployment),
        "description": plan.description,
        "creator": plan.creator,
        "ignoreApplicationStopFailures": false,
        "autoRollbackConfiguration": plan.auto_rollback,
        "updateOutdatedInstancesOnly": false,
        "rollbackInfo": rollback_info(deployment),
        "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
        "instanceTerminationWaitTimeStarted": false,
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "computePlatform": "Lambda",
        "overrideAlarmConfiguration": plan.override_alarms,
    })
}

/// The counts of targets by status: a Lambda deployment has one target.
pub(super) fn overview(deployment: &Deployment) -> Value {
    let targets = target_id(deployment).is_some();
    let one = |status: &str| i32::from(targets && target_status(deployment) == status);
    json!({
        "Pending": one("Pending"), "InProgress": one("InProgress"), "Succeeded": one("Succeeded"),
        "Failed": one("Failed"), "Skipped": one("Skipped"), "Ready": 0,
    })
}

/// `errorInformation`: the reason why it ended early, if it did.
pub(super) fn error_information(deployment: &Deployment) -> Option<Value> {
    deployment.fault.as_ref().map(|fault| json!({ "code": fault.code, "message": fault.message }))
}

/// The one target's id; none when the AppSpec could not be read. AWS documents no form for it.
pub(super) fn target_id(deployment: &Deployment) -> Option<String> {
    let plan = &deployment.plan;
    plan.unfit.is_none().then(|| format!("{}:{}", plan.shift.function, plan.shift.alias))
}

/// The target's status.
pub(super) fn target_status(deployment: &Deployment) -> &'static str {
    match deployment.status {
        Status::InProgress => "InProgress",
        Status::Succeeded => "Succeeded",
        Status::Failed | Status::Stopped => "Failed",
    }
}

/// A `DeploymentTarget` with its `lambdaTarget`.
pub(super) fn target(hub: &Hub, deployment: &Deployment) -> Value {
    let (plan, id) = (&deployment.plan, target_id(deployment).unwrap_or_default());
    json!({
        "deploymentTargetType": "LambdaTarget",
        "lambdaTarget": {
            "deploymentId": plan.id,
            "targetId": id,
            "targetArn": hub.arn("lambda", &format!("function:{id}")),
            "status": target_status(deployment),
            "lastUpdatedAt": deployment.updated.epoch_seconds(),
            "lifecycleEvents": lifecycle_events(deployment),
            "lambdaFunctionInfo": function(deployment),
        },
    })
}

/// The target's `lifecycleEvents`.
pub(super) fn lifecycle_events(deployment: &Deployment) -> Vec<Value> {
    let event = |event: &LifecycleEvent| {
        json!({
            "lifecycleEventName": event.name.as_str(),
            "status": event.status.as_str(),
            "startTime": event.started.map(|at| at.epoch_seconds()),
            "endTime": event.ended.map(|at| at.epoch_seconds()),
        })
    };
    deployment.lifecycle.events().iter().map(event).collect()
}

/// The target's `lambdaFunctionInfo`.
pub(super) fn function(deployment: &Deployment) -> Value {
    let shift = &deployment.plan.shift;
    json!({
        "functionName": shift.function,
        "functionAlias": shift.alias,
        "currentVersion": shift.current,
        "targetVersion": shift.target,
        // A fraction: 1.0 is everything, as seen on AWS.
        "targetVersionWeight": f64::from(deployment.weight) / 100.0,
    })
}

/// The texts in which a deployment and the one that rolls it back name each other, as seen on AWS.
fn rollback_info(deployment: &Deployment) -> Option<Value> {
    let id = &deployment.plan.id;
    if let Some(back) = &deployment.rolled_back_by {
        return Some(json!({
            "rollbackDeploymentId": back,
            "rollbackMessage":
                format!("Deployment {id} terminated. Automatic rollback is triggered with a DeploymentId {back}."),
        }));
    }
    let failed = deployment.rolls_back.as_ref().filter(|_| deployment.plan.kind == Kind::Rollback)?;
    Some(json!({
        "rollbackTriggeringDeploymentId": failed,
        "rollbackMessage": format!("Deployment {id} is triggered to roll back deployment {failed}."),
    }))
}
