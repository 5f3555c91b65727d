//! The faults for which IAM refuses to store a policy document, in IAM's words.
//!
//! Identity policies go through IAM's old parser, whose faults come in a fixed order: the form, the version (of managed
//! policies), what the parser calls legacy, statement ids, actions, resources. Trust policies have a parser of their own.

mod date;
mod malformed;
mod resource;
mod trust;

use serde_json::{Map, Value};

use super::condition;
use malformed::{LEGACY, texts};

pub(crate) use malformed::Malformed;
pub(crate) use trust::{trust, trusted};

const SYNTAX: &str = "Syntax errors in policy.";

/// Checks the document of a managed policy, which must have the version of 2012.
///
/// # Errors
/// The first fault.
pub(crate) fn managed(text: &str) -> Result<(), Malformed> {
    identity(text, true)
}

/// Checks the document of an inline policy, of a role, a user, a group or a session.
///
/// # Errors
/// The first fault.
pub(crate) fn inline(text: &str) -> Result<(), Malformed> {
    identity(text, false)
}

fn identity(text: &str, versioned: bool) -> Result<(), Malformed> {
    let document: Value = serde_json::from_str(text).map_err(|_| Malformed::because(SYNTAX))?;
    let statements = statements(&document).ok_or_else(|| Malformed::because(SYNTAX))?;
    if statements.iter().any(|statement| statement.contains_key("Principal") || statement.contains_key("NotPrincipal"))
    {
        return Err(Malformed::because("Policy document should not specify a principal."));
    }
    if versioned && document.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
        return Err(Malformed::because("Policy document must be version 2012-10-17 or greater."));
    }
    if !statements.iter().all(|statement| is_legacy_fit(statement)) {
        return Err(Malformed::because(LEGACY));
    }
    let resource_fault = resource::first_fault(&statements)?;
    if !unique_ids(&statements) {
        return Err(Malformed::because("Statement IDs (SID) in a single policy must be unique."));
    }
    if statements.iter().any(|statement| !has_any(statement, "Action", "NotAction")) {
        return Err(Malformed::because("Policy statement must contain actions."));
    }
    resource_fault.map_or(Ok(()), Err)?;
    for statement in &statements {
        texts(statement, "Action").chain(texts(statement, "NotAction")).try_for_each(action)?;
    }
    if statements.iter().any(|statement| !has_any(statement, "Resource", "NotResource")) {
        return Err(Malformed::because("Policy statement must contain resources."));
    }
    Ok(())
}

/// The document's statements when its form is right: elements that exist, of the right types, not with their opposites.
fn statements(document: &Value) -> Option<Vec<&Map<String, Value>>> {
    let document = document.as_object()?;
    let known = |name: &String| matches!(name.as_str(), "Version" | "Id" | "Statement");
    let version = document.get("Version").is_none_or(|v| v == "2008-10-17" || v == "2012-10-17");
    if !document.keys().all(known) || !version || document.get("Id").is_some_and(|id| !id.is_string()) {
        return None;
    }
    let statements: Option<Vec<_>> = match document.get("Statement")? {
        Value::Array(items) => items.iter().map(Value::as_object).collect(),
        one => Some(vec![one.as_object()?]),
    };
    statements.filter(|all| !all.is_empty() && all.iter().all(|statement| is_well_formed(statement)))
}

fn is_well_formed(statement: &Map<String, Value>) -> bool {
    let known = |name: &String| {
        matches!(
            name.as_str(),
            "Sid"
                | "Effect"
                | "Principal"
                | "NotPrincipal"
                | "Action"
                | "NotAction"
                | "Resource"
                | "NotResource"
                | "Condition"
        )
    };
    let both = |one: &str, other: &str| statement.contains_key(one) && statement.contains_key(other);
    let effect = statement.get("Effect").and_then(Value::as_str);
    statement.keys().all(known)
        && effect.is_some_and(|text| text.eq_ignore_ascii_case("Allow") || text.eq_ignore_ascii_case("Deny"))
        && !both("Action", "NotAction")
        && !both("Resource", "NotResource")
        && !both("Principal", "NotPrincipal")
        && ["Action", "NotAction", "Resource", "NotResource"].iter().all(|name| is_texts(statement.get(*name)))
        && statement.get("Sid").is_none_or(Value::is_string)
        && statement.get("Condition").is_none_or(is_condition)
}

/// A text or a list of texts. A null in a list is passed over, as IAM does.
fn is_texts(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::String(_)) => true,
        Some(Value::Array(items)) => items.iter().all(|item| item.is_string() || item.is_null()),
        Some(_) => false,
    }
}

fn is_condition(condition: &Value) -> bool {
    let constant = |value: &Value| matches!(value, Value::String(_) | Value::Bool(_) | Value::Number(_));
    let Some(operators) = condition.as_object() else { return false };
    operators.iter().all(|(operator, keys)| {
        let Some(keys) = keys.as_object() else { return false };
        // An operator that is none passes with nothing under it.
        (keys.is_empty() || condition::is_operator(operator))
            && keys
                .values()
                .all(|value| constant(value) || value.as_array().is_some_and(|all| all.iter().all(constant)))
    })
}

/// True if IAM's legacy parser takes a statement: the effect's case, and dates that are dates.
fn is_legacy_fit(statement: &Map<String, Value>) -> bool {
    let effect = statement.get("Effect").and_then(Value::as_str);
    let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    matches!(effect, Some("Allow" | "Deny"))
        && conditions.filter(|(operator, _)| is_date(operator)).all(|(_, keys)| {
            keys.as_object().into_iter().flatten().all(|(_, values)| {
                let values = values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice);
                values.iter().filter_map(Value::as_str).all(date::is_date)
            })
        })
}

fn is_date(operator: &str) -> bool {
    operator.trim_start_matches("ForAllValues:").trim_start_matches("ForAnyValue:").starts_with("Date")
}

fn unique_ids(statements: &[&Map<String, Value>]) -> bool {
    let mut seen = std::collections::HashSet::new();
    let ids = statements.iter().filter_map(|statement| statement.get("Sid")?.as_str());
    ids.filter(|id| !id.is_empty()).all(|id| seen.insert(id))
}

/// True if a statement has the element or its opposite, and not as an empty list.
fn has_any(statement: &Map<String, Value>, element: &str, opposite: &str) -> bool {
    let value = statement.get(element).or_else(|| statement.get(opposite));
    value.is_some_and(|value| value.as_array().is_none_or(|items| !items.is_empty()))
}

fn action(text: &str) -> Result<(), Malformed> {
    if text == "*" {
        return Ok(());
    }
    let mut parts = text.split(':');
    let vendor = parts.next().unwrap_or_default();
    match parts.count() {
        0 => Err(Malformed::because("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")),
        1 if vendor == "*" || vendor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') => Ok(()),
        1 => Err(Malformed(format!("Vendor {vendor} is not valid"))),
        _ => Err(Malformed::because("Actions/Condition can contain only one colon.")),
    }
}

#[cfg(test)]
mod tests;
