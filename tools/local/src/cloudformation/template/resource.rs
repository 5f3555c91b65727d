//! One resource as a template declares it.

use serde_json::{Map, Value};

use super::super::errors::{template_format, unsupported, validation};
use super::Source;
use super::members::{alphanumeric, condition};
use super::model::{Policy, ResourceDeclaration};
use crate::core::ServiceError;

const RESOURCE_ATTRIBUTES: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// The attribute that says what becomes of a resource that is removed.
pub const DELETION_POLICY: &str = "DeletionPolicy";
/// The attribute that says what becomes of a resource that another replaces.
pub const UPDATE_REPLACE_POLICY: &str = "UpdateReplacePolicy";

/// One resource of the section.
pub(super) fn resource(logical_id: &str, value: &Value, source: &Source) -> Result<ResourceDeclaration, ServiceError> {
    let line = source.line_of_resource(logical_id);
    alphanumeric("Resource", logical_id)?;
    let Some(attributes) = value.as_object() else {
        return Err(template_format("Any Resources member must be an object."));
    };
    if let Some(attribute) = attributes.keys().find(|name| !RESOURCE_ATTRIBUTES.contains(&name.as_str())) {
        return Err(validation(format!("Invalid template resource property '{attribute}'")));
    }
    if attributes.contains_key("CreationPolicy") {
        return Err(unsupported(format_args!("the CreationPolicy of resource {logical_id} (line {line})")));
    }
    let Some(resource_type) = attributes.get("Type").and_then(Value::as_str) else {
        return Err(template_format(format!(
            "[/Resources/{logical_id}] Every Resources object must contain a Type member."
        )));
    };
    let properties = attributes.get("Properties").cloned().unwrap_or_else(|| Value::Object(Map::new()));
    if !properties.is_object() {
        return Err(template_format(format!("[/Resources/{logical_id}/Properties] must be a map")));
    }
    Ok(ResourceDeclaration {
        resource_type: resource_type.to_owned(),
        properties,
        depends_on: depends_on(logical_id, attributes.get("DependsOn"))?,
        condition: condition(logical_id, value)?,
        deletion_policy: attributes.get(DELETION_POLICY).cloned().unwrap_or_default(),
        update_replace_policy: attributes.get(UPDATE_REPLACE_POLICY).cloned().unwrap_or_default(),
        metadata: attributes.get("Metadata").cloned().unwrap_or_default(),
        update_policy: attributes.get("UpdatePolicy").cloned().unwrap_or_default(),
    })
}

fn depends_on(logical_id: &str, value: Option<&Value>) -> Result<Vec<String>, ServiceError> {
    let id = |value: &Value| {
        value.as_str().map(str::to_owned).ok_or_else(|| {
            template_format(format!("DependsOn of resource {logical_id} must be a string or a list of strings"))
        })
    };
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(ids)) => ids.iter().map(id).collect(),
        Some(one) => id(one).map(|id| vec![id]),
    }
}

/// The policy that a resolved value of one of the two attributes names; null names the default.
///
/// # Errors
/// The fault's text. Assumed: that of a snapshot. Only volumes, clusters and databases have them, and the plane runs none.
pub fn policy(logical_id: &str, attribute: &str, value: &Value) -> Result<Policy, String> {
    match value {
        Value::Null => Ok(Policy::Delete),
        Value::String(name) if name == "Delete" => Ok(Policy::Delete),
        Value::String(name) if name == "Retain" => Ok(Policy::Retain),
        Value::String(name) if name == "RetainExceptOnCreate" && attribute == DELETION_POLICY => {
            Ok(Policy::RetainExceptOnCreate)
        }
        Value::String(name) if name == "Snapshot" => Err(format!(
            "Template format error: {attribute} Snapshot is not supported by resource {logical_id} of that type"
        )),
        other => {
            let other = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            Err(format!("Template format error: Unrecognized {attribute} {other} for resource {logical_id}"))
        }
    }
}
