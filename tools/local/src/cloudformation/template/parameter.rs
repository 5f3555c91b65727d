//! The `Parameters` section.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::super::errors::{template_format, validation};
use super::members::{alphanumeric, at_most, object, read_each, scalar_text};
use super::model::ParameterDeclaration;
use crate::core::ServiceError;

const MOST: usize = 200;
const ATTRIBUTES: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];
/// The names that are types of their own, and may stand in `List<…>` and in `AWS::SSM::Parameter::Value<…>`.
const OF_AWS: [&str; 10] = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
];

/// The `Parameters` section alone: a transform wants their values before it runs.
///
/// # Errors
/// `Template format error` naming what is not as CloudFormation wants it.
pub fn parameters(json: &Value) -> Result<IndexMap<String, ParameterDeclaration>, ServiceError> {
    let declared = object(json, "Parameters")?;
    at_most(declared.len(), MOST, "parameters")?;
    read_each(declared, parameter)
}

fn parameter(name: &str, value: &Value) -> Result<ParameterDeclaration, ServiceError> {
    alphanumeric("Parameter", name)?;
    let Some(attributes) = value.as_object() else {
        return Err(template_format("Any Parameters member must be a JSON object."));
    };
    if let Some(attribute) = attributes.keys().find(|attribute| !ATTRIBUTES.contains(&attribute.as_str())) {
        return Err(validation(format!("Invalid template parameter property '{attribute}' of parameter {name}")));
    }
    let Some(parameter_type) = attributes.get("Type").and_then(Value::as_str) else {
        return Err(template_format(format!("Every Parameters object must contain a Type member. ({name} has none)")));
    };
    if !is_type(parameter_type) {
        return Err(template_format(format!("Unrecognized parameter type: {parameter_type} ({name})")));
    }
    let texts = |list: &Value| list.as_array().map(|items| items.iter().filter_map(scalar_text).collect::<Vec<_>>());
    let declaration = ParameterDeclaration {
        parameter_type: parameter_type.to_owned(),
        default: default(attributes)?,
        allowed_values: attributes.get("AllowedValues").and_then(texts).unwrap_or_default(),
        allowed_pattern: attributes.get("AllowedPattern").and_then(scalar_text),
        min_length: number(attributes, "MinLength")?,
        max_length: number(attributes, "MaxLength")?,
        min_value: number(attributes, "MinValue")?,
        max_value: number(attributes, "MaxValue")?,
        no_echo: attributes.get("NoEcho").and_then(scalar_text).is_some_and(|text| text.eq_ignore_ascii_case("true")),
        description: attributes.get("Description").and_then(scalar_text),
        constraint_description: attributes.get("ConstraintDescription").and_then(scalar_text),
    };
    check_bounds(name, &declaration)?;
    Ok(declaration)
}

fn default(attributes: &Map<String, Value>) -> Result<Option<String>, ServiceError> {
    match attributes.get("Default") {
        None => Ok(None),
        Some(value) => {
            scalar_text(value).map(Some).ok_or_else(|| template_format("Every Default member must be a string."))
        }
    }
}

fn number<T: std::str::FromStr>(attributes: &Map<String, Value>, attribute: &str) -> Result<Option<T>, ServiceError> {
    let Some(value) = attributes.get(attribute) else { return Ok(None) };
    match scalar_text(value).and_then(|text| text.parse().ok()) {
        Some(number) => Ok(Some(number)),
        None => Err(template_format(format!("Every {attribute} member must be a number."))),
    }
}

fn check_bounds(name: &str, one: &ParameterDeclaration) -> Result<(), ServiceError> {
    let crossed = |least: Option<f64>, most: Option<f64>| least.zip(most).is_some_and(|(least, most)| least > most);
    let length = |length: Option<u64>| length.map(|length| length as f64);
    for (crosses, least, most) in [
        (crossed(length(one.min_length), length(one.max_length)), "MinLength", "MaxLength"),
        (crossed(one.min_value, one.max_value), "MinValue", "MaxValue"),
    ] {
        if crosses {
            return Err(validation(format!("Template error: Parameter '{name}' {least} must be less than {most}.")));
        }
    }
    Ok(())
}

fn is_type(name: &str) -> bool {
    let inner = name.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|rest| rest.strip_suffix('>'));
    match inner {
        Some(inner) => matches!(inner, "String" | "List<String>" | "CommaDelimitedList") || is_of_aws(inner),
        None => {
            matches!(
                name,
                "String"
                    | "Number"
                    | "CommaDelimitedList"
                    | "List<Number>"
                    | "List<String>"
                    | "AWS::SSM::Parameter::Name"
            ) || is_of_aws(name)
        }
    }
}

fn is_of_aws(name: &str) -> bool {
    let item = name.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(name);
    OF_AWS.contains(&item)
}
