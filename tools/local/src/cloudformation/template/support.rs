//! What the plane runs of a template, and what the template makes the caller acknowledge.

use serde_json::{Map, Value};

use super::super::errors::validation;
use super::super::provider::Provider;
use super::{Source, Template};
use crate::core::ServiceError;

/// Refuses every resource type and property that the plane does not run: all of them, each with its line.
///
/// # Errors
/// `ValidationError`, beginning as CloudFormation's does for types and properties that it does not know.
pub fn check_support(
    template: &Template,
    source: &Source,
    provider: impl Fn(&str) -> Option<&'static dyn Provider>,
) -> Result<(), ServiceError> {
    let (mut types, mut faults) = (Vec::new(), Vec::new());
    for (id, resource) in &template.resources {
        let kind = &resource.resource_type;
        let Some(provider) = provider(kind) else {
            types.push(kind.as_str());
            faults.push(format!(
                "resource {id} on line {} is of type {kind}, which the local plane does not run",
                source.line_of_resource(id)
            ));
            continue;
        };
        for property in resource.properties.as_object().into_iter().flat_map(Map::keys) {
            if !provider.properties().contains(&property.as_str()) {
                faults.push(format!(
                    "Encountered unsupported property {property} of resource {id} ({kind}) on line {}",
                    source.line_of_property(id, property)
                ));
            }
        }
        faults.extend(unsupported_update_policy(id, &resource.update_policy, source));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let faults = faults.join("; ");
    types.dedup();
    Err(validation(if types.is_empty() {
        faults
    } else {
        format!("Template format error: Unrecognized resource types: [{}]: {faults}", types.join(", "))
    }))
}

fn unsupported_update_policy(id: &str, policy: &Value, source: &Source) -> Option<String> {
    let unknown = policy.as_object()?.keys().find(|name| *name != "CodeDeployLambdaAliasUpdate")?;
    let line = source.tree.line_of(&format!("/Resources/{id}/UpdatePolicy"));
    Some(format!("the UpdatePolicy {unknown} of resource {id} on line {line} is not run by the local plane"))
}

const NAMED: [(&str, &str); 5] = [
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::User", "UserName"),
];
const UNNAMED: [&str; 3] = ["AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition"];

/// The capability that creating the template's IAM resources must be acknowledged with, and which resources those
/// are: `CAPABILITY_NAMED_IAM` when one has a name of its own, else `CAPABILITY_IAM`.
pub fn required_capability(template: &Template) -> Option<(&'static str, Vec<String>)> {
    let named = |kind: &str| NAMED.iter().find(|(name, _)| *name == kind).map(|(_, property)| *property);
    let iam: Vec<_> = template
        .resources
        .values()
        .filter(|resource| {
            let kind = resource.resource_type.as_str();
            named(kind).is_some() || UNNAMED.contains(&kind)
        })
        .collect();
    let custom = iam.iter().any(|resource| {
        named(&resource.resource_type).is_some_and(|property| resource.properties.get(property).is_some())
    });
    let mut types: Vec<String> = iam.iter().map(|resource| resource.resource_type.clone()).collect();
    types.sort();
    types.dedup();
    (!types.is_empty()).then_some((if custom { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" }, types))
}
