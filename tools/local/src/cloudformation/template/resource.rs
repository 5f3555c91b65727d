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
        deletion_policy: policy(logical_id, "DeletionPolicy", attributes)?,
        update_replace_policy: policy(logical_id, "UpdateReplacePolicy", attributes)?,
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

fn policy(logical_id: &str, name: &str, attributes: &Map<String, Value>) -> Result<Policy, ServiceError> {
    match attributes.get(name).map(|value| value.as_str().unwrap_or_default()) {
        None | Some("Delete") => Ok(Policy::Delete),
        Some("Retain") => Ok(Policy::Retain),
        Some("RetainExceptOnCreate") if name == "DeletionPolicy" => Ok(Policy::RetainExceptOnCreate),
        // Only volumes, clusters and databases have snapshots, and the plane runs none of them. The text is assumed.
        Some("Snapshot") => {
            Err(template_format(format!("{name} Snapshot is not supported by resource {logical_id} of that type")))
        }
        Some(other) => Err(template_format(format!("Unrecognized {name} {other} for resource {logical_id}"))),
    }
}
