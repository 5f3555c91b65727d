//! Reading an OpenAPI definition with API Gateway's extensions: what SAM generates for `AWS::Serverless::HttpApi`.

use serde_json::{Value, json};

use super::api::{Api, Integration};
use super::routes::RouteKey;
use crate::core::{Ids, Input, ServiceError};

const METHODS: &[&str] =
    &["get", "head", "options", "post", "put", "patch", "delete", "x-amazon-apigateway-any-method"];

/// Fills `api` from the definition's text.
pub(super) fn fill(api: &mut Api, ids: &Ids, body: &str) -> Result<(), ServiceError> {
    let fault = |message: String| ServiceError::new("BadRequestException", message);
    let definition: Value =
        serde_json::from_str(body).map_err(|error| fault(format!("Invalid OpenAPI input: {error}")))?;
    let title = definition["info"]["title"].as_str().unwrap_or("imported");
    api.describe_as(title, definition["info"]["description"].as_str());
    api.cors = definition.get("x-amazon-apigateway-cors").map(recased);
    for (path, item) in definition["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            if operation.get("security").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
                return Err(ServiceError::not_implemented("apigateway", "a route with an authorizer"));
            }
            let integration = &operation["x-amazon-apigateway-integration"];
            if integration.is_null() {
                return Err(fault(format!("{method} {path} has no x-amazon-apigateway-integration")));
            }
            let integration = Integration::read(&extension(integration))?;
            api.add_route(ids, route_key(method, path)?, integration);
        }
    }
    Ok(())
}

fn route_key(method: &str, path: &str) -> Result<RouteKey, ServiceError> {
    if path == "$default" || path == "/$default" {
        return RouteKey::parse("$default");
    }
    let method = if method.starts_with("x-") { "ANY".to_owned() } else { method.to_ascii_uppercase() };
    RouteKey::parse(&format!("{method} {path}"))
}

/// The extension's members under the API's names.
fn extension(integration: &Value) -> Input {
    json!({
        "IntegrationType": integration["type"], "IntegrationUri": integration["uri"],
        "PayloadFormatVersion": integration["payloadFormatVersion"], "TimeoutInMillis": integration["timeoutInMillis"],
    })
    .into()
}

/// `allowOrigins` as `AllowOrigins`, and so on.
fn recased(cors: &Value) -> Value {
    let members = cors.as_object().into_iter().flatten().map(|(name, value)| {
        let mut letters = name.chars();
        let name = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>();
        (name, value.clone())
    });
    Value::Object(members.collect())
}
