//! Reading an OpenAPI definition with API Gateway's extensions, in JSON or YAML.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};
use slipway_shared::template;

use super::api::Api;
use super::authorizer::Authorizer;
use super::errors::{bad_request, not_run};
use super::integration::Integration;
use super::members::{Members, required};
use super::route::{Access, ApiRoute};
use super::routes::RouteKey;
use crate::core::{Ids, Input, ServiceError};

const ANY: &str = "x-amazon-apigateway-any-method";
const METHODS: &[&str] = &["get", "head", "options", "post", "put", "patch", "delete", ANY];

/// An OpenAPI definition to import.
#[derive(Debug)]
pub(super) struct Import {
    definition: Value,
    fail_on_warnings: bool,
}

impl Import {
    /// Reads `ImportApi` or `ReimportApi`.
    pub(super) fn read(input: &Input) -> Result<Self, ServiceError> {
        let tree = template::parse(required(input, "Body")?)
            .map_err(|error| bad_request(format!("Invalid OpenAPI input: {error}")))?;
        let definition = tree.to_json();
        if !definition["openapi"].as_str().is_some_and(|version| version.starts_with("3.")) {
            return Err(bad_request("Invalid OpenAPI input: only OpenAPI 3.0 definitions are supported"));
        }
        if !definition["paths"].is_object() {
            return Err(bad_request("Invalid OpenAPI input: attribute paths is missing"));
        }
        // `ignore` is the default; the others change paths by those of `servers`.
        if let Some(other) = input.opt_str("Basepath").filter(|base| *base != "ignore")
            && definition["servers"].as_array().is_some_and(|servers| !servers.is_empty())
        {
            return Err(not_run(&format!("an import with basepath {other}")));
        }
        Ok(Self { definition, fail_on_warnings: input.opt_bool("FailOnWarnings").unwrap_or_default() })
    }
}

/// Fills an empty `api` from a definition.
pub(super) fn fill(api: &mut Api, ids: &Ids, import: &Import) -> Result<(), ServiceError> {
    let definition = &import.definition;
    let warnings = missing_schemas(definition);
    if import.fail_on_warnings && !warnings.is_empty() {
        return Err(bad_request(format!("Warnings found during import:\n\t{}", warnings.join("\n\t"))));
    }
    settings(api, definition)?;
    let schemes = authorizers(api, ids, definition)?;
    for (path, item) in definition["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) {
                let integration = integration(definition, operation)?;
                let integration = integration.map(|read| api.definition.share_integration(ids, read)).transpose()?;
                let access = access(api, &schemes, operation)?;
                api.definition.add_route(ids, ApiRoute::to(route_key(method, path)?, integration, access))?;
            }
        }
    }
    if !warnings.is_empty() {
        api.remarks.insert("Warnings".to_owned(), json!(warnings));
    }
    Ok(())
}

/// Takes over the definition's settings of the API as a whole.
fn settings(api: &mut Api, definition: &Value) -> Result<(), ServiceError> {
    let info = &definition["info"];
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let mut input = Members::new();
    let endpoint = &definition["x-amazon-apigateway-endpoint-configuration"]["disableExecuteApiEndpoint"];
    let found = [
        ("Name", text(&info["title"]).map(Value::String)),
        ("Description", text(&info["description"]).map(Value::String)),
        ("Version", text(&info["version"]).map(Value::String)),
        ("CorsConfiguration", definition.get("x-amazon-apigateway-cors").map(recased)),
        ("DisableExecuteApiEndpoint", Some(endpoint.clone()).filter(Value::is_boolean)),
    ];
    input.extend(found.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    api.set(&Value::Object(input).into())?;
    for tag in definition["tags"].as_array().into_iter().flatten() {
        if let (Some(name), Some(value)) = (tag["name"].as_str(), tag.get("x-amazon-apigateway-tag-value")) {
            api.tags.insert(name.to_owned(), value.clone());
        }
    }
    Ok(())
}

/// The authorizers that were made of the security schemes, by the schemes' names.
fn authorizers(api: &mut Api, ids: &Ids, definition: &Value) -> Result<BTreeMap<String, Value>, ServiceError> {
    let mut made = BTreeMap::new();
    for (name, scheme) in definition["components"]["securitySchemes"].as_object().into_iter().flatten() {
        let extension = &scheme["x-amazon-apigateway-authorizer"];
        if extension.is_object() {
            let authorizer = Authorizer::read(&authorizer_input(name, extension), None)?;
            let described = api.definition.put_authorizer(ids, None, authorizer)?;
            made.insert(name.clone(), described["AuthorizerId"].clone());
        }
    }
    Ok(made)
}

fn route_key(method: &str, path: &str) -> Result<RouteKey, ServiceError> {
    if path == "$default" || path == "/$default" {
        return RouteKey::parse("$default");
    }
    let method = if method == ANY { "ANY".to_owned() } else { method.to_ascii_uppercase() };
    RouteKey::parse(&format!("{method} {path}"))
}

/// `x-amazon-apigateway-auth`, or the authorizer of the one scheme of `security`.
fn access(api: &Api, schemes: &BTreeMap<String, Value>, operation: &Value) -> Result<Access, ServiceError> {
    let security = operation["security"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let security: Vec<_> = security.collect();
    if security.len() > 1 {
        return Err(bad_request(
            "An operation can have only one of IAM authorization, a Lambda authorizer, or a JWT authorizer",
        ));
    }
    let authorizers = &api.definition.authorizers;
    let input = match security.first() {
        Some((name, scopes)) => {
            let id = schemes.get(*name).and_then(Value::as_str).unwrap_or_default();
            let of_tokens = authorizers.get(id).is_none_or(|known| known.issuer().is_some());
            let kind = if of_tokens { "JWT" } else { "CUSTOM" };
            json!({ "AuthorizationType": kind, "AuthorizerId": id, "AuthorizationScopes": scopes })
        }
        None => json!({ "AuthorizationType": operation["x-amazon-apigateway-auth"]["type"] }),
    };
    Access::read(&input.into(), None, authorizers)
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>
fn authorizer_input(name: &str, extension: &Value) -> Input {
    let mut input = json!({
        "Name": name, "AuthorizerType": extension["type"].as_str().unwrap_or_default().to_ascii_uppercase(),
        "IdentitySource": extension["identitySource"], "AuthorizerUri": extension["authorizerUri"],
        "AuthorizerCredentialsArn": extension["authorizerCredentials"],
        "AuthorizerPayloadFormatVersion": extension["authorizerPayloadFormatVersion"],
        "AuthorizerResultTtlInSeconds": extension["authorizerResultTtlInSeconds"],
        "EnableSimpleResponses": extension["enableSimpleResponses"],
        "IdentityValidationExpression": extension["identityValidationExpression"],
    });
    if let Some(jwt) = extension.get("jwtConfiguration") {
        input["JwtConfiguration"] = json!({ "Issuer": jwt["issuer"], "Audience": jwt["audience"] });
    }
    input.into()
}

/// The integration of an operation, written there or among the components. An operation without one makes a route
/// without a target (assumed).
fn integration(definition: &Value, operation: &Value) -> Result<Option<Integration>, ServiceError> {
    let mut extension = &operation["x-amazon-apigateway-integration"];
    if let Some(reference) = extension["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').unwrap_or_default();
        extension = definition
            .pointer(pointer)
            .ok_or_else(|| bad_request(format!("Invalid OpenAPI input: {reference} is missing")))?;
    }
    if extension.is_null() {
        return Ok(None);
    }
    let mut input = recased(extension);
    if let Some(input) = input.as_object_mut() {
        for (written, named) in [
            ("Type", "IntegrationType"),
            ("Uri", "IntegrationUri"),
            ("HttpMethod", "IntegrationMethod"),
            ("Credentials", "CredentialsArn"),
        ] {
            if let Some(value) = input.shift_remove(written) {
                input.insert(named.to_owned(), value);
            }
        }
    }
    Integration::read(&input.into()).map(Some)
}

/// `allowOrigins` as `AllowOrigins`, and so on.
fn recased(extension: &Value) -> Value {
    let members = extension.as_object().into_iter().flatten().map(|(name, value)| {
        let mut letters = name.chars();
        let name = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>();
        (name, value.clone())
    });
    Value::Object(members.collect())
}

/// A warning for each schema of a response that the definition names and does not have.
fn missing_schemas(definition: &Value) -> Vec<String> {
    let mut warnings = Vec::new();
    for (path, item) in definition["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                for media in response["content"].as_object().into_iter().flat_map(serde_json::Map::values) {
                    let Some(reference) = media["schema"]["$ref"].as_str() else { continue };
                    let known = reference.strip_prefix('#').and_then(|pointer| definition.pointer(pointer)).is_some();
                    if !known {
                        warnings.push(format!(
                            "Parse issue: attribute paths.'{path}'({method}).responses.{status}.content.schema.{reference} \
                             is missing"
                        ));
                    }
                }
            }
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::core::Timestamp;

    const YAML: &str = "
openapi: 3.0.1
info: { title: pets, version: 2.0, description: d }
tags: [{ name: team, x-amazon-apigateway-tag-value: a }]
x-amazon-apigateway-cors: { allowOrigins: ['*'] }
paths:
  /pets:
    get:
      x-amazon-apigateway-integration: { $ref: '#/components/x-amazon-apigateway-integrations/f' }
    x-amazon-apigateway-any-method: {}
components:
  x-amazon-apigateway-integrations:
    f: { type: aws_proxy, httpMethod: POST, payloadFormatVersion: 2.0,
         uri: 'arn:aws:lambda:us-east-1:000000000000:function:f' }
";

    fn imported(input: Value) -> Result<Api, ServiceError> {
        let mut api = Api::named("", Timestamp::from_millis(0));
        fill(&mut api, &Ids::seeded(1), &Import::read(&input.into())?)?;
        Ok(api)
    }

    #[test]
    fn a_definition_in_yaml_is_read() {
        let api = imported(json!({ "Body": YAML })).unwrap();
        let described = api.describe();
        assert_eq!(
            (&described["Name"], &described["Version"], &described["Description"]),
            (&json!("pets"), &json!("2.0"), &json!("d"))
        );
        assert_eq!(
            (&described["Tags"]["team"], &described["CorsConfiguration"]),
            (&json!("a"), &json!({ "AllowOrigins": ["*"] }))
        );
        let mut keys: Vec<(&str, bool)> =
            api.definition.routes.values().map(|route| (route.key.text(), route.integration.is_some())).collect();
        keys.sort_unstable();
        assert_eq!(keys, [("ANY /pets", false), ("GET /pets", true)]);
    }

    #[test_case("openapi: 3.0.1\ninfo:\n  title: t\n  version: '1'\npaths: {}\n", None; "without paths")]
    #[test_case("{\"openapi\":\"3.0.1\",\"info\":{\"title\":\"t\"},\"paths\":{}}", None; "in JSON")]
    #[test_case("swagger: '2.0'\ninfo: { title: t }\npaths: {}", Some("BadRequestException"); "an older specification")]
    #[test_case("openapi: 3.0.1\ninfo: { title: t }", Some("BadRequestException"); "no paths at all")]
    #[test_case("{", Some("BadRequestException"); "no document")]
    #[test_case("openapi: 3.0.1\ninfo: { title: t }\npaths: { /x: { get: { security: [{ a: [] }, { b: [] }] } } }", Some("BadRequestException"); "two authorizers")]
    fn bodies(body: &str, refused: Option<&str>) {
        let code = imported(json!({ "Body": body })).err().map(|error| error.code);
        assert_eq!(code.as_deref(), refused);
    }

    #[test]
    fn a_schema_that_is_missing_is_a_warning_that_may_fail_the_import() {
        let body = "openapi: 3.0.1\ninfo: { title: t }\npaths: { /x: { get: { responses: { '200': { content: { \
                    application/json: { schema: { $ref: '#/components/schemas/S' } } } } } } } }";
        let warning =
            "Parse issue: attribute paths.'/x'(get).responses.200.content.schema.#/components/schemas/S is missing";
        let described = imported(json!({ "Body": body })).unwrap().describe();
        assert_eq!(described["Warnings"], json!([warning]));
        let error = imported(json!({ "Body": body, "FailOnWarnings": true })).unwrap_err();
        assert_eq!(error.message, format!("Warnings found during import:\n\t{warning}"));
    }
}
