//! The settings of a deployment group, by its application's platform.
//! <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html>

use serde_json::{Map, Value, json};

use crate::core::{Input, ServiceError};

use super::catalog::Catalog;
use super::platform::Platform;
use super::{filters, watch};

/// The members of a group that a caller may set.
const SETTINGS: &[&str] = &[
    "deploymentConfigName",
    "ec2TagFilters",
    "onPremisesInstanceTagFilters",
    "autoScalingGroups",
    "serviceRoleArn",
    "triggerConfigurations",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "outdatedInstancesStrategy",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "ec2TagSet",
    "ecsServices",
    "onPremisesTagSet",
    "ec2DeploymentOptions",
    "terminationHookEnabled",
];
/// The members that only groups of servers have, with the errors that they are refused with elsewhere.
const OF_SERVERS: &[(&str, &str)] = &[
    ("ec2TagFilters", "InvalidEC2TagException"),
    ("ec2TagSet", "InvalidEC2TagException"),
    ("onPremisesInstanceTagFilters", "InvalidTagException"),
    ("onPremisesTagSet", "InvalidTagException"),
    ("autoScalingGroups", "InvalidAutoScalingGroupException"),
    ("ec2DeploymentOptions", "InvalidAutoScalingGroupProcessToSuspendException"),
    ("terminationHookEnabled", "InvalidInputException"),
];
/// The members that a group on Lambda has not either.
const OF_ECS: &[(&str, &str)] = &[
    ("ecsServices", "InvalidECSServiceException"),
    ("loadBalancerInfo", "InvalidLoadBalancerInfoException"),
    ("blueGreenDeploymentConfiguration", "InvalidBlueGreenDeploymentConfigurationException"),
];
/// The longest wait of a blue/green deployment, in minutes: two days.
const LONGEST_WAIT: i64 = 2880;

/// The settings of a request, checked for a group on `platform`.
///
/// # Errors
/// Returns the API's error for the first setting that it refuses.
pub(super) fn read(catalog: &Catalog, platform: Platform, input: &Input) -> Result<Map<String, Value>, ServiceError> {
    if let Some(name) = input.opt_str("deploymentConfigName") {
        check_config(catalog, platform, name)?;
    }
    belongs(platform, input)?;
    watch::alarm_policy(&input.object("alarmConfiguration"))?;
    watch::rollback_policy(&input.object("autoRollbackConfiguration"))?;
    watch::check_triggers(input.list("triggerConfigurations"))?;
    check_style(platform, input)?;
    filters::check(input)?;
    check_blue_green(&input.object("blueGreenDeploymentConfiguration"))?;
    check_ecs(platform, input)?;
    let given = SETTINGS.iter().filter_map(|member| Some(((*member).to_owned(), input.get(member)?.clone())));
    Ok(given.collect())
}

/// Fills in the settings of a new group that its request did not set.
pub(super) fn fill_in(platform: Platform, settings: &mut Map<String, Value>) {
    let style = match platform {
        Platform::Server => json!({ "deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL" }),
        Platform::Lambda | Platform::Ecs => {
            json!({ "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" })
        }
    };
    let nothing = json!([]);
    for (member, usual) in [
        ("deploymentConfigName", json!(platform.default_config())),
        ("deploymentStyle", style),
        ("outdatedInstancesStrategy", json!("UPDATE")),
        ("terminationHookEnabled", json!(false)),
        ("ec2TagFilters", nothing.clone()),
        ("onPremisesInstanceTagFilters", nothing.clone()),
        ("autoScalingGroups", nothing.clone()),
        ("triggerConfigurations", nothing),
    ] {
        settings.entry(member).or_insert(usual);
    }
}

/// Sets what a request sets. Of two members that say the same in different ways the newer one stands.
pub(super) fn update(kept: &mut Map<String, Value>, new: Map<String, Value>) {
    for (one, other) in [("ec2TagFilters", "ec2TagSet"), ("onPremisesInstanceTagFilters", "onPremisesTagSet")] {
        if new.get(one).is_some_and(is_filled) {
            kept.shift_remove(other);
        } else if new.contains_key(other) {
            kept.insert(one.to_owned(), json!([]));
        }
    }
    kept.extend(new);
}

/// The configuration must be there and for the platform.
///
/// # Errors
/// `DeploymentConfigDoesNotExistException` or `InvalidDeploymentConfigNameException`.
pub(super) fn check_config(catalog: &Catalog, platform: Platform, name: &str) -> Result<(), ServiceError> {
    let config = catalog.config(name)?;
    if config.platform() == platform {
        return Ok(());
    }
    let message = format!(
        "The deployment configuration {name} is for the {} compute platform, and the application is for {}",
        config.platform().as_str(),
        platform.as_str()
    );
    Err(ServiceError::new("InvalidDeploymentConfigNameException", message))
}

fn belongs(platform: Platform, input: &Input) -> Result<(), ServiceError> {
    let foreign: &[&[(&str, &str)]] = match platform {
        Platform::Server => &[&[("ecsServices", "InvalidECSServiceException")]],
        Platform::Lambda => &[OF_SERVERS, OF_ECS],
        Platform::Ecs => &[OF_SERVERS],
    };
    let found = foreign.iter().flat_map(|group| group.iter());
    match found.copied().find(|(member, _)| input.get(member).is_some_and(is_filled)) {
        None => Ok(()),
        Some((member, code)) => {
            let message = format!("For {} deployment group, {member} can not be specified", platform.as_str());
            Err(ServiceError::new(code, message))
        }
    }
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => members.values().any(is_filled),
        Value::Null | Value::Bool(false) => false,
        _ => true,
    }
}

fn check_style(platform: Platform, input: &Input) -> Result<(), ServiceError> {
    if input.get("deploymentStyle").is_none() {
        return Ok(());
    }
    let style = input.object("deploymentStyle");
    let invalid = |message: &str| Err(ServiceError::new("InvalidDeploymentStyleException", message));
    let (Some(kind), Some(option)) = (style.opt_str("deploymentType"), style.opt_str("deploymentOption")) else {
        return invalid("Deployment type or deployment option cannot be null or empty");
    };
    let shifts = option == "WITH_TRAFFIC_CONTROL";
    if platform != Platform::Server {
        return if kind == "BLUE_GREEN" && shifts {
            Ok(())
        } else {
            let platform = platform.as_str();
            invalid(&format!(
                "For {platform} deployment group, only BLUE_GREEN with WITH_TRAFFIC_CONTROL is a valid deployment style"
            ))
        };
    }
    let balancers = input.object("loadBalancerInfo");
    let balanced = ["elbInfoList", "targetGroupInfoList", "targetGroupPairInfoList"];
    if shifts && balanced.iter().all(|list| balancers.list(list).is_empty()) {
        let message = "The specification for load balancing in the deployment group is invalid. The deploymentOption value is \
                       set to WITH_TRAFFIC_CONTROL, but either no load balancer was specified in elbInfoList or no target \
                       group was specified in targetGroupInfoList.";
        return Err(ServiceError::new("InvalidLoadBalancerInfoException", message));
    }
    Ok(())
}

fn check_blue_green(configuration: &Input) -> Result<(), ServiceError> {
    let (ready, end) = (
        configuration.object("deploymentReadyOption"),
        configuration.object("terminateBlueInstancesOnDeploymentSuccess"),
    );
    let wait = |structure: &Input, member: &str| {
        structure.opt_i64(member).is_some_and(|minutes| !(0..=LONGEST_WAIT).contains(&minutes))
    };
    if wait(&ready, "waitTimeInMinutes") || wait(&end, "terminationWaitTimeInMinutes") {
        let message = format!("A wait time of a blue/green deployment must be from 0 to {LONGEST_WAIT} minutes");
        return Err(ServiceError::new("InvalidBlueGreenDeploymentConfigurationException", message));
    }
    Ok(())
}

fn check_ecs(platform: Platform, input: &Input) -> Result<(), ServiceError> {
    let services = input.list("ecsServices");
    let named = |service: &Value, member: &str| service[member].as_str().is_some_and(|name| !name.is_empty());
    if services.iter().any(|service| !named(service, "serviceName") || !named(service, "clusterName")) {
        let message = "The Amazon ECS service identifier is not valid.";
        return Err(ServiceError::new("InvalidECSServiceException", message));
    }
    let pairs = input.object("loadBalancerInfo");
    let pairs = pairs.list("targetGroupPairInfoList");
    let groups = |pair: &Value| pair["targetGroups"].as_array().map_or(0, Vec::len);
    if platform == Platform::Ecs && pairs.iter().any(|pair| groups(pair) != 2) {
        let message = "A target group pair associated with this deployment is not valid.";
        return Err(ServiceError::new("InvalidTargetGroupPairException", message));
    }
    Ok(())
}
