//! The permissions by which roles call a function whose events have moved to its alias.
//!
//! A schedule, a pipe or a data source calls with a role. A policy that allows the function's ARN allows no alias of it, so that a call
//! which was allowed would be refused: who may call the function may call its alias.

use serde_json::{Value, json};

use super::direct::Door;
use super::follow::follow;
use super::reference::is_arn;

/// The kinds that hold policies of roles.
const HOLDERS: &[&str] =
    &["AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Serverless::Function"];

/// Adds the alias to every statement that allows a call of the function.
pub(super) fn widen(template: &mut Value, door: &Door) {
    let resources = template["Resources"].as_object_mut().into_iter().flatten();
    for (_, resource) in resources.filter(|(_, resource)| HOLDERS.iter().any(|kind| resource["Type"] == *kind)) {
        if let Some(properties) = resource.get_mut("Properties") {
            statements(properties, door);
        }
    }
}

fn statements(value: &mut Value, door: &Door) {
    if value.get("Resource").is_some() && value["Effect"] == "Allow" && calls(&value["Action"]) {
        add(&mut value["Resource"], door);
        return;
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| statements(member, door)),
        Value::Array(items) => items.iter_mut().for_each(|item| statements(item, door)),
        _ => {}
    }
}

fn calls(action: &Value) -> bool {
    let is_call = |action: &Value| {
        action.as_str().is_some_and(|action| {
            ["lambda:invokefunction", "lambda:invoke*", "lambda:*", "*"].contains(&action.to_ascii_lowercase().as_str())
        })
    };
    is_call(action) || action.as_array().is_some_and(|actions| actions.iter().any(is_call))
}

fn add(resource: &mut Value, door: &Door) {
    let listed = match &*resource {
        Value::Array(several) => several.clone(),
        one => vec![one.clone()],
    };
    if listed.iter().any(|one| is_every_alias(one, door)) {
        return;
    }
    let aliases = listed.iter().filter_map(|one| alias_of(one, door));
    let missing: Vec<Value> = aliases.filter(|alias| !listed.contains(alias)).collect();
    if !missing.is_empty() {
        *resource = listed.into_iter().chain(missing).collect();
    }
}

/// The alias's ARN, if a resource of a statement is the function's. It is no reference to the alias: nothing that the function itself
/// needs may wait for it.
fn alias_of(resource: &Value, door: &Door) -> Option<Value> {
    if is_arn(resource, &door.function) {
        return Some(json!({ "Fn::Sub": format!("${{{}.Arn}}:{}", door.function, door.alias) }));
    }
    let mut alias = resource.clone();
    (follow(&mut alias, door) && !alias.to_string().contains(&door.reference)).then_some(alias)
}

/// True for the function's ARN with `:*` behind it, as CDK writes it.
fn is_every_alias(resource: &Value, door: &Door) -> bool {
    let parts = resource["Fn::Join"][1].as_array().map(Vec::as_slice);
    let is_joined = matches!(parts, Some([arn, every]) if is_arn(arn, &door.function) && every == ":*");
    is_joined || resource["Fn::Sub"] == format!("${{{}.Arn}}:*", door.function)
}
