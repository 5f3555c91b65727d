//! `AWS::CodeDeploy::Application`.

use serde_json::{Value, json};

use super::properties::{gone, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::{naming, tags};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

/// CodeDeploy's limit on names.
pub(super) const NAME_LENGTH: usize = 100;

resource_type!(Application {
    properties: &["ApplicationName", "ComputePlatform", "Tags"],
    replaced_by: &["ApplicationName", "ComputePlatform"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "ApplicationName"), NAME_LENGTH);
    // CloudFormation's default is the oldest platform, as the API's is.
    let platform = text(properties, "ComputePlatform").unwrap_or("Server");
    let mut input = json!({ "applicationName": name, "computePlatform": platform });
    if let Some(input) = input.as_object_mut() {
        tags::insert(input, "tags", Value::Array(tags::list(&tags::all(context, properties))));
    }
    context.hub.call("codedeploy", "CreateApplication", input).await?;
    Ok(resource(name, []))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    retag(context, &format!("application:{}", current.physical_id), old, new).await?;
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "applicationName": current.physical_id });
    gone(context.hub.call("codedeploy", "DeleteApplication", input).await, &["ApplicationDoesNotExistException"])
}

/// Changes the tags of an application or a deployment group.
pub(super) async fn retag(context: &ResourceContext, part: &str, old: &Value, new: &Value) -> Result<(), ServiceError> {
    let change = tags::Change::between(old, new);
    let arn = context.hub.arn("codedeploy", part);
    if !change.removed.is_empty() {
        let input = json!({ "ResourceArn": arn, "TagKeys": change.removed });
        context.hub.call("codedeploy", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "ResourceArn": arn, "Tags": tags::list(&change.set) });
        context.hub.call("codedeploy", "TagResource", input).await?;
    }
    Ok(())
}
