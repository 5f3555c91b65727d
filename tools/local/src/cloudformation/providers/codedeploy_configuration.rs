//! `AWS::CodeDeploy::DeploymentConfig`: a traffic shift of the template's own. Every property needs a new one.

use serde_json::{Value, json};

use super::codedeploy_application::NAME_LENGTH;
use super::naming;
use super::properties::{gone, pick, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{lower_camel, numbers};
use crate::cloudformation::provider::{Resource, ResourceContext};

const MEMBERS: &[&str] =
    &["ComputePlatform", "DeploymentConfigName", "MinimumHealthyHosts", "TrafficRoutingConfig", "ZonalConfig"];

resource_type!(DeploymentConfig {
    properties: MEMBERS,
    replaced_by: MEMBERS,
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "DeploymentConfigName"), NAME_LENGTH);
    let mut input = lower_camel(&Value::Object(pick(properties, MEMBERS)), &[]);
    let counts = [
        "canaryInterval",
        "canaryPercentage",
        "linearInterval",
        "linearPercentage",
        "value",
        "firstZoneMonitorDurationInSeconds",
        "monitorDurationInSeconds",
    ];
    numbers(&mut input, &counts);
    input["deploymentConfigName"] = json!(name);
    context.hub.call("codedeploy", "CreateDeploymentConfig", input).await?;
    Ok(resource(name, []))
}

/// The engine never asks for it: every property replaces.
async fn update(_: &ResourceContext, current: &Resource, _: &Value, _: &Value) -> Made {
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "deploymentConfigName": current.physical_id });
    let reply = context.hub.call("codedeploy", "DeleteDeploymentConfig", input).await;
    gone(reply, &["DeploymentConfigDoesNotExistException"])
}
