//! The capabilities that a template makes the caller acknowledge.

use super::Template;
use crate::core::ServiceError;

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

/// Refuses a template with IAM resources that the caller has not acknowledged.
///
/// # Errors
/// `InsufficientCapabilitiesException` naming the capability.
pub fn check_capabilities(template: &Template, given: &[String]) -> Result<(), ServiceError> {
    let given = |name: &str| given.iter().any(|one| one == name);
    match required_capability(template) {
        Some((needed, _)) if !(given(needed) || given("CAPABILITY_NAMED_IAM")) => Err(insufficient(needed)),
        _ => Ok(()),
    }
}

/// The refusal that asks for a capability.
pub fn insufficient(capability: &str) -> ServiceError {
    ServiceError::new("InsufficientCapabilitiesException", format!("Requires capabilities : [{capability}]"))
}
