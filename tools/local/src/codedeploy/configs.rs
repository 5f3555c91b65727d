//! Deployment configurations: the predefined ones for Lambda and those that callers make.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::core::{Ids, Input, Reply, ServiceError, Timestamp};

use super::catalog::Catalog;
use super::names;
use super::traffic::TrafficRouting;

/// A deployment configuration for Lambda.
#[derive(Clone, Debug)]
pub(super) struct DeploymentConfig {
    pub id: String,
    pub name: String,
    pub created: Timestamp,
    pub routing: TrafficRouting,
}

/// The configuration of a group that names none. AWS documents `CodeDeployDefault.OneAtATime` for servers and this
/// one for Lambda.
pub(super) const DEFAULT: &str = "CodeDeployDefault.LambdaAllAtOnce";

/// The configurations that AWS makes for the Lambda platform.
pub(super) fn predefined(ids: &Ids, now: Timestamp) -> BTreeMap<String, DeploymentConfig> {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let canaries = [5, 10, 15, 30].map(|every| {
        let routing = TrafficRouting::Canary { percentage: 10, interval: minutes(every) };
        (format!("CodeDeployDefault.LambdaCanary10Percent{every}Minutes"), routing)
    });
    let linears = [1, 2, 3, 10].map(|every| {
        let routing = TrafficRouting::Linear { percentage: 10, interval: minutes(every) };
        let unit = if every == 1 { "Minute" } else { "Minutes" };
        (format!("CodeDeployDefault.LambdaLinear10PercentEvery{every}{unit}"), routing)
    });
    canaries
        .into_iter()
        .chain(linears)
        .chain([(DEFAULT.to_owned(), TrafficRouting::AllAtOnce)])
        .map(|(name, routing)| (name.clone(), DeploymentConfig { id: ids.uuid(), name, created: now, routing }))
        .collect()
}

/// `CreateDeploymentConfig`.
pub(super) fn create(catalog: &mut Catalog, ids: &Ids, input: &Input, now: Timestamp) -> Reply {
    let name = names::name(input, "deploymentConfigName", "DeploymentConfigName")?;
    if name.starts_with("CodeDeployDefault.") {
        let message = "The name of a deployment configuration must not start with CodeDeployDefault.";
        return Err(ServiceError::new("InvalidDeploymentConfigNameException", message));
    }
    if catalog.configs.contains_key(&name) {
        let message = format!("Deployment Configuration already exists: {name}");
        return Err(ServiceError::new("DeploymentConfigAlreadyExistsException", message));
    }
    match input.opt_str("computePlatform") {
        Some("Lambda") => {}
        None | Some("Server" | "ECS") => return Err(super::other_platform("CreateDeploymentConfig")),
        Some(_) => return Err(super::unknown_platform()),
    }
    let routing = TrafficRouting::from_model(&input.object("trafficRoutingConfig"))?;
    let config = DeploymentConfig { id: ids.uuid(), name: name.clone(), created: now, routing };
    let reply = json!({ "deploymentConfigId": config.id });
    catalog.configs.insert(name, config);
    Ok(reply)
}

/// `GetDeploymentConfig`.
pub(super) fn get(catalog: &Catalog, input: &Input) -> Reply {
    let config = catalog.config(&names::name(input, "deploymentConfigName", "DeploymentConfigName")?)?;
    Ok(json!({ "deploymentConfigInfo": {
        "deploymentConfigId": config.id,
        "deploymentConfigName": config.name,
        "createTime": config.created.epoch_seconds(),
        "computePlatform": "Lambda",
        "trafficRoutingConfig": config.routing.to_model(),
    }}))
}

/// `ListDeploymentConfigs`.
pub(super) fn list(catalog: &Catalog, input: &Input) -> Reply {
    let names: Vec<Value> = catalog.configs.keys().map(|name| json!(name)).collect();
    let (page, next) = names::page(input, names, 100)?;
    Ok(json!({ "deploymentConfigsList": page, "nextToken": next }))
}

/// `DeleteDeploymentConfig`.
pub(super) fn delete(catalog: &mut Catalog, input: &Input) -> Reply {
    let name = names::name(input, "deploymentConfigName", "DeploymentConfigName")?;
    if name.starts_with("CodeDeployDefault.") {
        let message = "A predefined deployment configuration cannot be deleted";
        return Err(ServiceError::new("InvalidOperationException", message));
    }
    let used = catalog
        .applications
        .values()
        .flat_map(|application| application.groups.values())
        .any(|group| group.settings["deploymentConfigName"] == name.as_str());
    if used {
        let message = format!("Deployment Configuration is in use by a deployment group: {name}");
        return Err(ServiceError::new("DeploymentConfigInUseException", message));
    }
    catalog.configs.remove(&name);
    Ok(json!({}))
}
