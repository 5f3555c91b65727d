//! `HttpApi` events of a function that is expanded: its routes in the API's body, and the leave to call it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::events::{Source, permission};
use super::expansion::Expansion;
use super::openapi;
use super::resource::Generated;
use super::target::Target;
use super::transform_error::TransformError;

static PATH_PARAMETER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\{(.*?)\}").ok());
static PATH_WILDCARD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\{([a-zA-Z0-9._-]+|proxy\+)\}").ok());

/// Connects the path to the function, and lets the API call it.
pub(super) fn connect(
    expansion: &mut Expansion<'_>,
    source: &Source,
    target: &Target,
) -> Result<Option<Generated>, TransformError> {
    let id = source.property("ApiId");
    let api = id.get("Ref").unwrap_or(&id).as_str().unwrap_or_default().to_owned();
    let (Some(path), Some(method)) = (source.text("Path"), source.text("Method")) else {
        return Err(source.fault("Path and Method must be strings"));
    };
    let method = method.to_lowercase();
    let managed = expansion.managed_apis.contains(&api);
    let resource = expansion.resources.get_mut(&api);
    let body = resource.and_then(|resource| resource.pointer_mut("/Properties/DefinitionBody"));
    let default_body = body.as_deref().cloned().unwrap_or_default();
    let allowed = leave(source, target, &id, path, &method, &default_body);
    if let Some(body) = body {
        if !openapi::is_valid(body) {
            return Err(source.fault("the API's DefinitionBody is not an OpenAPI 3 document"));
        }
        if managed && openapi::has_integration(body, path, &method) {
            let message = format!("API method '{method}' defined multiple times for path '{path}'.");
            return Err(source.fault(&message));
        }
        let uri = format!(
            "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/{}/invocations",
            target.arn_shorthand()
        );
        let condition = target.attributes.get("Condition");
        openapi::add_integration(body, path, &method, &json!({ "Fn::Sub": uri }), condition);
        openapi::change_method(body, path, &method, &mut |definition| settings(source, path, definition));
    }
    Ok(allowed)
}

/// The event's own settings, in the definition of its method.
fn settings(source: &Source, path: &str, definition: &mut Map<String, Value>) {
    for (property, member) in [("TimeoutInMillis", "timeoutInMillis"), ("PayloadFormatVersion", "payloadFormatVersion")]
    {
        if let Some(value) = source.properties.get(property)
            && let Some(integration) = definition.get_mut(openapi::INTEGRATION).and_then(Value::as_object_mut)
        {
            integration.insert(member.to_owned(), value.clone());
        }
    }
    let Some(pattern) = PATH_PARAMETER.as_ref() else { return };
    for found in pattern.captures_iter(path) {
        let parameter = json!({ "name": found[1], "in": "path", "required": true });
        let Some(all) = definition.entry("parameters").or_insert_with(|| json!([])).as_array_mut() else { return };
        match all.iter_mut().find(|existing| existing.get("name") == parameter.get("name")) {
            Some(existing) => {
                existing["in"] = json!("path");
                existing["required"] = json!(true);
            }
            None => all.push(parameter),
        }
    }
}

/// The permission for one route, unless the function already takes every route of the API.
fn leave(source: &Source, target: &Target, api: &Value, path: &str, method: &str, body: &Value) -> Option<Generated> {
    let trimmed = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
    let path = if trimmed == openapi::DEFAULT_PATH {
        String::new()
    } else if takes_default_route(body, target) {
        return None;
    } else {
        PATH_WILDCARD.as_ref().map_or_else(|| trimmed.to_owned(), |p| p.replace_all(trimmed, "*").into_owned())
    };
    let any = method == "any" || method == openapi::ANY_METHOD;
    let method = if any { "*".to_owned() } else { method.to_uppercase() };
    // API Gateway writes the default route of a path named `/$default` without a method.
    let route = if any && path == "/$default" { path } else { format!("/{method}{path}") };
    let arn = format!(
        "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/${{__Stage__}}{route}"
    );
    let arn = json!({ "Fn::Sub": [arn, { "__ApiId__": api, "__Stage__": "*" }] });
    Some(permission(source, target, "apigateway.amazonaws.com", arn))
}

/// True if the API's default route is this very function. An alias's is not recognised, as in the translator.
fn takes_default_route(body: &Value, target: &Target) -> bool {
    if target.is_alias || !openapi::has_integration(body, openapi::DEFAULT_PATH, "any") {
        return false;
    }
    let route = body.get("paths").and_then(|paths| paths.get(openapi::DEFAULT_PATH));
    route.is_some_and(|route| route.to_string().contains(&format!("/functions/${{{}.Arn}}/", target.logical_id)))
}
