//! `AWS::CodeDeploy::DeploymentGroup` for the Lambda platform: the properties of hosts and services are refused.

use serde_json::{Map, Value, json};

use super::codedeploy_application::{NAME_LENGTH, retag};
use super::properties::{changed, gone, pick, required, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{flags, lower_camel};
use super::{naming, tags};
use crate::cloudformation::provider::{Resource, ResourceContext};

const SETTINGS: &[&str] = &[
    "AlarmConfiguration",
    "AutoRollbackConfiguration",
    "DeploymentConfigName",
    "DeploymentStyle",
    "OutdatedInstancesStrategy",
    "ServiceRoleArn",
    "TriggerConfigurations",
];

resource_type!(DeploymentGroup {
    properties: &[
        "AlarmConfiguration",
        "ApplicationName",
        "AutoRollbackConfiguration",
        "DeploymentConfigName",
        "DeploymentGroupName",
        "DeploymentStyle",
        "OutdatedInstancesStrategy",
        "ServiceRoleArn",
        "Tags",
        "TriggerConfigurations",
    ],
    replaced_by: &["ApplicationName", "DeploymentGroupName"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "DeploymentGroupName"), NAME_LENGTH);
    let mut input = settings(properties);
    input.insert("applicationName".to_owned(), json!(required(properties, "ApplicationName")?));
    input.insert("deploymentGroupName".to_owned(), json!(name));
    tags::insert(&mut input, "tags", Value::Array(tags::list(&tags::all(context, properties))));
    context.hub.call("codedeploy", "CreateDeploymentGroup", Value::Object(input)).await?;
    Ok(resource(name, []))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let application = required(new, "ApplicationName")?;
    if changed(old, new, SETTINGS) {
        let mut input = settings(new);
        for (member, nothing) in [
            ("alarmConfiguration", json!({ "enabled": false, "alarms": [] })),
            ("autoRollbackConfiguration", json!({ "enabled": false, "events": [] })),
            ("outdatedInstancesStrategy", json!("UPDATE")),
            ("triggerConfigurations", json!([])),
        ] {
            // The API leaves what it is not given; a template that drops a property means it gone.
            input.entry(member).or_insert(nothing);
        }
        input.insert("applicationName".to_owned(), json!(application));
        input.insert("currentDeploymentGroupName".to_owned(), json!(current.physical_id));
        context.hub.call("codedeploy", "UpdateDeploymentGroup", Value::Object(input)).await?;
    }
    retag(context, &format!("deploymentgroup:{application}/{}", current.physical_id), old, new).await?;
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let input = json!({
        "applicationName": required(properties, "ApplicationName")?, "deploymentGroupName": current.physical_id,
    });
    let missing = ["DeploymentGroupDoesNotExistException", "ApplicationDoesNotExistException"];
    gone(context.hub.call("codedeploy", "DeleteDeploymentGroup", input).await, &missing)
}

fn settings(properties: &Value) -> Map<String, Value> {
    let mut input = lower_camel(&Value::Object(pick(properties, SETTINGS)), &[]);
    flags(&mut input, &["enabled", "ignorePollAlarmFailure"]);
    input.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    fn properties() -> Value {
        json!({
            "ApplicationName": "app", "ServiceRoleArn": "arn:role",
            "AlarmConfiguration": { "Enabled": true, "Alarms": [{ "Name": "errors" }] },
            "DeploymentStyle": { "DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL" },
        })
    }

    #[tokio::test]
    async fn a_group_is_made_with_a_generated_name_and_the_apis_spelling() {
        let (fake, asked) = Fake::new("codedeploy", |_, _| Ok(json!({})));
        let stage = Stage::new(vec![fake]);
        let made = testing::create(&DeploymentGroup, &stage.context("Group"), properties()).await;
        assert!(made.physical_id.starts_with("slipway-production-Group-"));
        assert_eq!(
            asked.input("CreateDeploymentGroup"),
            json!({
                "applicationName": "app", "deploymentGroupName": made.physical_id, "serviceRoleArn": "arn:role",
                "alarmConfiguration": { "enabled": true, "alarms": [{ "name": "errors" }] },
                "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
            })
        );
    }

    #[tokio::test]
    async fn alarms_that_leave_the_template_leave_the_group() {
        let (fake, asked) = Fake::new("codedeploy", |_, _| Ok(json!({})));
        let stage = Stage::new(vec![fake]);
        let mut new = properties();
        new.as_object_mut().unwrap().shift_remove("AlarmConfiguration");
        DeploymentGroup.update(&stage.context("G"), &resource("group", []), &properties(), &new).await.unwrap();
        let input = asked.input("UpdateDeploymentGroup");
        assert_eq!(input["alarmConfiguration"], json!({ "enabled": false, "alarms": [] }));
        assert_eq!(input["currentDeploymentGroupName"], "group");
    }
}
