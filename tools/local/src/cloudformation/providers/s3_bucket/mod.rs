//! `AWS::S3::Bucket`: the bucket, and every property as the subresource of S3's API that it stands for.
//!
//! All of it is asked in the name of the stack's role or of who asked for the operation. Replication, metadata tables and
//! attribute-based access are not run by the plane's S3: a template with them is refused before anything is done.

mod configurations;
mod lifecycle;
mod notification;
mod objections;
mod property_values;
mod settings;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::naming;
use super::properties::{changed, gone, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::{ObjectStore, ServiceError};
use settings::Step;

/// S3's limit on a bucket's name.
const NAME_LENGTH: usize = 63;

/// The regions whose website endpoints have a hyphen where the newer ones have a dot.
/// <https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints>
const HYPHENATED: [&str; 9] = [
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "eu-west-1",
    "sa-east-1",
    "us-gov-west-1",
];

resource_type!(Bucket {
    properties: &[
        "AccelerateConfiguration",
        "AccessControl",
        "AnalyticsConfigurations",
        "BucketEncryption",
        "BucketName",
        "CorsConfiguration",
        "IntelligentTieringConfigurations",
        "InventoryConfigurations",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "MetricsConfigurations",
        "NotificationConfiguration",
        "ObjectLockConfiguration",
        "ObjectLockEnabled",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
        "VersioningConfiguration",
        "WebsiteConfiguration",
    ],
    replaced_by: &["BucketName"],
    attributes: &["Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL"],
    objections: objections::objections,
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = match text(properties, "BucketName") {
        Some(name) => name.to_owned(),
        None => naming::generated(context, NAME_LENGTH).to_lowercase(),
    };
    let objects = context.hub.objects()?;
    objects.create_bucket_with(&name, settings::at_creation(properties)).await.map_err(|error| taken(&name, error))?;
    let mut steps = settings::steps(&name, None, properties);
    steps.extend(settings::tags(context, properties));
    if let Err(error) = take(&*objects, &name, steps).await {
        // A partial failure leaves nothing behind.
        let _ = objects.delete_bucket(&name).await;
        return Err(error);
    }
    Ok(described(context, &name))
}

/// A name that is taken, in CloudFormation's words.
fn taken(name: &str, error: ServiceError) -> ServiceError {
    if error.is("BucketAlreadyOwnedByYou") || error.is("BucketAlreadyExists") {
        return ServiceError::new("BucketAlreadyExists", format!("{name} already exists"));
    }
    error
}

async fn take(objects: &dyn ObjectStore, bucket: &str, steps: Vec<Step>) -> Result<(), ServiceError> {
    for step in steps {
        match objects.configure(bucket, &step.subresource, step.document).await {
            // A bucket whose lists are off, or that has no lock, has nothing to put back.
            Err(error)
                if step.resets && (error.is("AccessControlListNotSupported") || error.is("InvalidBucketState")) => {}
            done => done?,
        }
    }
    Ok(())
}

fn described(context: &ResourceContext, name: &str) -> Resource {
    let region = context.hub.identity.region.as_str();
    let mark = if HYPHENATED.contains(&region) { '-' } else { '.' };
    resource(
        name,
        [
            ("Arn", json!(format!("arn:aws:s3:::{name}"))),
            ("DomainName", json!(format!("{name}.s3.amazonaws.com"))),
            ("RegionalDomainName", json!(format!("{name}.s3.{region}.amazonaws.com"))),
            ("DualStackDomainName", json!(format!("{name}.s3.dualstack.{region}.amazonaws.com"))),
            ("WebsiteURL", json!(format!("http://{name}.s3-website{mark}{region}.amazonaws.com"))),
        ],
    )
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let objects = context.hub.objects()?;
    let mut steps = settings::steps(&current.physical_id, Some(old), new);
    // Where the resource itself is the same, the stack's tags have changed.
    if changed(old, new, &["Tags"]) || old == new {
        steps.push(settings::tags(context, new).unwrap_or_else(|| Step::removal("tagging")));
    }
    take(&*objects, &current.physical_id, steps).await?;
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let reply = context.hub.objects()?.delete_bucket(&current.physical_id).await;
    gone(reply.map(|()| Value::Null), &["NoSuchBucket"])
}
