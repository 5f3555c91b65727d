//! The version and the alias that `AutoPublishAlias` makes.
//!
//! A version's logical id carries a hash of what it would publish, so that CloudFormation makes a new one exactly when
//! that changed. It is retained when it leaves the template: older versions may still take traffic.

use serde_json::{Map, Value, json};
use slipway_shared::guard::preference::{alias_id, version_id};

use super::identity::{hash_of, shortened};
use super::references::{Parameters, resolve_parameters};
use super::resource::{Generated, SamResource};
use super::transform_error::TransformError;

/// The version of `function`, which expands to `lambda`.
pub(super) fn version(
    function: &SamResource,
    lambda: &Generated,
    code_sha256: Option<&str>,
) -> Result<Generated, TransformError> {
    let hash = match code_sha256 {
        Some(given) => shortened(given),
        None => hash_of(&Value::Object(hashed(function, lambda))),
    };
    let mut attributes = function.passed_on();
    if !attributes.contains_key("DeletionPolicy") {
        let policy = match function.property("VersionDeletionPolicy") {
            Value::Null => json!("Retain"),
            policy if policy == json!("Retain") || policy == json!("Delete") => policy,
            _ => return Err(function.fault("VersionDeletionPolicy must be Delete or Retain")),
        };
        attributes.insert("DeletionPolicy".to_owned(), policy);
    }
    let mut version = Generated::new(version_id(&function.logical_id, &hash), "AWS::Lambda::Version", attributes);
    version.set("FunctionName", json!({ "Ref": function.logical_id }));
    version.set("Description", function.property("VersionDescription"));
    Ok(version)
}

/// The properties whose change makes a new version. The code's references to parameters are resolved by now; those of the
/// environment are not, so that a parameter alone (a commit id, say) publishes nothing.
fn hashed(function: &SamResource, lambda: &Generated) -> Map<String, Value> {
    if function.property("AutoPublishAliasAllProperties") == json!(true) {
        return lambda.properties.clone();
    }
    let mut data = lambda.properties.get("Code").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(environment) = lambda.properties.get("Environment").and_then(Value::as_object) {
        data.extend(environment.clone());
    }
    if let Some(memory) = lambda.properties.get("MemorySize") {
        data.insert("MemorySize".to_owned(), memory.clone());
    }
    data
}

/// The alias `name` of `function`, on `version`.
pub(super) fn alias(function: &SamResource, name: &str, version: &Generated) -> Result<Generated, TransformError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(allowed) || name.chars().all(|c| c.is_ascii_digit()) {
        return Err(function.fault(format!(
            "AutoPublishAlias name ('{name}') must contain only alphanumeric characters, hyphens, or underscores \
             matching (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern."
        )));
    }
    let id = alias_id(&function.logical_id, name);
    let mut alias = Generated::new(id, "AWS::Lambda::Alias", function.passed_on());
    alias.set("Name", json!(name));
    alias.set("FunctionName", json!({ "Ref": function.logical_id }));
    alias.set("FunctionVersion", json!({ "Fn::GetAtt": [version.logical_id, "Version"] }));
    Ok(alias)
}

/// A property that must come out as text once parameters are resolved.
pub(super) fn resolved_text(
    function: &SamResource,
    name: &str,
    parameters: &Parameters,
) -> Result<Option<String>, TransformError> {
    let mut value = function.property(name);
    resolve_parameters(&mut value, parameters);
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(function.fault(format!("'{name}' must be a string or a Ref to a template parameter"))),
    }
}
