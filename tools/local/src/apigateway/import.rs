//! Reading an OpenAPI definition with API Gateway's extensions: what SAM generates for `AWS::Serverless::HttpApi`.

use serde_json::{Value, json};

use super::api::Api;
use super::authorizer::Authorizer;
use super::integration::Integration;
use super::route::Access;
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
    for (name, scheme) in definition["components"]["securitySchemes"].as_object().into_iter().flatten() {
        let authorizer = Authorizer::read(&authorizer_input(name, &scheme["x-amazon-apigateway-authorizer"]), None)?;
        api.put_authorizer(ids, Some(name), authorizer);
    }
    for (path, item) in definition["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let integration = &operation["x-amazon-apigateway-integration"];
            if integration.is_null() {
                return Err(fault(format!("{method} {path} has no x-amazon-apigateway-integration")));
            }
            let integration = Integration::read(&extension(integration))?;
            let access = access(api, operation)?;
            api.add_route(ids, route_key(method, path)?, access, integration);
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

/// `x-amazon-apigateway-auth`, or the one scheme of `security`, which in a definition is its authorizer's id.
fn access(api: &Api, operation: &Value) -> Result<Access, ServiceError> {
    let schemes = operation["security"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let input = match schemes.last() {
        Some((name, scopes)) => {
            json!({ "AuthorizationType": "JWT", "AuthorizerId": name, "AuthorizationScopes": scopes })
        }
        None => json!({ "AuthorizationType": operation["x-amazon-apigateway-auth"]["type"] }),
    };
    Access::read(&input.into(), None, &api.authorizers)
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>
fn authorizer_input(name: &str, extension: &Value) -> Input {
    let jwt = &extension["jwtConfiguration"];
    json!({
        "Name": name, "AuthorizerType": extension["type"].as_str().unwrap_or_default().to_ascii_uppercase(),
        "IdentitySource": extension["identitySource"],
        "JwtConfiguration": { "Issuer": jwt["issuer"], "Audience": jwt["audience"] },
    })
    .into()
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
