//! Parameters: what a template declares and what a caller gives, to values.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

use std::collections::BTreeMap;

use indexmap::IndexMap;
use regex::Regex;
use serde_json::Value;

use super::errors::{unsupported, validation};
use super::template::ParameterDeclaration;
use crate::core::{Input, ServiceError};

/// A parameter as a request gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The name of the parameter.
    pub key: String,
    /// The value of the request, if one came.
    pub value: Option<String>,
    /// True if the value that the stack has is to be kept.
    pub use_previous: bool,
}

impl Given {
    /// The `Parameters` member of a request.
    pub fn list(input: &Input) -> Vec<Self> {
        let read = |item: &Value| {
            let item = Input::from(item.clone());
            Some(Self {
                key: item.opt_str("ParameterKey")?.to_owned(),
                value: item.opt_str("ParameterValue").map(str::to_owned),
                use_previous: item.opt_bool("UsePreviousValue").unwrap_or(false),
            })
        };
        input.list("Parameters").iter().filter_map(read).collect()
    }
}

/// A parameter's value in a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterValue {
    /// The name of the parameter.
    pub key: String,
    /// The value that was given: of an SSM type, the name of the SSM parameter.
    pub value: String,
    /// The value of the SSM parameter; none unless the type is an SSM type.
    pub resolved: Option<String>,
    /// True if it is shown as asterisks.
    pub no_echo: bool,
    /// True if `Ref` gives a list.
    pub list: bool,
}

impl ParameterValue {
    /// The single texts: the parts of a list, or the value itself.
    fn texts(&self) -> Vec<String> {
        match self.reference() {
            Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            other => other.as_str().map(str::to_owned).into_iter().collect(),
        }
    }

    /// The value of `Ref`: a text, or a list of texts.
    pub fn reference(&self) -> Value {
        let text = self.resolved.as_ref().unwrap_or(&self.value);
        if self.list {
            Value::Array(text.split(',').map(|part| Value::String(part.trim().to_owned())).collect())
        } else {
            Value::String(text.clone())
        }
    }
}

/// Pairs the declarations with what was given, with the previous values where the caller asks for them, and with
/// the defaults; checks every value against its constraints. SSM parameters are not read yet: see [`ssm_names`].
///
/// # Errors
/// `ValidationError` for parameters without a value, unknown ones, and values that are not allowed.
pub fn assign(
    declarations: &IndexMap<String, ParameterDeclaration>,
    given: &[Given],
    previous: &[ParameterValue],
) -> Result<Vec<ParameterValue>, ServiceError> {
    let unknown: Vec<&str> =
        given.iter().map(|one| one.key.as_str()).filter(|key| !declarations.contains_key(*key)).collect();
    if !unknown.is_empty() {
        return Err(validation(format!("Parameters: [{}] do not exist in the template", unknown.join(", "))));
    }
    given.iter().try_for_each(check_given)?;
    let (mut values, mut missing) = (Vec::new(), Vec::new());
    for (key, declaration) in declarations {
        let given = given.iter().find(|one| one.key == *key);
        let kept = || previous.iter().find(|value| value.key == *key).map(|value| value.value.clone());
        let value = match given {
            Some(given) if given.use_previous => Some(kept().ok_or_else(|| {
                validation(format!("Invalid input for parameter key {key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template"))
            })?),
            Some(Given { value: Some(value), .. }) => Some(value.clone()),
            _ => declaration.default.clone(),
        };
        match value {
            Some(value) => {
                check(key, declaration, &value)?;
                values.push(ParameterValue {
                    key: key.clone(),
                    value,
                    resolved: None,
                    no_echo: declaration.no_echo,
                    list: is_list(&declaration.parameter_type),
                });
            }
            None => missing.push(key.as_str()),
        }
    }
    if missing.is_empty() {
        Ok(values)
    } else {
        Err(validation(format!("Parameters: [{}] must have values", missing.join(", "))))
    }
}

/// A parameter of a request says either its value or that the previous one is kept.
fn check_given(given: &Given) -> Result<(), ServiceError> {
    let wrong = match (given.use_previous, given.value.as_deref()) {
        (true, Some(value)) if !value.is_empty() => {
            "Cannot specify usePreviousValue as true and non empty value for a parameter"
        }
        (false, None) => "Need to specify either usePreviousValue as true or a value for the parameter",
        _ => return Ok(()),
    };
    Err(validation(format!("Invalid input for parameter key {}. {wrong}", given.key)))
}

/// Values of AWS's own types must stand for what exists. Of EC2 the plane has the zones alone.
///
/// # Errors
/// `ValidationError` for a zone that is none, `NotImplemented` for a type that the plane cannot look up.
pub fn check_existence(
    declarations: &IndexMap<String, ParameterDeclaration>,
    values: &[ParameterValue],
    region: &str,
) -> Result<(), ServiceError> {
    for value in values {
        let Some(declaration) = declarations.get(&value.key) else { continue };
        let kind = item_type(&declaration.parameter_type);
        if kind == "AWS::EC2::AvailabilityZone::Name" {
            let zones = ["a", "b", "c"].map(|zone| format!("{region}{zone}"));
            let missing = value.texts().into_iter().find(|text| !zones.contains(text));
            if let Some(text) = missing {
                return Err(validation(format!(
                    "Parameter validation failed: parameter value {text} for parameter name {} does not exist",
                    value.key
                )));
            }
        } else if kind.starts_with("AWS::EC2::") || kind.starts_with("AWS::Route53::") {
            return Err(unsupported(format_args!("the type {kind} of parameter {}", value.key)));
        }
    }
    Ok(())
}

/// The SSM parameters that must exist, though their values are not read: of type `AWS::SSM::Parameter::Name`.
pub fn ssm_keys(declarations: &IndexMap<String, ParameterDeclaration>, values: &[ParameterValue]) -> Vec<String> {
    let is_key = |value: &&ParameterValue| {
        declarations.get(&value.key).is_some_and(|one| one.parameter_type == "AWS::SSM::Parameter::Name")
    };
    values.iter().filter(is_key).map(|value| value.value.clone()).collect()
}

/// The parameters of SSM types, with the SSM parameters that their values name.
pub fn ssm_names(
    declarations: &IndexMap<String, ParameterDeclaration>,
    values: &[ParameterValue],
) -> Vec<(String, String)> {
    let named = values.iter().filter(|value| is_ssm_value(declarations, &value.key));
    named.map(|value| (value.key.clone(), value.value.clone())).collect()
}

/// Puts what the SSM parameters hold into the values that name them.
pub fn fill_from_ssm(
    declarations: &IndexMap<String, ParameterDeclaration>,
    values: &mut [ParameterValue],
    held: &BTreeMap<String, String>,
) {
    for value in values.iter_mut().filter(|value| is_ssm_value(declarations, &value.key)) {
        value.resolved = held.get(&value.value).cloned();
    }
}

fn is_ssm_value(declarations: &IndexMap<String, ParameterDeclaration>, key: &str) -> bool {
    declarations.get(key).is_some_and(|one| one.parameter_type.starts_with("AWS::SSM::Parameter::Value<"))
}

fn is_list(parameter_type: &str) -> bool {
    let inner = without_ssm(parameter_type);
    inner == "CommaDelimitedList" || inner.starts_with("List<")
}

fn without_ssm(parameter_type: &str) -> &str {
    let inner = parameter_type.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|rest| rest.strip_suffix('>'));
    inner.unwrap_or(parameter_type)
}

/// The type of one item of a list, or the type itself.
fn item_type(parameter_type: &str) -> &str {
    let inner = without_ssm(parameter_type);
    inner.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(inner)
}

fn check(key: &str, declaration: &ParameterDeclaration, value: &str) -> Result<(), ServiceError> {
    let kind = declaration.parameter_type.as_str();
    let refuse = |own: String| match &declaration.constraint_description {
        Some(text) => Err(validation(format!("Parameter {key} failed to satisfy constraint: {text}"))),
        None => Err(validation(own)),
    };
    let parts: Vec<&str> = if is_list(kind) { value.split(',').map(str::trim).collect() } else { vec![value] };
    for part in parts {
        if !declaration.allowed_values.is_empty() && !declaration.allowed_values.iter().any(|one| one == part) {
            return refuse(format!("Parameter '{key}' must be one of AllowedValues"));
        }
        if let Some(pattern) = &declaration.allowed_pattern
            && !matches_whole(pattern, part).map_err(|error| {
                super::errors::template_format(format!("AllowedPattern of parameter {key} cannot be read: {error}"))
            })?
        {
            return refuse(format!("Parameter '{key}' must match pattern {pattern}"));
        }
        let length = part.chars().count() as u64;
        if declaration.min_length.is_some_and(|least| length < least) {
            let least = declaration.min_length.unwrap_or_default();
            return refuse(format!("Parameter '{key}' must contain at least {least} characters"));
        }
        if declaration.max_length.is_some_and(|most| length > most) {
            let most = declaration.max_length.unwrap_or_default();
            return refuse(format!("Parameter '{key}' must contain at most {most} characters"));
        }
        if matches!(kind, "Number" | "List<Number>") {
            let Ok(number) = part.parse::<f64>() else {
                return Err(validation(format!("Parameter '{key}' must be a number.")));
            };
            if let Some(least) = declaration.min_value.filter(|least| number < *least) {
                return refuse(format!("Parameter '{key}' must be a number not less than {least}"));
            }
            if let Some(most) = declaration.max_value.filter(|most| number > *most) {
                return refuse(format!("Parameter '{key}' must be a number not greater than {most}"));
            }
        }
    }
    Ok(())
}

fn matches_whole(pattern: &str, text: &str) -> Result<bool, regex::Error> {
    Ok(Regex::new(&format!("^(?:{pattern})$"))?.is_match(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;
    use crate::cloudformation::template::parameters;

    fn declared(value: Value) -> IndexMap<String, ParameterDeclaration> {
        parameters(&json!({ "Parameters": { "P": value } })).unwrap()
    }

    fn given(value: &str) -> Vec<Given> {
        vec![Given { key: "P".into(), value: Some(value.into()), use_previous: false }]
    }

    #[test_case(json!({"Type": "String", "AllowedValues": ["a", "b"]}), "c" => "Parameter 'P' must be one of AllowedValues")]
    #[test_case(json!({"Type": "String", "AllowedPattern": "[a-z]+"}), "a1" => "Parameter 'P' must match pattern [a-z]+")]
    #[test_case(json!({"Type": "String", "MinLength": 2}), "a" => "Parameter 'P' must contain at least 2 characters")]
    #[test_case(json!({"Type": "String", "MaxLength": "2"}), "abc" => "Parameter 'P' must contain at most 2 characters")]
    #[test_case(json!({"Type": "Number"}), "x" => "Parameter 'P' must be a number.")]
    #[test_case(json!({"Type": "Number", "MinValue": 5}), "4" => "Parameter 'P' must be a number not less than 5")]
    #[test_case(json!({"Type": "List<Number>", "MaxValue": 5}), "4, 6" => "Parameter 'P' must be a number not greater than 5")]
    #[test_case(json!({"Type": "String", "AllowedPattern": "a", "ConstraintDescription": "say a"}), "b" => "Parameter P failed to satisfy constraint: say a")]
    fn a_value_outside_its_constraints_is_refused(declaration: Value, value: &str) -> String {
        assign(&declared(declaration), &given(value), &[]).unwrap_err().message
    }

    #[test]
    fn a_value_is_the_given_the_previous_or_the_default() {
        let declarations = declared(json!({"Type": "String", "Default": 5}));
        let value =
            |given: &[Given], previous: &[ParameterValue]| assign(&declarations, given, previous).unwrap().remove(0);
        assert_eq!(value(&[], &[]).value, "5");
        let previous = value(&given("old"), &[]);
        let keep = Given { key: "P".into(), value: None, use_previous: true };
        assert_eq!(value(std::slice::from_ref(&keep), std::slice::from_ref(&previous)).value, "old");
        assert!(assign(&declarations, &[keep], &[]).is_err());
    }

    #[test_case(Some("x"), true => "Invalid input for parameter key P. Cannot specify usePreviousValue as true and non empty value for a parameter")]
    #[test_case(None, false => "Invalid input for parameter key P. Need to specify either usePreviousValue as true or a value for the parameter")]
    #[test_case(None, true => "Invalid input for parameter key P. Cannot specify usePreviousValue as true for a parameter key not in the previous template")]
    fn a_request_gives_a_value_or_keeps_the_previous(value: Option<&str>, use_previous: bool) -> String {
        let given = Given { key: "P".into(), value: value.map(str::to_owned), use_previous };
        assign(&declared(json!({"Type": "String"})), &[given], &[]).unwrap_err().message
    }

    #[test_case("AWS::EC2::AvailabilityZone::Name", "us-east-1a" => None)]
    #[test_case("List<AWS::EC2::AvailabilityZone::Name>", "us-east-1a,us-east-1z" => Some("ValidationError".to_owned()))]
    #[test_case("AWS::EC2::VPC::Id", "vpc-1" => Some("NotImplemented".to_owned()))]
    fn a_value_of_an_aws_type_stands_for_something_that_exists(kind: &str, value: &str) -> Option<String> {
        let declarations = declared(json!({ "Type": kind }));
        let values = assign(&declarations, &given(value), &[]).unwrap();
        check_existence(&declarations, &values, "us-east-1").err().map(|error| error.code)
    }

    #[test_case(json!({"Type": "Strin"}) => "Template format error: Unrecognized parameter type: Strin (P)")]
    #[test_case(json!({"Default": "a"}) => "Template format error: Every Parameters object must contain a Type member. (P has none)")]
    #[test_case(json!({"Type": "String", "Colour": 1}) => "Invalid template parameter property 'Colour' of parameter P")]
    #[test_case(json!({"Type": "String", "MinLength": "x"}) => "Template format error: Every MinLength member must be a number.")]
    #[test_case(json!({"Type": "Number", "MinValue": 5, "MaxValue": 2}) => "Template error: Parameter 'P' MinValue must be less than MaxValue.")]
    fn a_wrong_declaration_is_refused(declaration: Value) -> String {
        parameters(&json!({ "Parameters": { "P": declaration } })).unwrap_err().message
    }

    #[test]
    fn missing_and_unknown_parameters_are_named() {
        let declarations = declared(json!({"Type": "String"}));
        assert_eq!(assign(&declarations, &[], &[]).unwrap_err().message, "Parameters: [P] must have values");
        let stray = Given { key: "Q".into(), value: Some(String::new()), use_previous: false };
        let error = assign(&declarations, &[stray], &[]).unwrap_err();
        assert_eq!(error.message, "Parameters: [Q] do not exist in the template");
    }

    #[test]
    fn lists_and_ssm_values_are_what_a_reference_gives() {
        let declarations = declared(json!({"Type": "AWS::SSM::Parameter::Value<CommaDelimitedList>"}));
        let mut values = assign(&declarations, &given("/names"), &[]).unwrap();
        assert_eq!(ssm_names(&declarations, &values)[0].1, "/names");
        fill_from_ssm(&declarations, &mut values, &BTreeMap::from([("/names".into(), "a, b".into())]));
        assert_eq!(values[0].reference(), json!(["a", "b"]));
        let plain = assign(&declared(json!({"Type": "Number"})), &given("7"), &[]).unwrap();
        assert_eq!(plain[0].reference(), json!("7"));
    }
}
