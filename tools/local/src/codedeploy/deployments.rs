//! Creating deployments, looking at them and stopping them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::core::{Ids, Input, Reply, ServiceError};

use super::appspec::AppSpec;
use super::catalog::Catalog;
use super::engine::{Deployment, Deployments, Hook, Hooks, Kind, Plan};
use super::{describe, groups, names};

const STATUSES: [&str; 8] = ["Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready"];
const CREATORS: [&str; 2] = ["CloudFormation", "CloudFormationRollback"];

/// What a caller asks for with `CreateDeployment`.
pub(super) struct Order<'a> {
    /// The request's members.
    pub input: &'a Input,
    /// Whether another service of the plane asks, which may name itself as the creator.
    pub inside: bool,
    /// The revision with its digest.
    pub revision: Value,
    /// What the revision says.
    pub appspec: AppSpec,
}

/// Makes the plan of an ordered deployment.
///
/// # Errors
/// What `CreateDeployment` refuses.
pub(super) fn plan(
    catalog: &Catalog,
    deployments: &Deployments,
    ids: &Ids,
    order: Order<'_>,
) -> Result<Plan, ServiceError> {
    let input = order.input;
    let application = names::name(input, "applicationName", "ApplicationName")?;
    let group_name = names::name(input, "deploymentGroupName", "DeploymentGroupName")?;
    let group = catalog.group(&application, &group_name)?;
    let settings = Input::from(group.settings.clone());
    let config = input.opt_str("deploymentConfigName").map_or_else(|| settings.str("deploymentConfigName"), Ok)?;
    let config = catalog.config(config)?;
    let description = input.opt_str("description").map(str::to_owned);
    if description.as_ref().is_some_and(|text| text.chars().count() > 256) {
        let message = "The description is longer than 256 characters";
        return Err(ServiceError::new("DescriptionTooLongException", message));
    }
    let override_alarms = input.get("overrideAlarmConfiguration").cloned();
    let alarms = override_alarms.clone().map_or_else(|| settings.object("alarmConfiguration"), Input::from);
    let auto_rollback =
        input.get("autoRollbackConfiguration").or_else(|| settings.get("autoRollbackConfiguration")).cloned();
    let previous_revision = deployments
        .newest_first()
        .find(|it| it.plan.group_id == group.id && it.status.as_str() == "Succeeded")
        .map(|it| it.plan.revision.clone());
    Ok(Plan {
        id: new_id(deployments, ids),
        application,
        group: group_name,
        group_id: group.id.clone(),
        role: settings.opt_str("serviceRoleArn").unwrap_or_default().to_owned(),
        config: config.name.clone(),
        routing: config.routing,
        kind: Kind::Forward,
        hooks: hooks(&order.appspec, ids),
        shift: order.appspec.shift,
        alarms: groups::alarm_policy(&alarms)?,
        rollback: groups::rollback_policy(&auto_rollback.clone().map(Input::from).unwrap_or_default())?,
        revision: order.revision,
        previous_revision,
        description,
        creator: creator(input, order.inside).to_owned(),
        override_alarms,
        auto_rollback,
    })
}

fn new_id(deployments: &Deployments, ids: &Ids) -> String {
    loop {
        let id = format!("d-{}", ids.capitals(9));
        if deployments.get(&id).is_none() {
            return id;
        }
    }
}

/// `_creator` is how another service of the plane says who it is; a client cannot.
fn creator(input: &Input, inside: bool) -> &str {
    input.opt_str("_creator").filter(|creator| inside && CREATORS.contains(creator)).unwrap_or("user")
}

fn hooks(appspec: &AppSpec, ids: &Ids) -> Hooks {
    // AWS's execution ids are base64 of a JSON text that starts with `{"encryptedData":`: opaque, and long.
    let execution =
        || STANDARD.encode(json!({ "encryptedData": ids.hex(96), "ivParameterSpec": ids.hex(24) }).to_string());
    let hook = |function: &Option<String>| function.clone().map(|function| Hook { function, execution: execution() });
    Hooks { before: hook(&appspec.before_allow_traffic), after: hook(&appspec.after_allow_traffic) }
}

/// The deployment that a request names.
///
/// # Errors
/// `DeploymentDoesNotExistException`, or what is wrong with the id.
pub(super) fn named<'a>(deployments: &'a Deployments, input: &Input) -> Result<&'a Deployment, ServiceError> {
    let id = names::deployment_id(input)?;
    deployments.get(&id).ok_or_else(|| {
        ServiceError::new("DeploymentDoesNotExistException", format!("The deployment {id} could not be found"))
    })
}

/// `GetDeployment`.
pub(super) fn get(deployments: &Deployments, input: &Input) -> Reply {
    Ok(json!({ "deploymentInfo": describe::deployment_info(named(deployments, input)?) }))
}

/// `BatchGetDeployments`: those that exist.
pub(super) fn batch_get(deployments: &Deployments, input: &Input) -> Reply {
    let wanted = input.strings("deploymentIds");
    if wanted.is_empty() {
        return Err(ServiceError::new("DeploymentIdRequiredException", "deploymentIds is required"));
    }
    if wanted.len() > 25 {
        return Err(ServiceError::new("BatchLimitExceededException", "At most 25 deployments can be asked for"));
    }
    let infos: Vec<Value> = wanted.iter().filter_map(|id| deployments.get(id)).map(describe::deployment_info).collect();
    Ok(json!({ "deploymentsInfo": infos }))
}

/// `ListDeployments`: the newest first.
pub(super) fn list(catalog: &Catalog, deployments: &Deployments, input: &Input) -> Reply {
    let (application, group) = (input.opt_str("applicationName"), input.opt_str("deploymentGroupName"));
    match (application, group) {
        (None, Some(_)) => {
            let message = "An application name is required with a deployment group name";
            return Err(ServiceError::new("ApplicationNameRequiredException", message));
        }
        (Some(application), None) => catalog.application(application).map(|_| ())?,
        (Some(application), Some(group)) => catalog.group(application, group).map(|_| ())?,
        (None, None) => {}
    }
    let statuses = input.strings("includeOnlyStatuses");
    if let Some(unknown) = statuses.iter().find(|status| !STATUSES.contains(&status.as_str())) {
        let message = format!("{unknown} is not a deployment status");
        return Err(ServiceError::new("InvalidDeploymentStatusException", message));
    }
    let range = input.object("createTimeRange");
    let (start, end) = (range.opt_f64("start"), range.opt_f64("end"));
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(ServiceError::new("InvalidTimeRangeException", "The range ends before it starts"));
    }
    let ids = deployments
        .newest_first()
        .filter(|it| application.is_none_or(|name| it.plan.application == name))
        .filter(|it| group.is_none_or(|name| it.plan.group == name))
        .filter(|it| statuses.is_empty() || statuses.iter().any(|status| status == it.status.as_str()))
        .filter(|it| start.is_none_or(|start| it.created.epoch_seconds() >= start))
        .filter(|it| end.is_none_or(|end| it.created.epoch_seconds() <= end))
        .map(|it| json!(it.plan.id))
        .collect();
    let (page, next) = names::page(input, ids, 100)?;
    Ok(json!({ "deployments": page, "nextToken": next }))
}

/// `ListDeploymentTargets`.
pub(super) fn list_targets(deployments: &Deployments, input: &Input) -> Reply {
    let deployment = named(deployments, input)?;
    let statuses = input.object("targetFilters").strings("TargetStatus");
    let status = describe::target_status(deployment);
    let shown = statuses.is_empty() || statuses.iter().any(|wanted| wanted == status);
    let ids = Some(describe::target_id(deployment)).filter(|_| shown);
    Ok(json!({ "targetIds": ids.into_iter().collect::<Vec<_>>() }))
}

/// Checks that a target id is the one of a deployment.
///
/// # Errors
/// `DeploymentTargetIdRequiredException` or `DeploymentTargetDoesNotExistException`.
pub(super) fn check_target(deployment: &Deployment, id: Option<&str>) -> Result<(), ServiceError> {
    match id {
        None | Some("") => {
            Err(ServiceError::new("DeploymentTargetIdRequiredException", "A deployment target id must be given"))
        }
        Some(id) if id == describe::target_id(deployment) => Ok(()),
        Some(id) => {
            let message = format!("The deployment {} has no target {id}", deployment.plan.id);
            Err(ServiceError::new("DeploymentTargetDoesNotExistException", message))
        }
    }
}
