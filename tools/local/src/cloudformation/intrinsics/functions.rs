//! Each function.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::fault::{Fault, all};
use super::scope::Scope;
use super::{cidr, resolve, resolve_or_null, sub, text};
use crate::cloudformation::template::scalar_text;

const GET_ATT: &str =
    "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute";
const JOIN: &str = "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";
const SELECT: &str = "Fn::Select requires a list argument with two elements: an integer index and a list";
const SPLIT: &str = "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.";
const FIND_IN_MAP: &str =
    "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value";

/// The value of the function `name` for `argument`.
pub(super) fn apply(name: &str, argument: &Value, scope: Scope<'_>) -> Result<Option<Value>, Fault> {
    let value = match name {
        "Ref" => return reference(argument, scope),
        "Fn::If" => return choose(argument, scope),
        "Fn::GetAtt" => attribute(argument, scope)?,
        "Fn::Sub" => Value::String(sub::apply(argument, scope)?),
        "Fn::Join" => join(argument, scope)?,
        "Fn::Select" => return select(argument, scope).map(Some),
        "Fn::Split" => split(argument, scope)?,
        "Fn::FindInMap" => find_in_map(argument, scope)?,
        "Fn::ImportValue" => import(argument, scope)?,
        "Fn::Base64" => Value::String(STANDARD.encode(base64_text(argument, scope)?)),
        "Fn::Cidr" => cidr(argument, scope)?,
        "Fn::GetAZs" => zones(argument, scope)?,
        "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
            return Fault::wrong(format!("{name} stands where a value is wanted; it belongs into Conditions"));
        }
        other => return Fault::wrong(format!("the local plane does not run {other}")),
    };
    Ok(Some(value))
}

fn reference(argument: &Value, scope: Scope<'_>) -> Result<Option<Value>, Fault> {
    let Some(name) = argument.as_str() else {
        return Fault::wrong("every Ref object must have a single String value.");
    };
    if name == "AWS::NoValue" {
        return Ok(None);
    }
    match scope.fixed.names.get(name) {
        Some(value) => Ok(Some(value.clone())),
        None => scope.resources.reference(name).map(Some),
    }
}

fn choose(argument: &Value, scope: Scope<'_>) -> Result<Option<Value>, Fault> {
    let list = argument.as_array().filter(|list| list.first().is_some_and(Value::is_string));
    let Some(list) = list else {
        return Fault::wrong("Fn::If requires a list argument with the first element being a condition");
    };
    let [condition, yes, no] = list.as_slice() else {
        return Fault::wrong("Fn::If requires a list argument with three elements");
    };
    let name = condition.as_str().unwrap_or_default();
    match scope.fixed.conditions.get(name) {
        Some(truth) => resolve(if *truth { yes } else { no }, scope),
        None => Fault::wrong(format!("unresolved condition dependency {name} in Fn::If")),
    }
}

fn attribute(argument: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    let Some([Value::String(resource), attribute]) = argument.as_array().map(Vec::as_slice) else {
        return Fault::wrong(GET_ATT);
    };
    let attribute = text(attribute, scope, "Fn::GetAtt")?;
    scope.resources.attribute(resource, &attribute)
}

fn join(argument: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    let [delimiter, list] = two(argument, JOIN)?;
    let delimiter = text(delimiter, scope, "Fn::Join")?;
    let parts: Option<Vec<String>> = items(list, scope, JOIN)?.iter().map(scalar_text).collect();
    match parts {
        Some(parts) => Ok(Value::String(parts.join(&delimiter))),
        None => Fault::wrong(JOIN),
    }
}

fn select(argument: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    let [index, list] = two(argument, SELECT)?;
    let index = text(index, scope, "Fn::Select")?;
    let list = items(list, scope, SELECT)?;
    if index.parse::<i64>().is_err() {
        return Fault::wrong(SELECT);
    }
    match index.parse::<usize>().ok().and_then(|index| list.get(index)) {
        Some(item) => Ok(item.clone()),
        // Of a list that stands in the template itself, AWS sees the fault as one of form.
        None if argument.get(1).is_some_and(Value::is_array) => Fault::wrong(SELECT),
        None => Fault::wrong(format!("Fn::Select cannot select nonexistent value at index {index}")),
    }
}

fn split(argument: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    let [delimiter, source] = two(argument, SPLIT)?;
    let delimiter = text(delimiter, scope, "Fn::Split")?;
    let source = text(source, scope, "Fn::Split")?;
    if delimiter.is_empty() {
        return Fault::wrong(SPLIT);
    }
    Ok(source.split(delimiter.as_str()).map(|part| Value::String(part.to_owned())).collect())
}

fn find_in_map(argument: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    let Some([map, top, second]) = argument.as_array().map(Vec::as_slice) else {
        return Fault::wrong(FIND_IN_MAP);
    };
    let keys = all([map, top, second].into_iter().map(|key| text(key, scope, "Fn::FindInMap")))?;
    if scope.fixed.mappings.get(&keys[0]).is_none() {
        return Fault::wrong(format!(
            "Mapping named '{}' is not present in the 'Mappings' section of template.",
            keys[0]
        ));
    }
    let found = keys.iter().try_fold(&scope.fixed.mappings, |value, key| value.get(key));
    match found {
        Some(value) => Ok(value.clone()),
        None => Fault::wrong(format!("Unable to get mapping for {}", keys.join("::"))),
    }
}

fn base64_text(argument: &Value, scope: Scope<'_>) -> Result<String, Fault> {
    match scalar_text(&resolve_or_null(argument, scope)?) {
        Some(text) => Ok(text),
        None => Fault::wrong("every Fn::Base64 object must have a String-typed value."),
    }
}

fn import(argument: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    let name = text(argument, scope, "Fn::ImportValue")?;
    match scope.fixed.imports.get(&name) {
        Some(value) => Ok(Value::String(value.clone())),
        None => Err(Fault::Wrong(format!("No export named {name} found."))),
    }
}

fn cidr(argument: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    let list = argument.as_array().map_or(&[][..], Vec::as_slice);
    let texts = all(list.iter().map(|item| text(item, scope, "Fn::Cidr")))?;
    match cidr::split(&texts) {
        Ok(blocks) => Ok(blocks.into_iter().map(Value::String).collect()),
        Err(message) => Fault::wrong(message),
    }
}

/// Three zones for every region: the plane has no account whose zones could differ.
fn zones(argument: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    let region = text(argument, scope, "Fn::GetAZs")?;
    let own = scope.fixed.names.get("AWS::Region").and_then(Value::as_str).unwrap_or_default();
    let region = if region.is_empty() { own } else { &region };
    Ok(["a", "b", "c"].iter().map(|zone| Value::String(format!("{region}{zone}"))).collect())
}

/// Exactly `N` arguments.
pub(super) fn arguments<'a, const N: usize>(argument: &'a Value, name: &str) -> Result<[&'a Value; N], Fault> {
    let list: Vec<&Value> = argument.as_array().into_iter().flatten().collect();
    match <[&Value; N]>::try_from(list) {
        Ok(list) => Ok(list),
        Err(list) => Fault::wrong(format!("{name} takes {N} arguments and has {}", list.len())),
    }
}

/// Two arguments, or the fault that says what they are.
fn two<'a>(argument: &'a Value, expected: &str) -> Result<[&'a Value; 2], Fault> {
    match argument.as_array().map(Vec::as_slice) {
        Some([first, second]) => Ok([first, second]),
        _ => Fault::wrong(expected),
    }
}

fn items(list: &Value, scope: Scope<'_>, expected: &str) -> Result<Vec<Value>, Fault> {
    match resolve_or_null(list, scope)? {
        Value::Array(items) => Ok(items),
        _ => Fault::wrong(expected),
    }
}
