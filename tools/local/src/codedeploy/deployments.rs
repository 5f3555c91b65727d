//! Looking at deployments, stopping and continuing them.

use serde_json::{Value, json};

use super::catalog::Catalog;
use super::engine::{Deployment, Deployments};
use super::service::CodeDeploy;
use super::{arns, describe, names};
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most deployments that one batch asks for.
const BATCH: usize = 25;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("GetDeployment", "*", |service, request| {
        service
            .deployments
            .read(|engine| Ok(json!({ "deploymentInfo": describe::deployment_info(named(engine, &request.input)?) })))
    })
    .on_found(CodeDeploy::groups_of),
    Declared::now("BatchGetDeployments", "*", |service, request| {
        service.deployments.read(|engine| batch_get(engine, &request.input))
    })
    .on_found(CodeDeploy::groups_of),
    Declared::now("ListDeployments", "*", |service, request| {
        service.catalog(|catalog| service.deployments.read(|engine| list(catalog, engine, &request.input)))
    })
    .on_found(|service, input| {
        let name = |member: &str| input.opt_str(member).unwrap_or("*").to_owned();
        vec![arns::group(&service.hub, &name("applicationName"), &name("deploymentGroupName"))]
    }),
    Declared::now("StopDeployment", "*", |service, request| stop(service, &request.input))
        .on_found(CodeDeploy::groups_of),
    Declared::now("ContinueDeployment", "*", |service, request| nothing_waits(service, &request.input))
        .on_found(CodeDeploy::groups_of),
    Declared::now("SkipWaitTimeForInstanceTermination", "*", |service, request| nothing_waits(service, &request.input)),
];

/// The deployment that a request names.
///
/// # Errors
/// `DeploymentDoesNotExistException`, or what is wrong with the id.
pub(super) fn named<'a>(deployments: &'a Deployments, input: &Input) -> Result<&'a Deployment, ServiceError> {
    let id = names::deployment_id(input)?;
    deployments.get(id).ok_or_else(|| {
        ServiceError::new("DeploymentDoesNotExistException", format!("The deployment {id} could not be found"))
    })
}

/// `BatchGetDeployments`: those that exist.
fn batch_get(deployments: &Deployments, input: &Input) -> Reply {
    let wanted = names::batch(input, "deploymentIds", "DeploymentId", BATCH)?;
    wanted.iter().try_for_each(|id| names::checked_id(id))?;
    let infos: Vec<Value> = wanted.iter().filter_map(|id| deployments.get(id)).map(describe::deployment_info).collect();
    Ok(json!({ "deploymentsInfo": infos }))
}

/// `ListDeployments`: the newest first.
fn list(catalog: &Catalog, deployments: &Deployments, input: &Input) -> Reply {
    let (application, group) = (input.opt_str("applicationName"), input.opt_str("deploymentGroupName"));
    match (application, group) {
        (None, None) => {}
        (Some(application), Some(group)) => catalog.group(application, group).map(drop)?,
        (None, Some(_)) => {
            let message = "An application name must be specified with a deployment group name";
            return Err(ServiceError::new("ApplicationNameRequiredException", message));
        }
        (Some(application), None) => {
            catalog.application(application)?;
            let message = "A deployment group name must be specified with an application name";
            return Err(ServiceError::new("DeploymentGroupNameRequiredException", message));
        }
    }
    let statuses = input.strings("includeOnlyStatuses");
    let range = input.object("createTimeRange");
    let (start, end) = (range.opt_f64("start"), range.opt_f64("end"));
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        let message = "The start time must be earlier than the end time.";
        return Err(ServiceError::new("InvalidTimeRangeException", message));
    }
    let ids = deployments
        .newest_first()
        // No deployment of the plane is linked to anything outside.
        .filter(|_| input.opt_str("externalId").is_none())
        .filter(|it| application.is_none_or(|name| it.plan.application == name))
        .filter(|it| group.is_none_or(|name| it.plan.group == name))
        .filter(|it| statuses.is_empty() || statuses.iter().any(|status| status == it.status.as_str()))
        .filter(|it| start.is_none_or(|start| it.created.epoch_seconds() >= start))
        .filter(|it| end.is_none_or(|end| it.created.epoch_seconds() <= end))
        .map(|it| json!(it.plan.id))
        .collect();
    let page = names::page_in_order("ListDeployments", input, ids)?;
    Ok(json!({ "deployments": page.items, "nextToken": page.next }))
}

fn stop(service: &CodeDeploy, input: &Input) -> Reply {
    let id = names::deployment_id(input)?;
    let auto_rollback = input.opt_bool("autoRollbackEnabled");
    let status = service.deployments.apply(|engine, now| engine.stop(id, auto_rollback, now))?;
    Ok(if status.as_str() == "InProgress" {
        json!({ "status": "Pending", "statusMessage": "The deployment is being stopped" })
    } else {
        let message = "No more commands will be scheduled for execution in the deployment instances";
        json!({ "status": "Succeeded", "statusMessage": message })
    })
}

/// A deployment on Lambda waits for nobody and terminates nothing.
fn nothing_waits(service: &CodeDeploy, input: &Input) -> Reply {
    service.deployments.read(|engine| {
        let deployment = named(engine, input)?;
        if deployment.is_over() {
            let message = format!("The deployment {} is already complete", deployment.plan.id);
            return Err(ServiceError::new("DeploymentAlreadyCompletedException", message));
        }
        let message = "A call was submitted that is not supported for the specified deployment type.";
        Err(ServiceError::new("UnsupportedActionForDeploymentTypeException", message))
    })
}
