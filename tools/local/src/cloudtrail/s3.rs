//! S3 in CloudTrail: its own names for operations, and which of them are on objects.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html>

use serde_json::{Value, json};

/// Operations that CloudTrail calls otherwise.
const NAMES: &[(&str, &str)] = &[
    ("DeletePublicAccessBlock", "DeleteBucketPublicAccessBlock"),
    ("GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"),
    ("GetBucketLifecycleConfiguration", "GetBucketLifecycle"),
    ("GetBucketNotificationConfiguration", "GetBucketNotification"),
    ("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("ListObjectsV2", "ListObjects"),
    ("PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"),
    ("PutBucketLifecycleConfiguration", "PutBucketLifecycle"),
    ("PutBucketNotificationConfiguration", "PutBucketNotification"),
    ("PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
];

/// An operation as CloudTrail names it.
pub(super) fn event_name(operation: &str) -> &str {
    NAMES.iter().find(|(name, _)| *name == operation).map_or(operation, |(_, event)| event)
}

/// True if an operation is on objects, not on their bucket.
pub(super) fn is_data(operation: &str) -> bool {
    let named = ["Object", "Multipart", "UploadPart", "ListParts"].iter().any(|part| operation.contains(part));
    named && !operation.ends_with("ObjectLockConfiguration")
}

/// True if an operation changes nothing; `Head…` is S3's alone.
pub(super) fn is_read(operation: &str) -> bool {
    ["Get", "Head", "List", "Select"].iter().any(|prefix| operation.starts_with(prefix))
}

/// The ARN of the object, or of the bucket, that parameters speak of.
pub(super) fn arn(parameters: &Value) -> Option<String> {
    let bucket = parameters["bucketName"].as_str()?;
    Some(match parameters["key"].as_str() {
        Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
        None => format!("arn:aws:s3:::{bucket}/"),
    })
}

/// The resources of a record.
pub(super) fn resources(parameters: &Value, account: &str) -> Value {
    let Some(bucket) = parameters["bucketName"].as_str() else { return Value::Null };
    let bucket = json!({
        "type": "AWS::S3::Bucket", "ARN": format!("arn:aws:s3:::{bucket}"), "accountId": account,
    });
    match parameters["key"].as_str() {
        Some(_) => json!([{ "type": "AWS::S3::Object", "ARN": arn(parameters) }, bucket]),
        None => json!([bucket]),
    }
}
