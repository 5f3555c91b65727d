//! The faults of a bucket's properties, seen before anything is done.

use serde_json::Value;

use super::super::properties::list;
use super::property_values::is_on;
use crate::cloudformation::provider::Objection;
use crate::core::ServiceError;

pub(super) fn objections(old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let mut found = Vec::new();
    let mut not_run = |property: &'static str, what: &str| {
        let error = ServiceError::new("NotImplemented", format!("the local plane does not run {what}"));
        found.push(Objection { property, error });
    };
    let rules = new.pointer("/BucketEncryption/ServerSideEncryptionConfiguration").and_then(Value::as_array);
    if rules.into_iter().flatten().any(|rule| rule.get("BlockedEncryptionTypes").is_some()) {
        not_run("BucketEncryption", "BlockedEncryptionTypes of S3 buckets");
    }
    let queues = new.get("NotificationConfiguration").map(|told| list(told, "QueueConfigurations"));
    if queues.is_some_and(|queues| !queues.is_empty()) {
        not_run("NotificationConfiguration", "QueueConfigurations of S3 buckets: it has no SQS");
    }
    let was_locked = old.is_some_and(|old| is_on(old.get("ObjectLockEnabled")));
    if was_locked && !is_on(new.get("ObjectLockEnabled")) {
        // Assumed: S3 has no way back, and CloudFormation names none.
        let message = "Object Lock cannot be disabled on a bucket where it is enabled";
        found.push(Objection { property: "ObjectLockEnabled", error: ServiceError::new("InvalidRequest", message) });
    }
    found
}
