//! The parts of a template that the plane runs: resource types, properties, update policies. The rest is refused by name,
//! all of it at once: in AWS's words where AWS does not know it either, as not implemented, with the line, where it does.

use serde_json::{Map, Value};

use crate::cloudformation::errors::{unsupported, validation};
use crate::cloudformation::provider::ProviderLookup;
use crate::cloudformation::schema;
use crate::cloudformation::stack_policy::matches;
use crate::cloudformation::template::{Source, Template};
use crate::core::ServiceError;

/// Refuses every resource type that AWS or the plane does not know.
///
/// # Errors
/// `ValidationError` for types that AWS does not have, else `NotImplemented`.
pub fn check_types(template: &Template, source: &Source, lookup: ProviderLookup) -> Result<(), ServiceError> {
    let (mut unknown, mut not_run) = (Vec::new(), Vec::new());
    for (id, resource) in &template.resources {
        let kind = resource.resource_type.as_str();
        if lookup(kind).is_some() {
            continue;
        }
        if schema::is_known(kind) {
            let line = source.line_of_resource(id);
            not_run.push(format!("the resource type {kind} (resource {id}, line {line})"));
        } else {
            unknown.push(kind);
        }
    }
    unknown.dedup();
    if !unknown.is_empty() {
        return Err(validation(format!(
            "Template format error: Unrecognized resource types: [{}]",
            unknown.join(", ")
        )));
    }
    if not_run.is_empty() { Ok(()) } else { Err(unsupported(not_run.join(", "))) }
}

/// Refuses the types that the request does not allow.
///
/// # Errors
/// `ValidationError` naming the first.
pub fn check_allowed(template: &Template, allowed: &[String]) -> Result<(), ServiceError> {
    let mut types = template.resources.values().map(|resource| resource.resource_type.as_str());
    match types.find(|kind| !allowed.is_empty() && !allowed.iter().any(|one| matches(one, kind))) {
        Some(kind) => Err(validation(format!(
            "Resource type {kind} is not allowed by parameter ResourceTypes [{}]",
            allowed.join(", ")
        ))),
        None => Ok(()),
    }
}

/// Refuses every property that AWS or the plane does not know, of types that the plane runs.
///
/// # Errors
/// As [`check_types`].
pub fn check_properties(template: &Template, source: &Source, lookup: ProviderLookup) -> Result<(), ServiceError> {
    let (mut wrong, mut not_run) = (Vec::new(), Vec::new());
    for (id, resource) in &template.resources {
        let kind = resource.resource_type.as_str();
        let Some(provider) = lookup(kind) else { continue };
        for property in resource.properties.as_object().into_iter().flat_map(Map::keys) {
            if provider.properties().contains(&property.as_str()) {
                continue;
            }
            if schema::resource_type(kind).is_some_and(|known| known.is_writable(property)) {
                let line = source.line_of_property(id, property);
                not_run.push(format!("the property {property} of resource {id} ({kind}) on line {line}"));
            } else {
                wrong.push(format!("Encountered unsupported property {property}"));
            }
        }
        not_run.extend(unsupported_update_policy(id, &resource.update_policy, source));
        wrong.extend(wrong_alias_update(id, &resource.update_policy));
    }
    let not_run = if not_run.is_empty() { Vec::new() } else { vec![unsupported(not_run.join(", ")).message] };
    refuse(wrong, not_run)
}

/// One refusal of everything: as invalid where anything is, else as not implemented.
pub(super) fn refuse(mut wrong: Vec<String>, not_run: Vec<String>) -> Result<(), ServiceError> {
    if wrong.is_empty() && not_run.is_empty() {
        return Ok(());
    }
    if wrong.is_empty() {
        return Err(ServiceError { message: not_run.join("; "), ..unsupported("") });
    }
    wrong.extend(not_run);
    Err(validation(wrong.join("; ")))
}

fn unsupported_update_policy(id: &str, policy: &Value, source: &Source) -> Option<String> {
    let unknown = policy.as_object()?.keys().find(|name| *name != "CodeDeployLambdaAliasUpdate")?;
    let line = source.tree.line_of(&format!("/Resources/{id}/UpdatePolicy"));
    Some(format!("the UpdatePolicy {unknown} of resource {id} on line {line}"))
}

/// The members of `CodeDeployLambdaAliasUpdate`, and whether one must be there
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html>).
const ALIAS_UPDATE: [(&str, bool); 4] = [
    ("AfterAllowTrafficHook", false),
    ("ApplicationName", true),
    ("BeforeAllowTrafficHook", false),
    ("DeploymentGroupName", true),
];

/// The faults of an alias's update policy. Assumed: they are told before anything is done, in words like these.
fn wrong_alias_update(id: &str, policy: &Value) -> Vec<String> {
    let Some(update) = policy["CodeDeployLambdaAliasUpdate"].as_object() else { return Vec::new() };
    let place = format!("[/Resources/{id}/UpdatePolicy/CodeDeployLambdaAliasUpdate]");
    let unknown = update.keys().filter(|name| !ALIAS_UPDATE.iter().any(|(known, _)| known == name));
    let unknown = unknown.map(|name| format!("{place} Encountered unsupported property {name}"));
    let missing = ALIAS_UPDATE.iter().filter(|(name, is_required)| *is_required && !update.contains_key(*name));
    let missing = missing.map(|(name, _)| format!("{place} Property {name} cannot be empty"));
    unknown.chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case(&json!(null), &[]; "no policy")]
    #[test_case(&json!({ "ApplicationName": "a", "DeploymentGroupName": { "Ref": "G" } }), &[]; "what must be there")]
    #[test_case(&json!({ "ApplicationName": "a" }), &["Property DeploymentGroupName cannot be empty"]; "no group")]
    #[test_case(
        &json!({ "ApplicationName": "a", "DeploymentGroupName": "g", "BeforeAllowTraffic": "h" }),
        &["Encountered unsupported property BeforeAllowTraffic"];
        "a misspelt hook"
    )]
    fn an_alias_update_is_told_with_its_place(update: &Value, expected: &[&str]) {
        let told = wrong_alias_update("Live", &json!({ "CodeDeployLambdaAliasUpdate": update }));
        let place = "[/Resources/Live/UpdatePolicy/CodeDeployLambdaAliasUpdate]";
        let expected: Vec<String> = expected.iter().map(|fault| format!("{place} {fault}")).collect();
        assert_eq!(told, expected);
    }
}
