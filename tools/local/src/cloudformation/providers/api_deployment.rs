//! `AWS::ApiGatewayV2::Deployment`: a picture of an API, for a stage that does not deploy by itself.

use serde_json::{Value, json};

use super::properties::{answered, changed, gone, pick, required, resource};
use super::resource_type::{Made, Removed, resource_type};
use crate::cloudformation::provider::{Resource, ResourceContext};

resource_type!(Deployment {
    properties: &["ApiId", "Description", "StageName"],
    replaced_by: &["ApiId"],
    attributes: &["DeploymentId"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    required(properties, "ApiId")?;
    let input = Value::Object(pick(properties, &["ApiId", "Description", "StageName"]));
    let id = answered(&context.hub.call("apigateway", "CreateDeployment", input).await?, "/DeploymentId")?;
    Ok(resource(id.clone(), [("DeploymentId", json!(id))]))
}

/// A stage that is named anew serves this deployment from then on.
async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    if changed(old, new, &["Description"]) {
        let text = new["Description"].as_str().unwrap_or_default();
        let input =
            json!({ "ApiId": required(new, "ApiId")?, "DeploymentId": current.physical_id, "Description": text });
        context.hub.call("apigateway", "UpdateDeployment", input).await?;
    }
    if let Some(stage) = new["StageName"].as_str().filter(|_| changed(old, new, &["StageName"])) {
        let input =
            json!({ "ApiId": required(new, "ApiId")?, "StageName": stage, "DeploymentId": current.physical_id });
        context.hub.call("apigateway", "UpdateStage", input).await?;
    }
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let input = json!({ "ApiId": required(properties, "ApiId")?, "DeploymentId": current.physical_id });
    gone(context.hub.call("apigateway", "DeleteDeployment", input).await, &["NotFoundException"])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    #[tokio::test]
    async fn is_made_changed_and_removed_by_its_id() {
        let (fake, asked) = Fake::new("apigateway", |operation, _| match operation {
            "CreateDeployment" | "UpdateDeployment" | "UpdateStage" => Ok(json!({ "DeploymentId": "d1" })),
            "DeleteDeployment" => Ok(Value::Null),
            other => panic!("{other} was not expected"),
        });
        let stage = Stage::new(vec![fake]);
        let context = stage.context("Picture");
        let properties = json!({ "ApiId": "a1", "StageName": "dev" });
        let made = testing::create(&Deployment, &context, properties.clone()).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["DeploymentId"]), ("d1", &json!("d1")));
        assert_eq!(asked.input("CreateDeployment"), properties);
        let changed = json!({ "ApiId": "a1", "StageName": "live", "Description": "d" });
        Deployment.update(&context, &made, &properties, &changed).await.unwrap();
        let expected = json!({ "ApiId": "a1", "DeploymentId": "d1", "Description": "d" });
        assert_eq!(asked.input("UpdateDeployment"), expected);
        assert_eq!(asked.input("UpdateStage"), json!({ "ApiId": "a1", "StageName": "live", "DeploymentId": "d1" }));
        Deployment.delete(&context, &made, &properties).await.unwrap();
        assert_eq!(asked.input("DeleteDeployment"), json!({ "ApiId": "a1", "DeploymentId": "d1" }));
    }
}
