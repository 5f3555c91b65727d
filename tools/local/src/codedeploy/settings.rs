//! What a deployment group can be set to, by its application's platform.
//! <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html>

use serde_json::{Map, Value, json};

use crate::core::{Arn, Input, ServiceError};

use super::catalog::Catalog;
use super::engine::{AlarmPolicy, RollbackPolicy};
use super::platform::Platform;

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
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>
const MOST_ALARMS: usize = 10;
const MOST_TRIGGERS: usize = 10;
const MOST_TAG_GROUPS: usize = 3;
/// The longest wait of a blue/green deployment, in minutes: two days.
const LONGEST_WAIT: i64 = 2880;

/// What a request sets, checked for a group on `platform`.
///
/// # Errors
/// What the API refuses.
pub(super) fn read(catalog: &Catalog, platform: Platform, input: &Input) -> Result<Map<String, Value>, ServiceError> {
    if let Some(name) = input.opt_str("deploymentConfigName") {
        check_config(catalog, platform, name)?;
    }
    belongs(platform, input)?;
    alarm_policy(&input.object("alarmConfiguration"))?;
    rollback_policy(&input.object("autoRollbackConfiguration"))?;
    check_triggers(input.list("triggerConfigurations"))?;
    check_style(platform, input)?;
    check_tags(input)?;
    check_blue_green(&input.object("blueGreenDeploymentConfiguration"))?;
    check_ecs(platform, input)?;
    let given = SETTINGS.iter().filter_map(|member| Some(((*member).to_owned(), input.get(member)?.clone())));
    Ok(given.collect())
}

/// What a new group has that a request did not set.
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

/// Reads an `alarmConfiguration`.
///
/// # Errors
/// `AlarmsLimitExceededException` beyond 10 alarms; `InvalidAlarmConfigException` for one without a name, one that is there
/// twice, or an enabled configuration without alarms.
pub(super) fn alarm_policy(configuration: &Input) -> Result<AlarmPolicy, ServiceError> {
    let invalid = |message: &str| ServiceError::new("InvalidAlarmConfigException", message);
    let names = configuration
        .list("alarms")
        .iter()
        .map(|alarm| alarm["name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned))
        .collect::<Option<Vec<String>>>()
        .ok_or_else(|| invalid("An alarm must have a name"))?;
    if names.len() > MOST_ALARMS {
        let message = format!("The maximum number of alarms for a deployment group ({MOST_ALARMS}) was exceeded.");
        return Err(ServiceError::new("AlarmsLimitExceededException", message));
    }
    if has_twice(names.iter().map(String::as_str)) {
        return Err(invalid("The alarm configuration contains duplicate alarm names"));
    }
    if !configuration.opt_bool("enabled").unwrap_or(false) {
        return Ok(AlarmPolicy::default());
    }
    if names.is_empty() {
        return Err(invalid("An alarm configuration that is enabled must have at least one alarm"));
    }
    let ignore_poll_failure = configuration.opt_bool("ignorePollAlarmFailure").unwrap_or(false);
    Ok(AlarmPolicy { names, ignore_poll_failure })
}

/// Reads an `autoRollbackConfiguration`.
///
/// # Errors
/// `InvalidAutoRollbackConfigException` for an enabled configuration without events.
pub(super) fn rollback_policy(configuration: &Input) -> Result<RollbackPolicy, ServiceError> {
    let events = configuration.strings("events");
    if !configuration.opt_bool("enabled").unwrap_or(false) {
        return Ok(RollbackPolicy::default());
    }
    if events.is_empty() {
        let message = "An automatic rollback that is enabled must have at least one event";
        return Err(ServiceError::new("InvalidAutoRollbackConfigException", message));
    }
    let has = |event: &str| events.iter().any(|given| given == event);
    Ok(RollbackPolicy {
        on_failure: has("DEPLOYMENT_FAILURE"),
        on_alarm: has("DEPLOYMENT_STOP_ON_ALARM"),
        on_request: has("DEPLOYMENT_STOP_ON_REQUEST"),
    })
}

fn has_twice<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    names.into_iter().any(|name| !seen.insert(name))
}

fn check_triggers(triggers: &[Value]) -> Result<(), ServiceError> {
    let invalid = |message: &str| Err(ServiceError::new("InvalidTriggerConfigException", message));
    if triggers.len() > MOST_TRIGGERS {
        let message = format!("The maximum allowed number of triggers ({MOST_TRIGGERS}) was exceeded.");
        return Err(ServiceError::new("TriggerTargetsLimitExceededException", message));
    }
    for trigger in triggers {
        if trigger["triggerName"].as_str().is_none_or(str::is_empty) {
            return invalid("A trigger must have a name");
        }
        let target = trigger["triggerTargetArn"].as_str().and_then(Arn::parse);
        if !target.is_some_and(|arn| arn.service == "sns") {
            return invalid("The target of a trigger must be the ARN of an Amazon SNS topic");
        }
        if trigger["triggerEvents"].as_array().is_none_or(Vec::is_empty) {
            return invalid("A trigger must have at least one event");
        }
    }
    if has_twice(triggers.iter().filter_map(|trigger| trigger["triggerName"].as_str())) {
        return invalid("The trigger configurations contain duplicate trigger names");
    }
    Ok(())
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

/// Tag filters: one way of writing them in a call, at most three groups, and what their types need.
fn check_tags(input: &Input) -> Result<(), ServiceError> {
    let kinds = [
        ("ec2TagFilters", "ec2TagSet", "ec2TagSetList", "InvalidEC2TagCombinationException", "InvalidEC2TagException"),
        (
            "onPremisesInstanceTagFilters",
            "onPremisesTagSet",
            "onPremisesTagSetList",
            "InvalidOnPremisesTagCombinationException",
            "InvalidTagException",
        ),
    ];
    for (filters, set, list, combination, invalid) in kinds {
        let groups = input.object(set);
        let (filters_given, groups_given) = (input.list(filters), groups.list(list));
        if !filters_given.is_empty() && !groups_given.is_empty() {
            let message = format!(
                "A call was submitted that specified both {filters} and {set}, but only one of these data types can be used \
                 in a single call."
            );
            return Err(ServiceError::new(combination, message));
        }
        if groups_given.len() > MOST_TAG_GROUPS {
            let message = format!("The number of tag groups included in the tag set list exceeded {MOST_TAG_GROUPS}.");
            return Err(ServiceError::new("TagSetListLimitExceededException", message));
        }
        let all = filters_given.iter().chain(groups_given.iter().filter_map(Value::as_array).flatten());
        if all.into_iter().any(|filter| !is_filter(filter)) {
            return Err(ServiceError::new(invalid, "The tag was specified in an invalid format."));
        }
    }
    Ok(())
}

/// Whether a tag filter has what its type needs: a key, a value, or both.
pub(super) fn is_filter(filter: &Value) -> bool {
    let has = |member: &str| filter[member].as_str().is_some_and(|text| !text.is_empty());
    match filter["Type"].as_str() {
        Some("KEY_ONLY") => has("Key"),
        Some("VALUE_ONLY") => has("Value"),
        Some("KEY_AND_VALUE") => has("Key") && has("Value"),
        _ => false,
    }
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
