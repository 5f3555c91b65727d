//! The entries of a function's `Policies`: managed policies by name or ARN, policy documents, and SAM's policy templates.
//!
//! `policy_templates.json` and `managed_policies.txt` are the data of aws-sam-translator 1.115.0 (Apache License 2.0),
//! without the descriptions.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::resource::{fault, intrinsic_name, is_intrinsic, is_no_value};
use super::transform_error::TransformError;

static TEMPLATES: LazyLock<BTreeMap<String, PolicyTemplate>> =
    LazyLock::new(|| serde_json::from_str(include_str!("policy_templates.json")).unwrap_or_default());

/// AWS's managed policies as `path/name`, one a line.
const MANAGED: &str = include_str!("managed_policies.txt");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyTemplate {
    parameters: Vec<String>,
    definition: Value,
}

/// The kind of one entry of `Policies`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Managed,
    Document,
    Template,
}

/// The policies of a role, from the entries of `Policies`.
#[derive(Debug, Default)]
pub(super) struct RolePolicies {
    /// `ManagedPolicyArns`, without repetitions.
    pub(super) managed: Vec<Value>,
    /// `Policies`, each with a name and a document.
    pub(super) inline: Vec<Value>,
}

impl RolePolicies {
    /// Adds a managed policy, unless it is there already.
    pub(super) fn manage(&mut self, arn: Value) {
        if !self.managed.contains(&arn) {
            self.managed.push(arn);
        }
    }

    /// Adds everything in a `Policies` property to the role of `logical_id`.
    pub(super) fn add_all(&mut self, logical_id: &str, policies: &Value) -> Result<(), TransformError> {
        let one;
        let entries = match policies {
            Value::Null => return Ok(()),
            Value::Array(entries) => entries.as_slice(),
            single => {
                one = [single.clone()];
                &one
            }
        };
        for (index, entry) in entries.iter().enumerate() {
            let name = format!("{logical_id}RolePolicy{index}");
            match kind_of(logical_id, index, entry)? {
                Kind::Managed => self.manage(each_case(entry, &|policy| Ok(managed_arn(policy)))?),
                kind => self.inline.push(each_case(entry, &|policy| {
                    let document =
                        if kind == Kind::Template { expand_template(logical_id, policy)? } else { policy.clone() };
                    Ok(json!({ "PolicyName": name, "PolicyDocument": document }))
                })?),
            }
        }
        Ok(())
    }
}

/// `arn:aws:iam::aws:policy/…` of one of AWS's own policies.
pub(super) fn aws_managed(path: &str) -> Value {
    json!(format!("arn:aws:iam::aws:policy/{path}"))
}

fn kind_of(logical_id: &str, index: usize, entry: &Value) -> Result<Kind, TransformError> {
    if let ("Fn::If", Some(cases)) = (intrinsic_name(entry).unwrap_or_default(), entry.get("Fn::If")) {
        let [_, yes, no] = cases.as_array().map_or(&[][..], Vec::as_slice) else {
            return Err(fault(logical_id, "Fn::If in 'Policies' requires 3 arguments"));
        };
        if is_no_value(yes) {
            return kind_of(logical_id, index, no);
        }
        let kind = kind_of(logical_id, index, yes)?;
        if !is_no_value(no) && kind_of(logical_id, index, no)? != kind {
            return Err(fault(logical_id, "different policy types within the same Fn::If are unsupported"));
        }
        return Ok(kind);
    }
    match entry {
        Value::String(_) => Ok(Kind::Managed),
        _ if is_intrinsic(entry) => Ok(Kind::Managed),
        Value::Object(document) if document.contains_key("Statement") => Ok(Kind::Document),
        Value::Object(one) if one.len() == 1 && one.keys().all(|name| TEMPLATES.contains_key(name)) => {
            Ok(Kind::Template)
        }
        _ => {
            let name = entry.as_object().and_then(|object| object.keys().next()).cloned().unwrap_or_default();
            Err(fault(logical_id, format!("policy at index {index} in 'Policies' is not valid: {name}")))
        }
    }
}

/// Converts an entry, or both cases of an `Fn::If`.
fn each_case(
    entry: &Value,
    convert: &dyn Fn(&Value) -> Result<Value, TransformError>,
) -> Result<Value, TransformError> {
    match entry.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice) {
        Some([condition, yes, no]) => {
            let case = |value: &Value| if is_no_value(value) { Ok(value.clone()) } else { convert(value) };
            Ok(json!({ "Fn::If": [condition, case(yes)?, case(no)?] }))
        }
        _ => convert(entry),
    }
}

/// A managed policy by its name becomes its ARN; an ARN, an intrinsic function or an unknown name stays.
fn managed_arn(policy: &Value) -> Value {
    let known = policy.as_str().and_then(|name| MANAGED.lines().find(|path| path.rsplit('/').next() == Some(name)));
    known.map_or_else(|| policy.clone(), aws_managed)
}

fn expand_template(logical_id: &str, entry: &Value) -> Result<Value, TransformError> {
    let invalid = || fault(logical_id, "a policy template must be a map from its name to its parameters");
    let (name, values) = entry.as_object().and_then(|one| one.iter().next()).ok_or_else(invalid)?;
    let template = TEMPLATES.get(name).ok_or_else(invalid)?;
    let values = values.as_object().ok_or_else(|| {
        fault(logical_id, format!("must specify valid parameter values for policy template '{name}'"))
    })?;
    let missing: Vec<&str> =
        template.parameters.iter().map(String::as_str).filter(|name| !values.contains_key(*name)).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Err(fault(
            logical_id,
            format!("required parameters of policy template '{name}' are missing: {missing}"),
        ));
    }
    Ok(fill(&template.definition, &template.parameters, values))
}

/// The definition with `Ref`s to the template's own parameters replaced; what was put in is not looked at again.
fn fill(definition: &Value, parameters: &[String], values: &Map<String, Value>) -> Value {
    match definition {
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get("Ref").filter(|_| members.len() == 1)
                && parameters.contains(name)
                && let Some(value) = values.get(name)
            {
                return value.clone();
            }
            Value::Object(members.iter().map(|(k, v)| (k.clone(), fill(v, parameters, values))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, parameters, values)).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_policy_templates_are_read() {
        assert_eq!(TEMPLATES.len(), 81);
        assert!(TEMPLATES.contains_key("DynamoDBCrudPolicy"));
    }

    #[test]
    fn a_parameter_of_the_stack_with_the_name_of_a_template_parameter_is_left_alone() {
        let mut role = RolePolicies::default();
        let policy =
            json!({ "DynamoDBReadPolicy": { "TableName": { "Fn::Sub": ["${T}", { "T": { "Ref": "TableName" } }] } } });
        role.add_all("F", &json!([policy])).unwrap();
        assert!(role.inline[0].to_string().contains(r#"{"Ref":"TableName"}"#));
    }

    #[test]
    fn a_missing_parameter_and_an_unknown_template_are_named() {
        let mut role = RolePolicies::default();
        let missing = role.add_all("F", &json!([{ "DynamoDBReadPolicy": {} }])).unwrap_err().to_string();
        assert!(missing.contains("TableName"), "{missing}");
        let unknown = role.add_all("F", &json!([{ "NoSuchPolicy": {} }])).unwrap_err().to_string();
        assert!(unknown.contains("NoSuchPolicy"), "{unknown}");
    }
}
