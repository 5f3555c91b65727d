//! `AWS::Lambda::EventInvokeConfig`: retries and destinations of asynchronous invocations.

use serde_json::{Value, json};

use super::properties::{gone, pick, required, resource};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::numbers;
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

const MEMBERS: &[&str] =
    &["DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"];

resource_type!(EventInvokeConfig {
    properties: MEMBERS,
    replaced_by: &["FunctionName", "Qualifier"],
    create: create,
    update: update,
    delete: delete,
});

async fn put(context: &ResourceContext, properties: &Value) -> Result<(), ServiceError> {
    let mut input = Value::Object(pick(properties, MEMBERS));
    numbers(&mut input, &["MaximumEventAgeInSeconds", "MaximumRetryAttempts"]);
    context.hub.call("lambda", "PutFunctionEventInvokeConfig", input).await.map(|_| ())
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let id = format!("{}|{}", required(properties, "FunctionName")?, required(properties, "Qualifier")?);
    put(context, properties).await?;
    Ok(resource(id, []))
}

async fn update(context: &ResourceContext, current: &Resource, _old: &Value, new: &Value) -> Made {
    // Put replaces the whole configuration, so what the template no longer sets is gone.
    put(context, new).await?;
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, _current: &Resource, properties: &Value) -> Removed {
    let input = json!({
        "FunctionName": required(properties, "FunctionName")?, "Qualifier": required(properties, "Qualifier")?,
    });
    gone(context.hub.call("lambda", "DeleteFunctionEventInvokeConfig", input).await, &["ResourceNotFoundException"])
}
