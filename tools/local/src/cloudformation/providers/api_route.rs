//! `AWS::ApiGatewayV2::Route` and `AWS::ApiGatewayV2::Integration`: the parts of an API made without a body.

use serde_json::{Map, Value, json};

use super::not_run;
use super::properties::{answered, gone, pick, required, reset, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{as_text, flags, numbers};
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};

/// The time that an integration of an HTTP API has to answer, if none is given.
/// <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid.html>
const DEFAULT_TIMEOUT_IN_MILLIS: u32 = 30_000;

const ROUTE: &[&str] = &[
    "ApiId",
    "ApiKeyRequired",
    "AuthorizationScopes",
    "AuthorizationType",
    "AuthorizerId",
    "OperationName",
    "RequestParameters",
    "RouteKey",
    "Target",
];

const INTEGRATION: &[&str] = &[
    "ApiId",
    "ConnectionId",
    "ConnectionType",
    "CredentialsArn",
    "Description",
    "IntegrationMethod",
    "IntegrationSubtype",
    "IntegrationType",
    "IntegrationUri",
    "PassthroughBehavior",
    "PayloadFormatVersion",
    "RequestParameters",
    "ResponseParameters",
    "TimeoutInMillis",
];

resource_type!(Route {
    properties: ROUTE,
    replaced_by: &["ApiId"],
    attributes: &["RouteId"],
    objections: route_objections,
    create: create_route,
    update: update_route,
    delete: delete_route,
});

resource_type!(Integration {
    properties: INTEGRATION,
    replaced_by: &["ApiId"],
    attributes: &["IntegrationId"],
    objections: integration_objections,
    create: create_integration,
    update: update_integration,
    delete: delete_integration,
});

fn route_objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    not_run::members("apigateway", "CreateRoute", new, &["ApiKeyRequired", "RequestParameters"])
}

/// Private integrations, AWS services and HTTPS endpoints are not run, nor are changes of requests and answers.
fn integration_objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let members = [
        "ConnectionId",
        "CredentialsArn",
        "IntegrationSubtype",
        "PassthroughBehavior",
        "RequestParameters",
        "ResponseParameters",
    ];
    let mut found = not_run::members("apigateway", "CreateIntegration", new, &members);
    if text(new, "ConnectionType") == Some("VPC_LINK") {
        found.push(not_run::objection(
            "apigateway",
            "ConnectionType",
            "CreateIntegration with ConnectionType=VPC_LINK",
        ));
    }
    if text(new, "IntegrationUri").is_some_and(|uri| uri.starts_with("https://")) {
        let what = "an integration with an HTTPS endpoint (HTTP endpoints are run)";
        found.push(not_run::objection("apigateway", "IntegrationUri", what));
    }
    found
}

fn members(properties: &Value, names: &[&str]) -> Map<String, Value> {
    let mut input = Value::Object(pick(properties, names));
    numbers(&mut input, &["TimeoutInMillis"]);
    flags(&mut input, &["ApiKeyRequired"]);
    if let Some(version) = input.get("PayloadFormatVersion").map(as_text) {
        // YAML reads 2.0 as a number, whose text would be 2.0 again.
        input["PayloadFormatVersion"] = version;
    }
    input.as_object().cloned().unwrap_or_default()
}

async fn create_route(context: &ResourceContext, properties: &Value) -> Made {
    required(properties, "RouteKey")?;
    let input = Value::Object(members(properties, ROUTE));
    let id = answered(&context.hub.call("apigateway", "CreateRoute", input).await?, "/RouteId")?;
    Ok(resource(id.clone(), [("RouteId", json!(id))]))
}

async fn update_route(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let mut input = members(new, ROUTE);
    // `OperationName` and `Target` have no value that stands for their absence.
    let nothing = [("AuthorizationType", json!("NONE")), ("AuthorizationScopes", json!([]))];
    reset(&mut input, &members(old, ROUTE), &nothing);
    input.insert("RouteId".to_owned(), json!(current.physical_id));
    context.hub.call("apigateway", "UpdateRoute", Value::Object(input)).await?;
    Ok(current.clone())
}

async fn delete_route(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let input = json!({ "ApiId": required(properties, "ApiId")?, "RouteId": current.physical_id });
    gone(context.hub.call("apigateway", "DeleteRoute", input).await, &["NotFoundException"])
}

async fn create_integration(context: &ResourceContext, properties: &Value) -> Made {
    required(properties, "IntegrationType")?;
    let input = Value::Object(members(properties, INTEGRATION));
    let id = answered(&context.hub.call("apigateway", "CreateIntegration", input).await?, "/IntegrationId")?;
    Ok(resource(id.clone(), [("IntegrationId", json!(id))]))
}

async fn update_integration(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let mut input = members(new, INTEGRATION);
    let nothing = [("Description", json!("")), ("TimeoutInMillis", json!(DEFAULT_TIMEOUT_IN_MILLIS))];
    reset(&mut input, &members(old, INTEGRATION), &nothing);
    input.insert("IntegrationId".to_owned(), json!(current.physical_id));
    context.hub.call("apigateway", "UpdateIntegration", Value::Object(input)).await?;
    Ok(current.clone())
}

async fn delete_integration(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let input = json!({ "ApiId": required(properties, "ApiId")?, "IntegrationId": current.physical_id });
    gone(context.hub.call("apigateway", "DeleteIntegration", input).await, &["NotFoundException"])
}
