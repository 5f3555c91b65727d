//! The OpenAPI body of an HTTP API, as far as SAM writes in it.
//!
//! Paths and methods may stand in an `Fn::If`; what is said of a path holds for every case of it.

use serde_json::{Map, Value, json};

use super::resource::{is_no_value, only_if};

/// The path that takes what no other does.
pub(super) const DEFAULT_PATH: &str = "$default";
/// The name of "any method" in a body.
pub(super) const ANY_METHOD: &str = "x-amazon-apigateway-any-method";
/// The member that connects a method to a function.
pub(super) const INTEGRATION: &str = "x-amazon-apigateway-integration";

/// A body without paths, titled as the stack.
pub(super) fn skeleton() -> Value {
    json!({ "openapi": "3.0.1", "info": { "version": "1.0", "title": default_title() }, "paths": {} })
}

/// The title that SAM gives and may therefore replace.
pub(super) fn default_title() -> Value {
    json!({ "Ref": "AWS::StackName" })
}

/// True if a value is an OpenAPI 3 document.
pub(super) fn is_valid(body: &Value) -> bool {
    let version = body.get("openapi").map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    let three = version.is_some_and(|version| version == "3" || version.starts_with("3."));
    three && body.get("paths").is_some_and(Value::is_object)
}

/// A method as a body writes it.
pub(super) fn method_name(method: &str) -> String {
    let method = method.to_lowercase();
    if method == "any" { ANY_METHOD.to_owned() } else { method }
}

/// Makes sure that the body has the path and method.
pub(super) fn add_path(body: &mut Value, path: &str, method: &str) {
    let Some(paths) = body.get_mut("paths").and_then(Value::as_object_mut) else { return };
    let item = paths.entry(path).or_insert_with(|| json!({}));
    for_each_case(item, &mut |item| {
        if let Some(methods) = item.as_object_mut() {
            methods.entry(method_name(method)).or_insert_with(|| json!({}));
        }
    });
}

/// True if every case of the path and method is connected.
pub(super) fn has_integration(body: &Value, path: &str, method: &str) -> bool {
    let method = method_name(method);
    let Some(item) = body.get("paths").and_then(|paths| paths.get(path)) else { return false };
    cases(item).into_iter().all(|item| {
        item.get(&method).is_some_and(|definition| {
            cases(definition).into_iter().any(|case| case.get(INTEGRATION).is_some_and(|i| *i != json!({})))
        })
    })
}

/// Connects the path and method to `uri`, unless it is connected already.
pub(super) fn add_integration(body: &mut Value, path: &str, method: &str, uri: &Value, condition: Option<&Value>) {
    if has_integration(body, path, method) {
        return;
    }
    add_path(body, path, method);
    let method = method_name(method);
    let uri = condition.map_or_else(|| uri.clone(), |condition| only_if(condition, uri.clone()));
    let Some(item) = body.get_mut("paths").and_then(|paths| paths.get_mut(path)) else { return };
    for_each_case(item, &mut |item| {
        let Some(methods) = item.as_object_mut() else { return };
        let mut definition = methods.get(&method).and_then(Value::as_object).cloned().unwrap_or_default();
        definition.insert(
            INTEGRATION.to_owned(),
            json!({
                "type": "aws_proxy", "httpMethod": "POST", "payloadFormatVersion": "2.0", "uri": uri,
            }),
        );
        if path == DEFAULT_PATH && method == ANY_METHOD {
            definition.insert("isDefaultRoute".to_owned(), json!(true));
        }
        definition.entry("responses").or_insert_with(|| json!({}));
        let definition = Value::Object(definition);
        let definition = match condition {
            Some(condition) => only_if(condition, definition),
            None => definition,
        };
        methods.insert(method.clone(), definition);
    });
}

/// Changes every connected definition of the path and method.
pub(super) fn change_method(
    body: &mut Value,
    path: &str,
    method: &str,
    change: &mut dyn FnMut(&mut Map<String, Value>),
) {
    let method = method_name(method);
    let Some(item) = body.get_mut("paths").and_then(|paths| paths.get_mut(path)) else { return };
    for_each_case(item, &mut |item| {
        let Some(definition) = item.get_mut(&method) else { return };
        for_each_case(definition, &mut |definition| {
            if let Some(definition) = definition.as_object_mut().filter(|d| d.contains_key(INTEGRATION)) {
                change(definition);
            }
        });
    });
}

/// Sets or adds a tag, as API Gateway's import reads tags.
pub(super) fn add_tag(body: &mut Value, name: &str, value: &Value) {
    let Some(body) = body.as_object_mut() else { return };
    let Some(tags) = body.entry("tags").or_insert_with(|| json!([])).as_array_mut() else { return };
    let tag = json!({ "name": name, "x-amazon-apigateway-tag-value": value });
    match tags.iter_mut().find(|existing| existing.get("name").and_then(Value::as_str) == Some(name)) {
        Some(existing) => existing["x-amazon-apigateway-tag-value"] = value.clone(),
        None => tags.push(tag),
    }
}

/// The cases of a value: itself, or those of an `Fn::If` that are something.
fn cases(value: &Value) -> Vec<&Value> {
    match value.get("Fn::If").and_then(Value::as_array) {
        Some(arguments) => arguments.iter().skip(1).filter(|case| !is_no_value(case)).collect(),
        None => vec![value],
    }
}

fn for_each_case(value: &mut Value, act: &mut dyn FnMut(&mut Value)) {
    if value.get("Fn::If").is_some_and(Value::is_array) {
        if let Some(arguments) = value.get_mut("Fn::If").and_then(Value::as_array_mut) {
            arguments.iter_mut().skip(1).filter(|case| !is_no_value(case)).for_each(act);
        }
    } else {
        act(value);
    }
}
