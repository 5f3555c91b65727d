//! `AWS::S3::Bucket` and `AWS::S3::BucketPolicy`.
//!
//! The plane keeps objects. What a template says of encryption, life cycle, versioning, public access, ownership, logging
//! or policies is known and accepted, but nothing of it is enforced here: that is S3's own on AWS. Settings that would
//! make something happen (notifications, replication, websites) are refused instead.

use serde_json::{Value, json};

use super::properties::{gone, required, resource, text};
use super::{Made, Removed, naming, resource_type};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

/// S3's limit on a bucket's name.
const NAME_LENGTH: usize = 63;

resource_type!(Bucket {
    properties: &[
        "AccessControl",
        "BucketEncryption",
        "BucketName",
        "CorsConfiguration",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "ObjectLockEnabled",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
        "VersioningConfiguration",
    ],
    replaced_by: &["BucketName"],
    attributes: &["Arn", "DomainName", "DualStackDomainName", "RegionalDomainName"],
    create: create,
    update: update,
    delete: delete,
});

resource_type!(BucketPolicy {
    properties: &["Bucket", "PolicyDocument"],
    replaced_by: &["Bucket"],
    create: create_policy,
    update: update_policy,
    delete: delete_policy,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = match text(properties, "BucketName") {
        Some(name) => name.to_owned(),
        None => naming::generated(context, NAME_LENGTH).to_lowercase(),
    };
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if !(3..=NAME_LENGTH).contains(&name.len()) || !name.chars().all(legal) {
        let message = format!("Bucket name {name} should be 3 to 63 lowercase letters, digits, dots and hyphens");
        return Err(ServiceError::new("InvalidBucketName", message));
    }
    context.hub.objects()?.create_bucket(&name).await?;
    let region = &context.hub.identity.region;
    Ok(resource(
        name.clone(),
        [
            ("Arn", json!(format!("arn:aws:s3:::{name}"))),
            ("DomainName", json!(format!("{name}.s3.amazonaws.com"))),
            ("RegionalDomainName", json!(format!("{name}.s3.{region}.amazonaws.com"))),
            ("DualStackDomainName", json!(format!("{name}.s3.dualstack.{region}.amazonaws.com"))),
        ],
    ))
}

/// Only the name is acted on, and it replaces.
async fn update(_: &ResourceContext, current: &Resource, _: &Value, _: &Value) -> Made {
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let reply = context.hub.objects()?.delete_bucket(&current.physical_id).await;
    gone(reply.map(|()| Value::Null), &["NoSuchBucket"])
}

async fn create_policy(_: &ResourceContext, properties: &Value) -> Made {
    check_policy(properties)?;
    Ok(resource(required(properties, "Bucket")?, []))
}

async fn update_policy(_: &ResourceContext, current: &Resource, _: &Value, new: &Value) -> Made {
    check_policy(new)?;
    Ok(current.clone())
}

async fn delete_policy(_: &ResourceContext, _: &Resource, _: &Value) -> Removed {
    Ok(())
}

fn check_policy(properties: &Value) -> Result<(), ServiceError> {
    match properties.pointer("/PolicyDocument/Statement") {
        Some(Value::Array(_) | Value::Object(_)) => Ok(()),
        _ => Err(ServiceError::new("MalformedPolicy", "the bucket policy has no statements")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    #[tokio::test]
    async fn a_bucket_gets_a_lower_case_name_and_goes_again() {
        let stage = Stage::new(vec![]);
        let context = stage.context("ArtifactBucket");
        let made = testing::create(&Bucket, &context, json!({})).await;
        assert!(made.physical_id.starts_with("slipway-production-artifactbucket-"), "{}", made.physical_id);
        assert_eq!(*stage.buckets.0.lock().unwrap(), std::slice::from_ref(&made.physical_id));
        assert_eq!(made.attributes["Arn"], json!(format!("arn:aws:s3:::{}", made.physical_id)));
        Bucket.delete(&context, &made, &json!({})).await.unwrap();
        Bucket.delete(&context, &made, &json!({})).await.unwrap();
        assert!(stage.buckets.0.lock().unwrap().is_empty());
    }

    #[test]
    fn settings_that_would_act_are_not_accepted() {
        assert!(!Bucket.properties().contains(&"NotificationConfiguration"));
    }
}
