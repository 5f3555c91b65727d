//! `AWS::CDK::Metadata`: the CDK's notes on the constructs of an application. CloudFormation keeps it and does nothing else.
//! <https://docs.aws.amazon.com/cdk/v2/guide/usage-data.html>

use serde_json::Value;

use super::properties::resource;
use super::resource_type::{Made, Removed, resource_type};
use crate::cloudformation::provider::{Resource, ResourceContext};

resource_type!(Metadata {
    properties: &["Analytics", "Modules"],
    replaced_by: &[],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, _properties: &Value) -> Made {
    Ok(resource(context.hub.ids.uuid(), []))
}

async fn update(_context: &ResourceContext, current: &Resource, _old: &Value, _new: &Value) -> Made {
    Ok(current.clone())
}

async fn delete(_context: &ResourceContext, _current: &Resource, _properties: &Value) -> Removed {
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Stage;
    use super::*;
    use crate::cloudformation::provider::Provider as _;

    #[tokio::test]
    async fn it_is_kept_and_nothing_is_asked() {
        let stage = Stage::new(Vec::new());
        let context = stage.context("CDKMetadata");
        let made = Metadata.create(&context, &json!({ "Analytics": "v2:deflate64:x" })).await.unwrap();
        assert!(!made.physical_id.is_empty());
        let changed = Metadata.update(&context, &made, &json!({}), &json!({ "Analytics": "y" })).await.unwrap();
        assert_eq!(changed.physical_id, made.physical_id);
    }
}
