//! `AWS::Lambda::Version`: an immutable copy of a function. Every property needs a new one.

use serde_json::{Value, json};

use super::properties::{answered, gone, pick, required, resource};
use super::resource_type::{Made, Removed, resource_type};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

resource_type!(Version {
    properties: &["CodeSha256", "Description", "FunctionName"],
    replaced_by: &["CodeSha256", "Description", "FunctionName"],
    attributes: &["FunctionArn", "Version"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let function = required(properties, "FunctionName")?;
    let before = context.hub.call("lambda", "ListVersionsByFunction", json!({ "FunctionName": function })).await?;
    let input = Value::Object(pick(properties, &["CodeSha256", "Description", "FunctionName"]));
    let made = context.hub.call("lambda", "PublishVersion", input).await?;
    let version = answered(&made, "/Version")?;
    let known = before.get("Versions").and_then(Value::as_array);
    if known.is_some_and(|versions| versions.iter().any(|v| v.get("Version") == Some(&json!(version)))) {
        // Lambda publishes nothing when nothing changed since the last version; to CloudFormation that is a failure.
        return Err(ServiceError::new(
            "AlreadyExists",
            format!(
                "A version for this Lambda function exists ( {version} ). Modify the function to create a new version."
            ),
        ));
    }
    let arn = answered(&made, "/FunctionArn")?;
    Ok(resource(arn.clone(), [("Version", json!(version)), ("FunctionArn", json!(arn))]))
}

/// The engine never asks for it: every property replaces.
async fn update(_: &ResourceContext, current: &Resource, _: &Value, _: &Value) -> Made {
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let input = json!({
        "FunctionName": required(properties, "FunctionName")?,
        "Qualifier": current.attributes.get("Version").cloned().unwrap_or_default(),
    });
    gone(context.hub.call("lambda", "DeleteFunction", input).await, &["ResourceNotFoundException"])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    fn stage(published: &'static str) -> (Stage, testing::Asked) {
        let (fake, asked) = Fake::new("lambda", move |operation, _| match operation {
            "ListVersionsByFunction" => Ok(json!({ "Versions": [{ "Version": "$LATEST" }, { "Version": "1" }] })),
            "PublishVersion" => Ok(json!({ "Version": published, "FunctionArn": format!("arn:fn:{published}") })),
            "DeleteFunction" => Ok(Value::Null),
            other => panic!("{other} was not expected"),
        });
        (Stage::new(vec![fake]), asked)
    }

    #[tokio::test]
    async fn a_version_is_known_by_its_arn_and_deleted_by_its_number() {
        let (stage, asked) = stage("2");
        let context = stage.context("V");
        let properties = json!({ "FunctionName": "api", "Description": "d" });
        let made = testing::create(&Version, &context, properties.clone()).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["Version"]), ("arn:fn:2", &json!("2")));
        Version.delete(&context, &made, &properties).await.unwrap();
        assert_eq!(asked.input("DeleteFunction"), json!({ "FunctionName": "api", "Qualifier": "2" }));
    }

    #[tokio::test]
    async fn a_version_that_changes_nothing_is_refused_as_cloudformation_does() {
        let (stage, _) = stage("1");
        let error = Version.create(&stage.context("V"), &json!({ "FunctionName": "api" })).await.unwrap_err();
        assert_eq!(error.code, "AlreadyExists");
    }
}
