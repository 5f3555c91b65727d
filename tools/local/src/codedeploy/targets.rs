//! A deployment's targets: on Lambda one, the function's alias.

use serde_json::{Value, json};

use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

use super::deployments::named;
use super::engine::{Deployment, Deployments};
use super::service::CodeDeploy;
use super::{describe, names};

/// The most targets that one batch asks for.
const BATCH: usize = 25;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("ListDeploymentTargets", "*", |service, request| {
        service.deployments.read(|engine| list(engine, &request.input))
    })
    .on_found(CodeDeploy::groups_of),
    Declared::now("GetDeploymentTarget", "*", |service, request| {
        service.deployments.read(|engine| {
            let deployment = named(engine, &request.input)?;
            check(deployment, names::name(&request.input, "targetId", "DeploymentTargetId")?)?;
            Ok(json!({ "deploymentTarget": describe::target(&service.hub, deployment) }))
        })
    })
    .on_found(CodeDeploy::groups_of),
    Declared::now("BatchGetDeploymentTargets", "*", |service, request| {
        service.deployments.read(|engine| batch_get(service, engine, &request.input))
    })
    .on_found(CodeDeploy::groups_of),
];

fn list(deployments: &Deployments, input: &Input) -> Reply {
    let deployment = named(deployments, input)?;
    let filters = input.object("targetFilters");
    if filters.get("ServerInstanceLabel").is_some() {
        let message = "Instance types are supported for blue/green deployments of instances only.";
        return Err(ServiceError::new("InvalidDeploymentInstanceTypeException", message));
    }
    let statuses = filters.strings("TargetStatus");
    let status = describe::target_status(deployment);
    let shown = statuses.is_empty() || statuses.iter().any(|wanted| wanted == status);
    let ids: Vec<Value> = describe::target_id(deployment).filter(|_| shown).map(Value::from).into_iter().collect();
    let page = names::page_in_order("ListDeploymentTargets", input, ids)?;
    Ok(json!({ "targetIds": page.items, "nextToken": page.next }))
}

fn batch_get(service: &CodeDeploy, deployments: &Deployments, input: &Input) -> Reply {
    let deployment = named(deployments, input)?;
    let ids = input.strings("targetIds");
    if ids.is_empty() {
        return Err(ServiceError::new(
            "DeploymentTargetIdRequiredException",
            "A deployment target ID was not provided.",
        ));
    }
    if ids.len() > BATCH {
        let message = format!("The maximum of {BATCH} targets that can be asked for in one call was exceeded.");
        return Err(ServiceError::new("DeploymentTargetListSizeExceededException", message));
    }
    ids.iter().try_for_each(|id| check(deployment, id))?;
    let targets: Vec<Value> = ids.iter().map(|_| describe::target(&service.hub, deployment)).collect();
    Ok(json!({ "deploymentTargets": targets }))
}

fn check(deployment: &Deployment, id: &str) -> Result<(), ServiceError> {
    if describe::target_id(deployment).is_some_and(|own| own == id) {
        return Ok(());
    }
    let message = format!("The deployment {} has no target {id}", deployment.plan.id);
    Err(ServiceError::new("DeploymentTargetDoesNotExistException", message))
}
