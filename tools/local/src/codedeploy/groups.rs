//! Deployment groups.

use serde_json::{Map, Value, json};

use crate::core::{Hub, Input, Reply, ServiceError};

use super::catalog::{Catalog, DeploymentGroup};
use super::engine::{AlarmPolicy, Deployment, Deployments, RollbackPolicy};
use super::{configs, names, tags};

/// The members of a group that a caller may set, and that a Lambda deployment uses or shows.
const SETTINGS: &[&str] = &[
    "deploymentConfigName",
    "serviceRoleArn",
    "triggerConfigurations",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "deploymentStyle",
    "outdatedInstancesStrategy",
];
/// The members that only groups of servers or of ECS services have.
const OTHER_PLATFORMS: &[&str] = &[
    "ec2TagFilters",
    "onPremisesInstanceTagFilters",
    "autoScalingGroups",
    "ec2TagSet",
    "onPremisesTagSet",
    "ecsServices",
    "loadBalancerInfo",
    "blueGreenDeploymentConfiguration",
];
const ROLLBACK_EVENTS: [&str; 3] = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];
const TRIGGER_EVENTS: [&str; 10] = [
    "DeploymentStart",
    "DeploymentSuccess",
    "DeploymentFailure",
    "DeploymentStop",
    "DeploymentRollback",
    "DeploymentReady",
    "InstanceStart",
    "InstanceSuccess",
    "InstanceFailure",
    "InstanceReady",
];

/// `CreateDeploymentGroup`.
pub(super) fn create(catalog: &mut Catalog, hub: &Hub, input: &Input) -> Reply {
    let application = names::name(input, "applicationName", "ApplicationName")?;
    let name = names::name(input, "deploymentGroupName", "DeploymentGroupName")?;
    if input.opt_str("serviceRoleArn").is_none() {
        return Err(ServiceError::new("RoleRequiredException", "serviceRoleArn is required"));
    }
    if catalog.application(&application)?.groups.contains_key(&name) {
        let message = format!("Deployment Group already exists: {name}");
        return Err(ServiceError::new("DeploymentGroupAlreadyExistsException", message));
    }
    let mut settings = checked_settings(catalog, input)?;
    settings.entry("deploymentConfigName").or_insert_with(|| json!(configs::DEFAULT));
    // The only style that a Lambda deployment has.
    settings
        .entry("deploymentStyle")
        .or_insert_with(|| json!({ "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" }));
    let group = DeploymentGroup { id: hub.ids.uuid(), settings: Value::Object(settings) };
    let reply = json!({ "deploymentGroupId": group.id });
    catalog.application_mut(&application)?.groups.insert(name.clone(), group);
    tags::put(catalog, &arn(hub, &application, &name), input.list("tags"))?;
    Ok(reply)
}

/// `UpdateDeploymentGroup`: members that are given replace those that are kept. A running deployment keeps what it
/// began with.
pub(super) fn update(catalog: &mut Catalog, deployments: &mut Deployments, input: &Input) -> Reply {
    let application = names::name(input, "applicationName", "ApplicationName")?;
    let name = names::name(input, "currentDeploymentGroupName", "DeploymentGroupName")?;
    let mut group = catalog.group(&application, &name)?.clone();
    let settings = checked_settings(catalog, input)?;
    if let Some(kept) = group.settings.as_object_mut() {
        kept.extend(settings);
    }
    let groups = &mut catalog.application_mut(&application)?.groups;
    let new = match input.opt_str("newDeploymentGroupName") {
        Some(new) if new != name => names::checked(new, "DeploymentGroupName")?,
        _ => {
            groups.insert(name, group);
            return Ok(json!({ "hooksNotCleanedUp": [] }));
        }
    };
    if groups.contains_key(&new) {
        let message = format!("Deployment Group already exists: {new}");
        return Err(ServiceError::new("DeploymentGroupAlreadyExistsException", message));
    }
    groups.remove(&name);
    deployments.rename_group(&group.id, &new);
    groups.insert(new, group);
    Ok(json!({ "hooksNotCleanedUp": [] }))
}

/// `GetDeploymentGroup`.
pub(super) fn get(catalog: &Catalog, deployments: &Deployments, input: &Input) -> Reply {
    let application = names::name(input, "applicationName", "ApplicationName")?;
    let name = names::name(input, "deploymentGroupName", "DeploymentGroupName")?;
    let group = catalog.group(&application, &name)?;
    Ok(json!({ "deploymentGroupInfo": info(&application, &name, group, deployments) }))
}

/// `BatchGetDeploymentGroups`.
pub(super) fn batch_get(catalog: &Catalog, deployments: &Deployments, input: &Input) -> Reply {
    let application = names::name(input, "applicationName", "ApplicationName")?;
    catalog.application(&application)?;
    let wanted = input.strings("deploymentGroupNames");
    if wanted.is_empty() {
        return Err(ServiceError::new("DeploymentGroupNameRequiredException", "deploymentGroupNames is required"));
    }
    let (mut infos, mut missing) = (Vec::new(), Vec::new());
    for name in &wanted {
        match catalog.group(&application, name) {
            Ok(group) => infos.push(info(&application, name, group, deployments)),
            Err(error) => missing.push(error.message),
        }
    }
    let message = Some(missing.join("; ")).filter(|message| !message.is_empty());
    Ok(json!({ "deploymentGroupsInfo": infos, "errorMessage": message }))
}

/// `ListDeploymentGroups`.
pub(super) fn list(catalog: &Catalog, input: &Input) -> Reply {
    let application = names::name(input, "applicationName", "ApplicationName")?;
    let names: Vec<Value> = catalog.application(&application)?.groups.keys().map(|name| json!(name)).collect();
    let (page, next) = names::page(input, names, 100)?;
    Ok(json!({ "applicationName": application, "deploymentGroups": page, "nextToken": next }))
}

/// `DeleteDeploymentGroup`. One that does not exist is no error. A running deployment goes on.
pub(super) fn delete(catalog: &mut Catalog, hub: &Hub, input: &Input) -> Reply {
    let application = names::name(input, "applicationName", "ApplicationName")?;
    let name = names::name(input, "deploymentGroupName", "DeploymentGroupName")?;
    if let Ok(application) = catalog.application_mut(&application) {
        application.groups.remove(&name);
    }
    catalog.tags.remove(&arn(hub, &application, &name));
    Ok(json!({ "hooksNotCleanedUp": [] }))
}

/// The group's ARN.
pub(super) fn arn(hub: &Hub, application: &str, group: &str) -> String {
    hub.arn("codedeploy", &format!("deploymentgroup:{application}/{group}"))
}

/// Reads an `alarmConfiguration`.
///
/// # Errors
/// `AlarmsLimitExceededException` beyond 10 alarms, `InvalidAlarmConfigException` for one without a name or an
/// enabled configuration without alarms.
pub(super) fn alarm_policy(configuration: &Input) -> Result<AlarmPolicy, ServiceError> {
    let invalid = |message: &str| ServiceError::new("InvalidAlarmConfigException", message);
    let names = configuration
        .list("alarms")
        .iter()
        .map(|alarm| alarm["name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned))
        .collect::<Option<Vec<String>>>()
        .ok_or_else(|| invalid("An alarm needs a name"))?;
    if names.len() > 10 {
        return Err(ServiceError::new("AlarmsLimitExceededException", "A deployment can have at most 10 alarms"));
    }
    if !configuration.opt_bool("enabled").unwrap_or(false) {
        return Ok(AlarmPolicy::default());
    }
    if names.is_empty() {
        return Err(invalid("An alarm configuration that is enabled needs at least one alarm"));
    }
    let ignore_poll_failure = configuration.opt_bool("ignorePollAlarmFailure").unwrap_or(false);
    Ok(AlarmPolicy { names, ignore_poll_failure })
}

/// Reads an `autoRollbackConfiguration`.
///
/// # Errors
/// `InvalidAutoRollbackConfigException` for events that are none, or an enabled configuration without events.
pub(super) fn rollback_policy(configuration: &Input) -> Result<RollbackPolicy, ServiceError> {
    let invalid = |message: String| ServiceError::new("InvalidAutoRollbackConfigException", message);
    let events = configuration.strings("events");
    if let Some(unknown) = events.iter().find(|event| !ROLLBACK_EVENTS.contains(&event.as_str())) {
        return Err(invalid(format!("{unknown} is not an automatic rollback event")));
    }
    if !configuration.opt_bool("enabled").unwrap_or(false) {
        return Ok(RollbackPolicy::default());
    }
    if events.is_empty() {
        return Err(invalid("An automatic rollback that is enabled needs at least one event".to_owned()));
    }
    let has = |event: &str| events.iter().any(|given| given == event);
    let [failure, alarm, request] = ROLLBACK_EVENTS;
    Ok(RollbackPolicy { on_failure: has(failure), on_alarm: has(alarm), on_request: has(request) })
}

fn checked_settings(catalog: &Catalog, input: &Input) -> Result<Map<String, Value>, ServiceError> {
    if let Some(member) = OTHER_PLATFORMS.iter().find(|member| input.get(member).is_some_and(is_filled)) {
        let message = format!("{member} does not belong to a deployment group of the Lambda platform");
        return Err(ServiceError::new("InvalidInputException", message));
    }
    if let Some(name) = input.opt_str("deploymentConfigName") {
        catalog.config(name)?;
    }
    alarm_policy(&input.object("alarmConfiguration"))?;
    rollback_policy(&input.object("autoRollbackConfiguration"))?;
    check_triggers(input.list("triggerConfigurations"))?;
    check_style(&input.object("deploymentStyle"))?;
    let given = SETTINGS.iter().filter_map(|member| Some(((*member).to_owned(), input.get(member)?.clone())));
    Ok(given.collect())
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

fn check_triggers(triggers: &[Value]) -> Result<(), ServiceError> {
    let invalid = |message: String| ServiceError::new("InvalidTriggerConfigException", message);
    if triggers.len() > 10 {
        return Err(ServiceError::new("TriggerTargetsLimitExceededException", "A group can have at most 10 triggers"));
    }
    for trigger in triggers {
        let name = trigger["triggerName"].as_str().unwrap_or_default();
        if name.is_empty() || !trigger["triggerTargetArn"].as_str().is_some_and(|arn| arn.starts_with("arn:")) {
            return Err(invalid("A trigger needs a name and the ARN of a topic".to_owned()));
        }
        let events = trigger["triggerEvents"].as_array().map_or(&[][..], Vec::as_slice);
        if let Some(event) = events.iter().find(|it| !it.as_str().is_some_and(|it| TRIGGER_EVENTS.contains(&it))) {
            return Err(invalid(format!("{event} is not a trigger event")));
        }
    }
    Ok(())
}

fn check_style(style: &Input) -> Result<(), ServiceError> {
    match (style.opt_str("deploymentType"), style.opt_str("deploymentOption")) {
        (None | Some("BLUE_GREEN"), None | Some("WITH_TRAFFIC_CONTROL")) => Ok(()),
        _ => Err(ServiceError::new(
            "InvalidDeploymentStyleException",
            "A Lambda deployment group must be BLUE_GREEN and WITH_TRAFFIC_CONTROL",
        )),
    }
}

fn info(application: &str, name: &str, group: &DeploymentGroup, deployments: &Deployments) -> Value {
    let own = |deployment: &&Deployment| deployment.plan.group_id == group.id;
    let attempted = deployments.newest_first().find(own);
    let succeeded = deployments.newest_first().filter(own).find(|it| it.status.as_str() == "Succeeded");
    let mut info = json!({
        "applicationName": application,
        "deploymentGroupId": group.id,
        "deploymentGroupName": name,
        "computePlatform": "Lambda",
        "targetRevision": succeeded.map(|deployment| deployment.plan.revision.clone()),
        "lastSuccessfulDeployment": succeeded.map(last),
        "lastAttemptedDeployment": attempted.map(last),
    });
    if let (Some(info), Some(settings)) = (info.as_object_mut(), group.settings.as_object()) {
        info.extend(settings.clone());
    }
    info
}

fn last(deployment: &Deployment) -> Value {
    json!({
        "deploymentId": deployment.plan.id,
        "status": deployment.status.as_str(),
        "createTime": deployment.created.epoch_seconds(),
        "endTime": deployment.completed.map(|at| at.epoch_seconds()),
    })
}
