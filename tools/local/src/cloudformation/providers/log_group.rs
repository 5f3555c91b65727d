//! `AWS::Logs::LogGroup`.

use serde_json::{Value, json};

use super::properties::{changed, gone, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::numbers;
use super::{naming, tags};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

/// CloudWatch Logs' limit on a group's name.
const NAME_LENGTH: usize = 512;

resource_type!(LogGroup {
    properties: &["LogGroupClass", "LogGroupName", "RetentionInDays", "Tags"],
    replaced_by: &["LogGroupClass", "LogGroupName"],
    attributes: &["Arn"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "LogGroupName"), NAME_LENGTH);
    let mut input = json!({ "logGroupName": name });
    if let Some(class) = text(properties, "LogGroupClass") {
        input["logGroupClass"] = json!(class);
    }
    if let Some(input) = input.as_object_mut() {
        tags::insert(input, "tags", Value::Object(tags::map(&tags::all(context, properties))));
    }
    context.hub.call("logs", "CreateLogGroup", input).await?;
    let arn = context.hub.arn("logs", &format!("log-group:{name}:*"));
    let group = resource(name, [("Arn", json!(arn))]);
    if let Err(error) = retain(context, &group, &Value::Null, properties).await {
        let _ = delete(context, &group, properties).await;
        return Err(error);
    }
    Ok(group)
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    retain(context, current, old, new).await?;
    let change = tags::Change::between(old, new);
    // The ARN of a group's tags has no `:*`.
    let arn = context.hub.arn("logs", &format!("log-group:{}", current.physical_id));
    if !change.removed.is_empty() {
        let input = json!({ "resourceArn": arn, "tagKeys": change.removed });
        context.hub.call("logs", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "resourceArn": arn, "tags": tags::map(&change.set) });
        context.hub.call("logs", "TagResource", input).await?;
    }
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "logGroupName": current.physical_id });
    gone(context.hub.call("logs", "DeleteLogGroup", input).await, &["ResourceNotFoundException"])
}

async fn retain(context: &ResourceContext, group: &Resource, old: &Value, new: &Value) -> Result<(), ServiceError> {
    if !changed(old, new, &["RetentionInDays"]) {
        return Ok(());
    }
    let mut input = json!({ "logGroupName": group.physical_id });
    let operation = match new.get("RetentionInDays").filter(|days| !days.is_null()) {
        Some(days) => {
            input["retentionInDays"] = days.clone();
            numbers(&mut input, &["retentionInDays"]);
            "PutRetentionPolicy"
        }
        None => "DeleteRetentionPolicy",
    };
    context.hub.call("logs", operation, input).await.map(|_| ())
}
