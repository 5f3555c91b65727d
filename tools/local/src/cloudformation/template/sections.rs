//! The step from JSON to the model: the sections, with the members that each may hold.

use serde_json::{Map, Value};

use super::super::errors::{template_format, unsupported, validation};
use super::Source;
use super::members::{alphanumeric, at_most, condition, object, read_each, scalar_text};
use super::model::{OutputDeclaration, RuleDeclaration, Template};
use super::parameter::parameters;
use super::resource::resource;
use crate::core::ServiceError;

const MOST_RESOURCES: usize = 500;
const MOST_OUTPUTS: usize = 200;
const MOST_MAPPINGS: usize = 200;
const LONGEST_DESCRIPTION: usize = 1024;
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];
impl Template {
    /// The sections of `json`, which is the source's JSON, transformed when it asks for that.
    ///
    /// # Errors
    /// `Template format error` naming what is not as CloudFormation wants it, or `NotImplemented` naming what the
    /// plane does not run, with its line.
    pub fn read(json: &Value, source: &Source) -> Result<Self, ServiceError> {
        check_sections(json, source)?;
        let resources = object(json, "Resources")?;
        if resources.is_empty() {
            return Err(template_format("At least one Resources member must be defined."));
        }
        at_most(resources.len(), MOST_RESOURCES, "resources")?;
        let outputs = object(json, "Outputs")?;
        at_most(outputs.len(), MOST_OUTPUTS, "outputs")?;
        Ok(Self {
            description: description(json)?,
            transforms: source.transforms(),
            parameters: parameters(json)?,
            mappings: mappings(json)?,
            conditions: object(json, "Conditions")?.into_iter().collect(),
            resources: read_each(resources, |id, value| resource(id, value, source))?,
            outputs: read_each(outputs, output)?,
            rules: read_each(object(json, "Rules")?, rule)?,
        })
    }
}

fn check_sections(json: &Value, source: &Source) -> Result<(), ServiceError> {
    if !json.is_object() {
        return Err(template_format("unsupported structure."));
    }
    let line = |section: &str| source.tree.line_of(&format!("/{section}"));
    for section in json.as_object().into_iter().flat_map(Map::keys) {
        match section.as_str() {
            "Hooks" => {
                return Err(unsupported(format_args!("the template section {section} (line {})", line(section))));
            }
            "Globals" => {
                return Err(template_format("Globals needs Transform: AWS::Serverless-2016-10-31"));
            }
            known if SECTIONS.contains(&known) => {}
            other => {
                return Err(validation(format!("Invalid template property or properties [{other}]")));
            }
        }
    }
    let version = json.get("AWSTemplateFormatVersion").and_then(Value::as_str);
    if version.is_some_and(|version| version != "2010-09-09") {
        return Err(template_format("unsupported value for AWSTemplateFormatVersion."));
    }
    Ok(())
}

fn description(json: &Value) -> Result<Option<String>, ServiceError> {
    match json.get("Description") {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= LONGEST_DESCRIPTION => Ok(Some(text.clone())),
        Some(Value::String(_)) => {
            Err(template_format(format!("Description must be no longer than {LONGEST_DESCRIPTION} bytes")))
        }
        Some(_) => Err(template_format("every Description member must be a string.")),
    }
}

/// `Mappings`, two levels deep, scalars or lists in them.
fn mappings(json: &Value) -> Result<Value, ServiceError> {
    let mappings = object(json, "Mappings")?;
    at_most(mappings.len(), MOST_MAPPINGS, "mappings")?;
    for (name, keys) in &mappings {
        alphanumeric("Mapping", name)?;
        let Some(keys) = keys.as_object() else {
            return Err(template_format(format!("Every Mappings member {name} must be a map")));
        };
        for (key, attributes) in keys {
            let Some(attributes) = attributes.as_object() else {
                return Err(template_format(format!("Every Mappings member {key} must be a map")));
            };
            if attributes.values().any(Value::is_object) {
                return Err(template_format("Every Mappings attribute must be a String or a List."));
            }
        }
    }
    Ok(Value::Object(mappings))
}

fn rule(name: &str, value: &Value) -> Result<RuleDeclaration, ServiceError> {
    alphanumeric("Rule", name)?;
    let members = value.as_object().cloned().unwrap_or_default();
    if let Some(other) = members.keys().find(|member| !["RuleCondition", "Assertions"].contains(&member.as_str())) {
        return Err(validation(format!("Invalid template rule property '{other}'")));
    }
    let malformed = || template_format("Every Rules object must contain a list of Assertions.");
    let assertions = members.get("Assertions").and_then(Value::as_array).filter(|list| !list.is_empty());
    let assertion = |value: &Value| {
        let assertion = value.get("Assert").cloned().ok_or_else(malformed)?;
        Ok((assertion, value.get("AssertDescription").and_then(scalar_text)))
    };
    Ok(RuleDeclaration {
        condition: members.get("RuleCondition").cloned(),
        assertions: assertions.ok_or_else(malformed)?.iter().map(assertion).collect::<Result<_, ServiceError>>()?,
    })
}

fn output(name: &str, value: &Value) -> Result<OutputDeclaration, ServiceError> {
    alphanumeric("Output", name)?;
    let known = ["Condition", "Description", "Export", "Value"];
    if let Some(other) = value.as_object().and_then(|all| all.keys().find(|one| !known.contains(&one.as_str()))) {
        return Err(validation(format!("Invalid template output property '{other}'")));
    }
    let Some(output) = value.get("Value") else {
        return Err(template_format("Every Outputs member must contain a Value object"));
    };
    Ok(OutputDeclaration {
        value: output.clone(),
        export: value.get("Export").and_then(|export| export.get("Name")).cloned(),
        condition: condition(name, value)?,
        description: value.get("Description").and_then(scalar_text),
    })
}
