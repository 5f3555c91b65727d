//! Deployment configurations: the predefined ones and those that callers make.
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html>

use serde_json::{Value, json};

use super::catalog::Catalog;
use super::config::{DeploymentConfig, PREDEFINED, Rule};
use super::names;
use super::platform::Platform;
use super::service::CodeDeploy;
use super::traffic::TrafficRouting;
use crate::core::{Ids, Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most configurations of an account's own.
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>
const MOST: usize = 50;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("CreateDeploymentConfig", "*", |service, request| {
        service.catalog(|catalog| create(catalog, &service.hub.ids, &request.input, service.hub.now()))
    })
    .on("deploymentconfig:{deploymentConfigName}"),
    Declared::now("GetDeploymentConfig", "*", |service, request| {
        service.catalog(|catalog| {
            let config = catalog.config(request.input.str("deploymentConfigName")?)?;
            Ok(json!({ "deploymentConfigInfo": config.info() }))
        })
    })
    .on("deploymentconfig:{deploymentConfigName}"),
    Declared::now("ListDeploymentConfigs", "*", |service, request| {
        service.catalog(|catalog| {
            let all = catalog.configs.keys().map(|name| (name.as_str(), json!(name)));
            let page = names::page("ListDeploymentConfigs", &request.input, all)?;
            Ok(json!({ "deploymentConfigsList": page.items, "nextToken": page.next }))
        })
    })
    .on("deploymentconfig:*"),
    Declared::now("DeleteDeploymentConfig", "*", |service, request| {
        service.catalog(|catalog| delete(catalog, request.input.str("deploymentConfigName")?))
    })
    .on("deploymentconfig:{deploymentConfigName}"),
];

/// `CreateDeploymentConfig`.
fn create(catalog: &mut Catalog, ids: &Ids, input: &Input, now: Timestamp) -> Reply {
    let name = input.str("deploymentConfigName")?;
    if name.starts_with(PREDEFINED) {
        let message = format!("The name of a deployment configuration must not begin with {PREDEFINED}");
        return Err(ServiceError::new("InvalidDeploymentConfigNameException", message));
    }
    if catalog.configs.contains_key(name) {
        let message = format!("Deployment Configuration already exists: {name}");
        return Err(ServiceError::new("DeploymentConfigAlreadyExistsException", message));
    }
    if catalog.configs.keys().filter(|name| !name.starts_with(PREDEFINED)).count() >= MOST {
        let message = format!("The account has {MOST} deployment configurations already");
        return Err(ServiceError::new("DeploymentConfigLimitExceededException", message));
    }
    let rule = match Platform::of(input) {
        Platform::Server => hosts(input)?,
        platform => traffic(platform, input)?,
    };
    let config = DeploymentConfig { id: ids.uuid(), name: name.to_owned(), created: now, rule };
    let reply = json!({ "deploymentConfigId": config.id });
    catalog.configs.insert(name.to_owned(), config);
    Ok(reply)
}

/// The rule of a configuration for servers.
fn hosts(input: &Input) -> Result<Rule, ServiceError> {
    if input.get("trafficRoutingConfig").is_some() {
        let message = "For EC2/On-premises deployments, a traffic routing configuration can not be specified";
        return Err(ServiceError::new("InvalidTrafficRoutingConfigurationException", message));
    }
    let minimum = minimum(&input.object("minimumHealthyHosts"))
        .map_err(|message| ServiceError::new("InvalidMinimumHealthyHostValueException", message))?;
    let invalid = |message: &str| ServiceError::new("InvalidZonalDeploymentConfigurationException", message);
    let zones = input.get("zonalConfig").cloned();
    if let Some(zones) = zones.clone().map(Input::from) {
        let negative = |member| zones.opt_i64(member).is_some_and(|seconds| seconds < 0);
        if negative("firstZoneMonitorDurationInSeconds") || negative("monitorDurationInSeconds") {
            return Err(invalid("A monitor duration can not be negative"));
        }
        if zones.get("minimumHealthyHostsPerZone").is_some() {
            let minimum = self::minimum(&zones.object("minimumHealthyHostsPerZone"));
            minimum.map_err(invalid)?;
        }
    }
    Ok(Rule::Hosts { minimum, zones })
}

fn minimum(hosts: &Input) -> Result<Value, &'static str> {
    let value = hosts.opt_i64("value").unwrap_or_default();
    match hosts.opt_str("type") {
        Some("HOST_COUNT") if value >= 0 => {}
        Some("FLEET_PERCENT") if (0..=100).contains(&value) => {}
        Some("HOST_COUNT") => return Err("The minimum healthy host count can not be negative"),
        Some(_) => return Err("The minimum healthy fleet percentage must be from 0 to 100"),
        None => return Err("The type and the value of the minimum healthy hosts must be specified"),
    }
    Ok(json!({ "type": hosts.opt_str("type"), "value": value }))
}

/// The rule of a configuration for Lambda or ECS.
fn traffic(platform: Platform, input: &Input) -> Result<Rule, ServiceError> {
    let other = |member: &str, code: &str| {
        let message = format!("For Lambda and ECS deployment, {member} can not be specified");
        if input.get(member).is_some() { Err(ServiceError::new(code, message)) } else { Ok(()) }
    };
    other("minimumHealthyHosts", "InvalidMinimumHealthyHostValueException")?;
    other("zonalConfig", "InvalidZonalDeploymentConfigurationException")?;
    Ok(Rule::Traffic { platform, routing: TrafficRouting::from_model(&input.object("trafficRoutingConfig"))? })
}

/// `DeleteDeploymentConfig`. One that does not exist is no error.
fn delete(catalog: &mut Catalog, name: &str) -> Reply {
    if name.starts_with(PREDEFINED) {
        let message = "A predefined deployment configuration can not be deleted";
        return Err(ServiceError::new("InvalidOperationException", message));
    }
    let mut groups = catalog.applications.values().flat_map(|application| application.groups.values());
    if groups.any(|group| group.text("deploymentConfigName") == name) {
        let message = format!("Deployment Configuration is in use by a deployment group: {name}");
        return Err(ServiceError::new("DeploymentConfigInUseException", message));
    }
    catalog.configs.remove(name);
    Ok(json!({}))
}
