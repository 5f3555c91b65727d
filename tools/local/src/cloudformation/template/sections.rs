//! From JSON to the model: the sections, each with what it may hold.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::super::errors::{template_format, unsupported};
use super::Source;
use super::model::{OutputDeclaration, ParameterDeclaration, Policy, ResourceDeclaration, Template};
use crate::core::ServiceError;

const SECTIONS: [&str; 9] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Transform",
];
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

impl Template {
    /// The sections of `json`, which is the source's JSON, transformed when it asks for that.
    ///
    /// # Errors
    /// `Template format error` naming what is not as CloudFormation wants it, or `NotImplemented` naming what the
    /// plane does not run, both with the line.
    pub fn read(json: &Value, source: &Source) -> Result<Self, ServiceError> {
        check_sections(json, source)?;
        let resources = object(json, "Resources")?;
        if resources.is_empty() {
            return Err(template_format("At least one Resources member must be defined."));
        }
        Ok(Self {
            description: json.get("Description").and_then(Value::as_str).map(str::to_owned),
            transforms: source.transforms(),
            parameters: parameters(json)?,
            mappings: Value::Object(object(json, "Mappings")?),
            conditions: object(json, "Conditions")?.into_iter().collect(),
            resources: read_each(resources, |id, value| resource(id, value, source))?,
            outputs: read_each(object(json, "Outputs")?, output)?,
        })
    }
}

/// The `Parameters` section alone: a transform wants their values before it runs.
pub fn parameters(json: &Value) -> Result<IndexMap<String, ParameterDeclaration>, ServiceError> {
    read_each(object(json, "Parameters")?, parameter)
}

fn check_sections(json: &Value, source: &Source) -> Result<(), ServiceError> {
    let line = |section: &str| source.tree.line_of(&format!("/{section}"));
    for section in json.as_object().into_iter().flat_map(Map::keys) {
        match section.as_str() {
            "Rules" | "Hooks" => {
                return Err(unsupported(format_args!("the template section {section} (line {})", line(section))));
            }
            "Globals" => {
                return Err(template_format(format!(
                    "Globals (line {}) needs Transform: AWS::Serverless-2016-10-31",
                    line(section)
                )));
            }
            known if SECTIONS.contains(&known) => {}
            other => {
                return Err(validation_of_section(other, line(other)));
            }
        }
    }
    let version = json.get("AWSTemplateFormatVersion").and_then(Value::as_str);
    if version.is_some_and(|version| version != "2010-09-09") {
        return Err(template_format(format!(
            "AWSTemplateFormatVersion (line {}) must be 2010-09-09",
            line("AWSTemplateFormatVersion")
        )));
    }
    Ok(())
}

fn validation_of_section(section: &str, line: usize) -> ServiceError {
    super::super::errors::validation(format!("Invalid template property or properties [{section}] (line {line})"))
}

fn object(json: &Value, section: &str) -> Result<Map<String, Value>, ServiceError> {
    match json.get(section) {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members.clone()),
        Some(_) => Err(template_format(format!("{section} must be a map"))),
    }
}

fn read_each<T>(
    members: Map<String, Value>,
    mut read: impl FnMut(&str, &Value) -> Result<T, ServiceError>,
) -> Result<IndexMap<String, T>, ServiceError> {
    members.into_iter().map(|(name, value)| read(&name, &value).map(|item| (name, item))).collect()
}

fn parameter(name: &str, value: &Value) -> Result<ParameterDeclaration, ServiceError> {
    let parameter_type = value.get("Type").and_then(Value::as_str).ok_or_else(|| {
        template_format(format!("Every Parameters object must contain a Type member: {name} has none"))
    })?;
    let texts = |list: &Value| list.as_array().map(|items| items.iter().filter_map(scalar_text).collect::<Vec<_>>());
    Ok(ParameterDeclaration {
        parameter_type: parameter_type.to_owned(),
        default: value.get("Default").and_then(scalar_text),
        allowed_values: value.get("AllowedValues").and_then(texts).unwrap_or_default(),
        allowed_pattern: value.get("AllowedPattern").and_then(scalar_text),
        min_length: value.get("MinLength").and_then(scalar_number),
        max_length: value.get("MaxLength").and_then(scalar_number),
        min_value: value.get("MinValue").and_then(scalar_number),
        max_value: value.get("MaxValue").and_then(scalar_number),
        no_echo: value.get("NoEcho").and_then(scalar_text).is_some_and(|text| text.eq_ignore_ascii_case("true")),
        description: value.get("Description").and_then(scalar_text),
        constraint_description: value.get("ConstraintDescription").and_then(scalar_text),
    })
}

fn resource(logical_id: &str, value: &Value, source: &Source) -> Result<ResourceDeclaration, ServiceError> {
    let line = source.line_of_resource(logical_id);
    if logical_id.is_empty() || !logical_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(template_format(format!("Resource name {logical_id} is non alphanumeric. (line {line})")));
    }
    let Some(attributes) = value.as_object() else {
        return Err(template_format(format!("[/Resources/{logical_id}] must be a map (line {line})")));
    };
    if let Some(attribute) = attributes.keys().find(|name| !RESOURCE_ATTRIBUTES.contains(&name.as_str())) {
        let line = source.tree.line_of(&format!("/Resources/{logical_id}/{attribute}"));
        return Err(super::super::errors::validation(format!(
            "Invalid template resource property '{attribute}' of resource {logical_id} (line {line})"
        )));
    }
    if attributes.contains_key("CreationPolicy") {
        return Err(unsupported(format_args!("the CreationPolicy of resource {logical_id} (line {line})")));
    }
    let Some(resource_type) = attributes.get("Type").and_then(Value::as_str) else {
        return Err(template_format(format!(
            "[/Resources/{logical_id}] Every Resources object must contain a Type member. (line {line})"
        )));
    };
    let properties = attributes.get("Properties").cloned().unwrap_or_else(|| Value::Object(Map::new()));
    if !properties.is_object() {
        return Err(template_format(format!("[/Resources/{logical_id}/Properties] must be a map (line {line})")));
    }
    Ok(ResourceDeclaration {
        resource_type: resource_type.to_owned(),
        properties,
        depends_on: depends_on(attributes.get("DependsOn")),
        condition: condition(logical_id, value)?,
        deletion_policy: policy(logical_id, "DeletionPolicy", attributes, line)?,
        update_replace_policy: policy(logical_id, "UpdateReplacePolicy", attributes, line)?,
        metadata: attributes.get("Metadata").cloned().unwrap_or_default(),
        update_policy: attributes.get("UpdatePolicy").cloned().unwrap_or_default(),
    })
}

/// The name of a condition. An unquoted `No` or `Off` is a truth value in YAML, and must not pass for none.
fn condition(of: &str, value: &Value) -> Result<Option<String>, ServiceError> {
    match value.get("Condition") {
        None => Ok(None),
        Some(Value::String(name)) => Ok(Some(name.clone())),
        Some(other) => Err(template_format(format!("The Condition of {of} must be a string, and {other} is none"))),
    }
}

fn depends_on(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(id)) => vec![id.clone()],
        Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn policy(logical_id: &str, name: &str, attributes: &Map<String, Value>, line: usize) -> Result<Policy, ServiceError> {
    match attributes.get(name).map(|value| value.as_str().unwrap_or_default()) {
        None | Some("Delete") => Ok(Policy::Delete),
        Some("Retain") => Ok(Policy::Retain),
        Some("RetainExceptOnCreate") if name == "DeletionPolicy" => Ok(Policy::RetainExceptOnCreate),
        Some("Snapshot") => Err(unsupported(format_args!("{name}: Snapshot of resource {logical_id} (line {line})"))),
        Some(other) => {
            Err(template_format(format!("Unrecognized {name} {other} for resource {logical_id} (line {line})")))
        }
    }
}

fn output(name: &str, value: &Value) -> Result<OutputDeclaration, ServiceError> {
    let Some(output) = value.get("Value") else {
        return Err(template_format(format!(
            "Output {name} is malformed. Every Outputs member must contain a Value object"
        )));
    };
    Ok(OutputDeclaration {
        value: output.clone(),
        export: value.get("Export").and_then(|export| export.get("Name")).cloned(),
        condition: condition(name, value)?,
        description: value.get("Description").and_then(scalar_text),
    })
}

/// A scalar as CloudFormation writes it in a text.
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn scalar_number<T: std::str::FromStr>(value: &Value) -> Option<T> {
    scalar_text(value)?.parse().ok()
}
