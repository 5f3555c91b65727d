//! Hashes of parts of a template, for logical ids that change with what they stand for.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Guard;
use super::functions::Guardable;

/// The hexadecimal digits of a hash in a logical id, as many as SAM takes.
const DIGITS: usize = 10;

/// The properties of a function that are no part of a version: Lambda publishes nothing when one of them alone has changed, and
/// CloudFormation takes that for a failure.
const NOT_IN_A_VERSION: [&str; 6] = [
    "CodeSigningConfigArn",
    "FunctionName",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "RuntimeManagementConfig",
    "Tags",
];

/// The digits of a value, whatever the order of its members.
pub(super) fn digits(mut value: Value) -> String {
    value.sort_all_objects();
    let mut digits = hex::encode(Sha256::digest(value.to_string()));
    digits.truncate(DIGITS);
    digits
}

/// The digits of everything that a version of the function would hold: its code, its settings and its layers.
///
/// SAM hashes the code, the environment and the memory alone, so that another time limit or another role reaches no user.
/// A value that only CloudFormation knows (the name of a table, a parameter that has neither a value nor a default here) stands for itself.
/// Another hash would rename every version: each release of unchanged code would fail until its code changes.
pub(super) fn version_hash(function: &Guardable<'_>, guard: &Guard) -> String {
    let template = function.template();
    let properties = function.attribute("Properties").and_then(Value::as_object);
    let versioned = properties.into_iter().flatten().filter(|(name, _)| !NOT_IN_A_VERSION.contains(&name.as_str()));
    let mut versioned: Map<String, Value> = versioned.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(code) = versioned.get_mut("Code") {
        forget_place(code);
    }
    let layers = versioned.get("Layers").and_then(Value::as_array).into_iter().flatten();
    // A layer keeps its logical id when its content changes.
    let layers: Vec<&Value> =
        layers.filter_map(|layer| template["Resources"].get(layer["Ref"].as_str()?)?.get("Properties")).collect();
    let mut hashed = json!({ "function": versioned, "layers": layers });
    resolve(&mut hashed, &|name| {
        let given = guard.parameters.get(name).map(|value| json!(value));
        given.or_else(|| template["Parameters"].get(name)?.get("Default").cloned())
    });
    look_up(&mut hashed, &template["Mappings"]);
    digits(hashed)
}

/// A key that is a digest of the code says all of it; the bucket would make another version of the same.
fn forget_place(code: &mut Value) {
    let file = code["S3Key"].as_str().and_then(|key| key.rsplit('/').next());
    let stem = file.and_then(|file| file.split('.').next()).unwrap_or_default();
    let is_digest = stem.len() == 64 && stem.chars().all(|sign| sign.is_ascii_hexdigit());
    if let Some(code) = code.as_object_mut().filter(|_| is_digest) {
        code.shift_remove("S3Bucket");
    }
}

/// Puts the values of parameters where they are referred to.
fn resolve(value: &mut Value, known: &dyn Fn(&str) -> Option<Value>) {
    if let Some(found) = value["Ref"].as_str().and_then(known) {
        *value = found;
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("Fn::Sub", Value::String(text)) => *text = substituted(text, known),
                    ("Fn::Sub", Value::Array(parts)) => {
                        if let Some(Value::String(text)) = parts.first_mut() {
                            *text = substituted(text, known);
                        }
                        parts.iter_mut().skip(1).for_each(|part| resolve(part, known));
                    }
                    (_, member) => resolve(member, known),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, known)),
        _ => {}
    }
}

/// Puts the values of mappings where they are referred to by names that are known.
fn look_up(value: &mut Value, mappings: &Value) {
    if let Some([map, first, second]) = value["Fn::FindInMap"].as_array().map(Vec::as_slice) {
        let text = |name: &Value| name.as_str().map(str::to_owned).unwrap_or_default();
        if let Some(found) = mappings[text(map)][text(first)].get(text(second)) {
            *value = found.clone();
            return;
        }
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| look_up(member, mappings)),
        Value::Array(items) => items.iter_mut().for_each(|item| look_up(item, mappings)),
        _ => {}
    }
}

fn substituted(text: &str, known: &dyn Fn(&str) -> Option<Value>) -> String {
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}').and_then(|(name, rest)| Some((known(name)?, rest))) {
            Some((value, rest)) => {
                whole += value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str();
                whole += rest;
            }
            None => {
                whole += "${";
                whole += part;
            }
        }
    }
    whole
}
