//! `AWS::ApiGatewayV2::Stage`.

use serde_json::{Map, Value, json};

use super::properties::{changed, gone, pick, required, reset, resource};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{flags, numbers, text_map};
use super::tags;
use crate::cloudformation::provider::{Resource, ResourceContext};

const SETTINGS: &[&str] = &[
    "AccessLogSettings",
    "AutoDeploy",
    "DefaultRouteSettings",
    "DeploymentId",
    "Description",
    "RouteSettings",
    "StageVariables",
];

resource_type!(Stage {
    properties: &[
        "AccessLogSettings",
        "ApiId",
        "AutoDeploy",
        "DefaultRouteSettings",
        "DeploymentId",
        "Description",
        "RouteSettings",
        "StageName",
        "StageVariables",
        "Tags",
    ],
    replaced_by: &["ApiId", "StageName"],
    create: create,
    update: update,
    delete: delete,
});

fn settings(properties: &Value) -> Map<String, Value> {
    let mut input = Value::Object(pick(properties, SETTINGS));
    numbers(&mut input, &["ThrottlingBurstLimit", "ThrottlingRateLimit"]);
    flags(&mut input, &["AutoDeploy", "DataTraceEnabled", "DetailedMetricsEnabled"]);
    if let Some(variables) = input.get("StageVariables").and_then(Value::as_object) {
        input["StageVariables"] = Value::Object(text_map(variables));
    }
    input.as_object().cloned().unwrap_or_default()
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = required(properties, "StageName")?;
    let mut input = settings(properties);
    input.insert("ApiId".to_owned(), json!(required(properties, "ApiId")?));
    input.insert("StageName".to_owned(), json!(name));
    tags::insert(&mut input, "Tags", Value::Object(tags::map(&tags::all(context, properties))));
    context.hub.call("apigateway", "CreateStage", Value::Object(input)).await?;
    Ok(resource(name, []))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let api = required(new, "ApiId")?;
    if changed(old, new, SETTINGS) {
        let before = settings(old);
        let mut input = settings(new);
        let nothing = [
            ("AccessLogSettings", json!({})),
            ("AutoDeploy", json!(false)),
            ("DefaultRouteSettings", json!({})),
            ("Description", json!("")),
            ("RouteSettings", json!({})),
            ("StageVariables", json!({})),
        ];
        reset(&mut input, &before, &nothing);
        input.retain(|member, value| before.get(member) != Some(value));
        input.insert("ApiId".to_owned(), json!(api));
        input.insert("StageName".to_owned(), json!(current.physical_id));
        context.hub.call("apigateway", "UpdateStage", Value::Object(input)).await?;
    }
    let change = tags::Change::between(old, new);
    let region = &context.hub.identity.region;
    let arn = format!("arn:aws:apigateway:{region}::/apis/{api}/stages/{}", current.physical_id);
    if !change.removed.is_empty() {
        let input = json!({ "ResourceArn": arn, "TagKeys": change.removed });
        context.hub.call("apigateway", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "ResourceArn": arn, "Tags": tags::map(&change.set) });
        context.hub.call("apigateway", "TagResource", input).await?;
    }
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let input = json!({ "ApiId": required(properties, "ApiId")?, "StageName": current.physical_id });
    gone(context.hub.call("apigateway", "DeleteStage", input).await, &["NotFoundException"])
}
