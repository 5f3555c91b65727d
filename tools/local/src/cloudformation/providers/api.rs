//! `AWS::ApiGatewayV2::Api`: imported from an OpenAPI body, or made from its properties.

use serde_json::{Map, Value, json};

use super::properties::{answered, changed, document, gone, pick, reset, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{flags, numbers};
use super::{not_run, tags};
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};
use crate::core::ServiceError;

/// Properties that go to `CreateApi` and `UpdateApi` under the same name.
const SETTINGS: &[&str] = &[
    "ApiKeySelectionExpression",
    "CorsConfiguration",
    "CredentialsArn",
    "Description",
    "DisableExecuteApiEndpoint",
    "DisableSchemaValidation",
    "IpAddressType",
    "Name",
    "RouteKey",
    "RouteSelectionExpression",
    "Target",
    "Version",
];

resource_type!(Api {
    properties: &[
        "ApiKeySelectionExpression",
        "BasePath",
        "Body",
        "CorsConfiguration",
        "CredentialsArn",
        "Description",
        "DisableExecuteApiEndpoint",
        "DisableSchemaValidation",
        "FailOnWarnings",
        "IpAddressType",
        "Name",
        "ProtocolType",
        "RouteKey",
        "RouteSelectionExpression",
        "Tags",
        "Target",
        "Version",
    ],
    replaced_by: &["ProtocolType"],
    attributes: &["ApiEndpoint", "ApiId"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

/// A quick API (`Target`) and a WebSocket API are not run.
fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let mut found = not_run::members("apigateway", "CreateApi", new, &["CredentialsArn", "RouteKey", "Target"]);
    if text(new, "ProtocolType") == Some("WEBSOCKET") {
        found.push(not_run::objection("apigateway", "ProtocolType", "CreateApi of a WebSocket API"));
    }
    found
}

/// The input of an import; none if the properties have no `Body`.
fn import(properties: &Value) -> Option<Map<String, Value>> {
    let body = properties.get("Body").filter(|body| !body.is_null())?;
    let mut input = pick(properties, &["FailOnWarnings"]);
    input.insert("Body".to_owned(), json!(document(body)));
    if let Some(base) = properties.get("BasePath") {
        input.insert("Basepath".to_owned(), base.clone());
    }
    Some(typed(input))
}

fn settings(properties: &Value) -> Map<String, Value> {
    typed(pick(properties, SETTINGS))
}

fn typed(input: Map<String, Value>) -> Map<String, Value> {
    let mut input = Value::Object(input);
    numbers(&mut input, &["MaxAge"]);
    flags(&mut input, &["AllowCredentials", "DisableExecuteApiEndpoint", "DisableSchemaValidation", "FailOnWarnings"]);
    input.as_object().cloned().unwrap_or_default()
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let all_tags = tags::all(context, properties);
    let Some(input) = import(properties) else {
        let mut input = settings(properties);
        input.extend(pick(properties, &["ProtocolType"]));
        tags::insert(&mut input, "Tags", Value::Object(tags::map(&all_tags)));
        return described(&context.hub.call("apigateway", "CreateApi", Value::Object(input)).await?);
    };
    let made = described(&context.hub.call("apigateway", "ImportApi", Value::Object(input)).await?)?;
    let finished = async {
        let more = settings(properties);
        if !more.is_empty() {
            update_api(context, &made, more).await?;
        }
        if all_tags.is_empty() { Ok(()) } else { tag(context, &made, &all_tags).await }
    };
    if let Err(error) = finished.await {
        let _ = delete(context, &made, properties).await;
        return Err(error);
    }
    Ok(made)
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    if changed(old, new, &["BasePath", "Body", "FailOnWarnings"])
        && let Some(mut input) = import(new)
    {
        input.insert("ApiId".to_owned(), json!(current.physical_id));
        context.hub.call("apigateway", "ReimportApi", Value::Object(input)).await?;
    }
    if changed(old, new, SETTINGS) {
        let before = settings(old);
        let mut input = settings(new);
        // `Version` has no value that stands for its absence.
        let nothing = [
            ("Description", json!("")),
            ("DisableExecuteApiEndpoint", json!(false)),
            ("DisableSchemaValidation", json!(false)),
            ("IpAddressType", json!("ipv4")),
        ];
        reset(&mut input, &before, &nothing);
        if before.contains_key("CorsConfiguration") && !input.contains_key("CorsConfiguration") {
            let api = json!({ "ApiId": current.physical_id });
            gone(context.hub.call("apigateway", "DeleteCorsConfiguration", api).await, &["NotFoundException"])?;
        }
        input.retain(|member, value| before.get(member) != Some(value));
        if !input.is_empty() {
            update_api(context, current, input).await?;
        }
    }
    let change = tags::Change::between(old, new);
    if !change.removed.is_empty() {
        let input = json!({ "ResourceArn": arn(context, current), "TagKeys": change.removed });
        context.hub.call("apigateway", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        tag(context, current, &change.set).await?;
    }
    described(&context.hub.call("apigateway", "GetApi", json!({ "ApiId": current.physical_id })).await?)
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "ApiId": current.physical_id });
    gone(context.hub.call("apigateway", "DeleteApi", input).await, &["NotFoundException"])
}

async fn update_api(context: &ResourceContext, api: &Resource, mut input: Map<String, Value>) -> Removed {
    input.insert("ApiId".to_owned(), json!(api.physical_id));
    context.hub.call("apigateway", "UpdateApi", Value::Object(input)).await.map(|_| ())
}

async fn tag(context: &ResourceContext, api: &Resource, tags: &tags::Tags) -> Result<(), ServiceError> {
    let input = json!({ "ResourceArn": arn(context, api), "Tags": tags::map(tags) });
    context.hub.call("apigateway", "TagResource", input).await.map(|_| ())
}

/// API Gateway's ARNs have no account.
fn arn(context: &ResourceContext, api: &Resource) -> String {
    format!("arn:aws:apigateway:{}::/apis/{}", context.hub.identity.region, api.physical_id)
}

fn described(reply: &Value) -> Made {
    let id = answered(reply, "/ApiId")?;
    Ok(resource(id.clone(), [("ApiEndpoint", json!(answered(reply, "/ApiEndpoint")?)), ("ApiId", json!(id))]))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Asked, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    fn gateway() -> (Stage, Asked) {
        let (fake, asked) =
            Fake::new("apigateway", |_, _| Ok(json!({ "ApiId": "a1", "ApiEndpoint": "http://127.0.0.1:9" })));
        (Stage::new(vec![fake]), asked)
    }

    #[tokio::test]
    async fn a_body_is_imported_and_imported_again_when_it_changes() {
        let (stage, asked) = gateway();
        let context = stage.context("Api");
        let properties = json!({ "Body": { "openapi": "3.0.1", "paths": {} }, "FailOnWarnings": "true" });
        let made = testing::create(&Api, &context, properties.clone()).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["ApiEndpoint"]), ("a1", &json!("http://127.0.0.1:9")));
        assert_eq!(
            asked.input("ImportApi"),
            json!({
                "Body": r#"{"openapi":"3.0.1","paths":{}}"#, "FailOnWarnings": true,
            })
        );
        assert_eq!(asked.operations(), ["ImportApi"]);
        let mut new = properties.clone();
        new["Body"]["paths"]["/x"] = json!({});
        Api.update(&context, &made, &properties, &new).await.unwrap();
        assert_eq!(asked.input("ReimportApi")["ApiId"], "a1");
    }

    #[tokio::test]
    async fn without_a_body_the_properties_make_the_api() {
        let (stage, asked) = gateway();
        let properties = json!({ "Name": "n", "ProtocolType": "HTTP", "Tags": { "a": "b" } });
        testing::create(&Api, &stage.context("Api"), properties.clone()).await;
        assert_eq!(asked.input("CreateApi"), properties);
    }
}
