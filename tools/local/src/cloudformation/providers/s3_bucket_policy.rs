//! `AWS::S3::BucketPolicy`: the policy of a bucket, which S3 checks and IAM asks.

use serde_json::Value;

use super::properties::{document, gone, required, resource};
use super::resource_type::{Made, Removed, resource_type};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::{Document, ServiceError};

resource_type!(BucketPolicy {
    properties: &["Bucket", "PolicyDocument"],
    replaced_by: &["Bucket"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let bucket = required(properties, "Bucket")?;
    put(context, bucket, properties).await?;
    Ok(resource(bucket, []))
}

async fn update(context: &ResourceContext, current: &Resource, _: &Value, new: &Value) -> Made {
    put(context, &current.physical_id, new).await?;
    Ok(current.clone())
}

async fn put(context: &ResourceContext, bucket: &str, properties: &Value) -> Result<(), ServiceError> {
    let policy = document(properties.get("PolicyDocument").unwrap_or(&Value::Null));
    context.hub.objects()?.configure(bucket, "policy", Some(Document::text(policy))).await
}

async fn delete(context: &ResourceContext, current: &Resource, _: &Value) -> Removed {
    let reply = context.hub.objects()?.configure(&current.physical_id, "policy", None).await;
    gone(reply.map(|()| Value::Null), &["NoSuchBucket", "NoSuchBucketPolicy"])
}
