//! Reading names, ids and pages out of requests.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::core::{Input, Page, ServiceError};

/// The members that CodeDeploy's errors call otherwise.
pub(super) const STEMS: &[(&str, &str)] = &[
    ("alarmConfiguration", "AlarmConfig"),
    ("applicationNames", "ApplicationName"),
    ("autoRollbackConfiguration", "AutoRollbackConfig"),
    ("currentDeploymentGroupName", "DeploymentGroupName"),
    ("deployed", "DeployedStateFilter"),
    ("deploymentGroupNames", "DeploymentGroupName"),
    ("deploymentIds", "DeploymentId"),
    ("ec2DeploymentOptions", "AutoScalingGroupProcessToSuspend"),
    ("ec2TagFilters", "EC2Tag"),
    ("ec2TagSet", "EC2Tag"),
    ("includeOnlyStatuses", "DeploymentStatus"),
    ("instanceNames", "InstanceName"),
    ("minimumHealthyHosts", "MinimumHealthyHostValue"),
    ("newApplicationName", "ApplicationName"),
    ("newDeploymentGroupName", "DeploymentGroupName"),
    ("onPremisesInstanceTagFilters", "Tag"),
    ("onPremisesTagSet", "Tag"),
    ("resourceArn", "Arn"),
    ("revisions", "Revision"),
    ("serviceRoleArn", "Role"),
    ("status", "LifecycleEventHookExecutionStatus"),
    ("tagFilters", "TagFilter"),
    ("tagKeys", "Tag"),
    ("tags", "Tag"),
    ("targetFilters", "TargetFilterName"),
    ("targetId", "DeploymentTargetId"),
    ("targetIds", "DeploymentTargetId"),
    ("trafficRoutingConfig", "TrafficRoutingConfiguration"),
    ("triggerConfigurations", "TriggerConfig"),
    ("zonalConfig", "ZonalDeploymentConfiguration"),
];
/// The number of names on a page of a list. Assumed: AWS documents no size.
const PAGE: usize = 100;

/// A name whose form the model has checked.
///
/// # Errors
/// `<Kind>RequiredException` when the member is missing: the model does not require it everywhere.
pub(super) fn name<'a>(input: &'a Input, member: &str, kind: &str) -> Result<&'a str, ServiceError> {
    let given = input.opt_str(member).filter(|given| !given.is_empty());
    given.ok_or_else(|| ServiceError::new(format!("{kind}RequiredException"), format!("{member} must be specified")))
}

/// The names of a batch.
///
/// # Errors
/// `<Kind>RequiredException` when there is none, `BatchLimitExceededException` when there are more than `most`.
pub(super) fn batch(input: &Input, member: &str, kind: &str, most: usize) -> Result<Vec<String>, ServiceError> {
    let given = input.strings(member);
    if given.is_empty() {
        return Err(ServiceError::new(format!("{kind}RequiredException"), format!("{member} must be specified")));
    }
    if given.len() > most {
        return Err(too_many(most));
    }
    Ok(given)
}

/// More was asked for than one request may.
pub(super) fn too_many(most: usize) -> ServiceError {
    let text = format!("The maximum number of names or IDs allowed for this request ({most}) was exceeded.");
    ServiceError::new("BatchLimitExceededException", text)
}

/// A deployment id, `d-` and capitals or digits.
///
/// # Errors
/// `DeploymentIdRequiredException` or `InvalidDeploymentIdException`.
pub(super) fn deployment_id(input: &Input) -> Result<&str, ServiceError> {
    let given = name(input, "deploymentId", "DeploymentId")?;
    checked_id(given).map(|()| given)
}

/// Checks the form of a deployment id.
///
/// # Errors
/// `InvalidDeploymentIdException`.
pub(super) fn checked_id(given: &str) -> Result<(), ServiceError> {
    let valid = given
        .strip_prefix("d-")
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()));
    if valid {
        return Ok(());
    }
    let message = format!("Specified DeploymentId is not in the valid format: {given}");
    Err(ServiceError::new("InvalidDeploymentIdException", message))
}

/// Checks a description.
///
/// # Errors
/// `DescriptionTooLongException`.
pub(super) fn description(input: &Input) -> Result<Option<String>, ServiceError> {
    match input.opt_str("description") {
        Some(text) if text.chars().count() > 256 => {
            let message = "The description is too long: at most 256 characters are allowed";
            Err(ServiceError::new("DescriptionTooLongException", message))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// One page of what an operation lists, in the order of the keys. A token is good for the same request alone.
///
/// # Errors
/// `InvalidNextTokenException`.
pub(super) fn page<'k>(
    operation: &str,
    input: &Input,
    all: impl IntoIterator<Item = (&'k str, Value)>,
) -> Result<Page<Value>, ServiceError> {
    let mut asked = input.clone().into_value();
    if let Some(members) = asked.as_object_mut() {
        members.retain(|name, _| !name.eq_ignore_ascii_case("nextToken"));
    }
    let scope = format!("{operation}:{}", &hex::encode(Sha256::digest(asked.to_string()))[..16]);
    let token = input.opt_str("nextToken").or_else(|| input.opt_str("NextToken")).filter(|token| !token.is_empty());
    Page::cut(all, token, PAGE, &scope)
        .map_err(|_| ServiceError::new("InvalidNextTokenException", "The next token is not one of this request's"))
}

/// One page of what is not in the order of keys of its own: each item's place is its key.
///
/// # Errors
/// `InvalidNextTokenException`.
pub(super) fn page_in_order(operation: &str, input: &Input, all: Vec<Value>) -> Result<Page<Value>, ServiceError> {
    let keys: Vec<String> = (0..all.len()).map(|place| format!("{place:08}")).collect();
    page(operation, input, keys.iter().map(String::as_str).zip(all))
}
