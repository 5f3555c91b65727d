//! The guard of a plain function: the version, the alias and the deployment group that SAM would make for one of its own.
//!
//! A template without SAM's transform stays without it. What the template has of these already is kept: an alias gets an update policy,
//! and a version that the template publishes is the one that is released.

use serde_json::{Value, json};

use super::direct::Door;
use super::fingerprint::version_hash;
use super::functions::{Guardable, Shifted};
use super::own::{Own, own};
use super::preference::{
    APPLICATION, PREFERENCES, SERVICE_ROLE, alarm_configuration, alias_id, group_id, rollbacks, style, update_policy,
    version_id,
};
use super::serverless::made;
use super::{Addition, Guard, GuardFault, Remark, alarms, service_role};

/// Puts what is missing into the template, unless an alias of the function is handed to CodeDeploy already.
pub(super) fn add(template: &mut Value, function: &Guardable<'_>, guard: &Guard) -> Result<Addition, GuardFault> {
    let id = function.logical_id;
    let own = own(function, &guard.alias)?;
    let publishes = || -> Result<String, GuardFault> { function.free(version_id(id, &version_hash(function, guard))) };
    let by = |by: &str| vec![Remark::OwnVersion { function: id.to_owned(), by: by.to_owned() }];
    let (version_to_add, remarks) = match own {
        Own::Shifted(alias) => {
            let remark = Remark::OwnPolicy { function: id.to_owned(), alias: alias.to_owned() };
            return Ok(Addition { remarks: vec![remark], door: None });
        }
        Own::Nothing => (Some(publishes()?), Vec::new()),
        Own::Version(version) => (None, by(version)),
        Own::Alias { logical_id, .. } => (None, by(logical_id)),
    };
    let shifted = shifted(&own, version_to_add.as_deref(), guard);
    let alarms = alarms::kit(function, guard, &shifted)?;
    let group = function.free(group_id(id))?;
    let policy = update_policy(
        id,
        guard.pre_traffic.as_ref().map(|hook| json!(hook)),
        guard.post_traffic.as_ref().map(|hook| json!(hook)),
    );
    let mut added = Vec::new();
    if let Some(version) = version_to_add {
        added.push((version, version_of(function)));
    }
    let door = match own {
        Own::Alias { logical_id, .. } => {
            template["Resources"][logical_id]["UpdatePolicy"] = policy;
            Door::of(function, guard, logical_id.to_owned(), true)
        }
        _ => {
            let alias = function.free(alias_id(id, &guard.alias))?;
            added.push((alias.clone(), alias_of(function, &shifted, policy)));
            Door::of(function, guard, alias, false)
        }
    };
    added.push((group, group_of(function, guard, &alarms::read(&alarms))));
    added.extend(alarms.into_iter().map(|alarm| (alarm.logical_id, alarm.resource)));
    let resources = &mut template["Resources"];
    for (logical_id, resource) in added {
        resources[&logical_id] = resource;
    }
    Ok(Addition { remarks, door: Some(door) })
}

fn shifted(own: &Own<'_>, added: Option<&str>, guard: &Guard) -> Shifted {
    let number = |version: &str| json!({ "Fn::GetAtt": [version, "Version"] });
    match own {
        Own::Alias { name, version, .. } => Shifted { alias: (*name).clone(), version: (*version).clone() },
        Own::Version(version) => Shifted { alias: json!(guard.alias), version: number(version) },
        _ => Shifted { alias: json!(guard.alias), version: number(added.unwrap_or_default()) },
    }
}

/// A resource that exists where the function does, with those of the function's attributes that it has as well.
fn resource(function: &Guardable<'_>, kind: &str, attributes: &[&str], properties: Value) -> Value {
    let mut resource = json!({ "Type": kind });
    for name in ["Condition"].iter().chain(attributes) {
        if let Some(value) = function.attribute(name) {
            resource[*name] = value.clone();
        }
    }
    resource["Properties"] = properties;
    resource
}

/// A version stays when it leaves the template: an alias may still point to it. The one of a release that is rolled back goes, as SAM's
/// would not: Lambda publishes nothing that is equal to the last version, CloudFormation takes that for a failure, and the same code
/// could never be released again, say with a mended suite
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>). Assumed: a version that
/// is deleted is no last version any more.
fn version_of(function: &Guardable<'_>) -> Value {
    let properties = json!({ "FunctionName": function.name() });
    let mut version =
        resource(function, "AWS::Lambda::Version", &["DeletionPolicy", "UpdateReplacePolicy"], properties);
    if function.attribute("DeletionPolicy").is_none() {
        version["DeletionPolicy"] = json!("RetainExceptOnCreate");
    }
    version
}

fn alias_of(function: &Guardable<'_>, shifted: &Shifted, policy: Value) -> Value {
    let properties =
        json!({ "FunctionName": function.name(), "FunctionVersion": shifted.version, "Name": shifted.alias });
    let mut alias = resource(function, "AWS::Lambda::Alias", &["DeletionPolicy", "UpdateReplacePolicy"], properties);
    alias["UpdatePolicy"] = policy;
    alias
}

fn group_of(function: &Guardable<'_>, guard: &Guard, alarms: &[Value]) -> Value {
    let is_known = PREFERENCES.contains(&guard.preference.as_str());
    let configuration =
        if is_known { format!("CodeDeployDefault.Lambda{}", guard.preference) } else { guard.preference.clone() };
    let properties = json!({
        "ApplicationName": { "Ref": APPLICATION },
        "AlarmConfiguration": alarm_configuration(alarms),
        "AutoRollbackConfiguration": rollbacks(),
        "DeploymentConfigName": configuration,
        "DeploymentStyle": style(),
        "ServiceRoleArn": { "Fn::GetAtt": [SERVICE_ROLE, "Arn"] },
    });
    resource(function, "AWS::CodeDeploy::DeploymentGroup", &[], properties)
}

/// Adds the application and the role that all groups have in common, unless SAM makes them for functions of its own.
/// `function` is one of the plain functions that need them.
pub(super) fn share(template: &mut Value, function: &Guardable<'_>) -> Result<(), GuardFault> {
    let id = || function.logical_id.to_owned();
    let made = made(template).map_err(|uncertain| GuardFault::Application {
        function: id(),
        sams: uncertain.function.to_owned(),
        reason: uncertain.reason,
    })?;
    let application = json!({ "Type": "AWS::CodeDeploy::Application", "Properties": { "ComputePlatform": "Lambda" } });
    let role = service_role::role(function);
    let shared = [(APPLICATION, application, made.application), (SERVICE_ROLE, role, made.role)];
    for (logical_id, resource, is_made) in shared {
        // The template must not have a resource of that name, whether SAM makes one or the guard does.
        let logical_id = function.free(logical_id.to_owned())?;
        if !is_made {
            template["Resources"][&logical_id] = resource;
        }
    }
    Ok(())
}
