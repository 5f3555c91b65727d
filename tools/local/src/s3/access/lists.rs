//! The grants of access control lists to everybody, in buckets that have them.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions>

use super::needs::Need;
use crate::s3::bucket::{acl, ownership_rule, public_access};
use crate::s3::context::Context;

/// Actions on an object or on a bucket, with the permission that lets them be done.
const ON_OBJECTS: [(&str, &str); 3] =
    [("s3:GetObject", "READ"), ("s3:GetObjectAcl", "READ_ACP"), ("s3:PutObjectAcl", "WRITE_ACP")];
const ON_BUCKETS: [(&str, &str); 8] = [
    ("s3:DeleteObject", "WRITE"),
    ("s3:GetBucketAcl", "READ_ACP"),
    ("s3:ListBucket", "READ"),
    ("s3:ListBucketMultipartUploads", "READ"),
    ("s3:ListBucketVersions", "READ"),
    ("s3:PutBucketAcl", "WRITE_ACP"),
    ("s3:PutObject", "WRITE"),
    ("s3:AbortMultipartUpload", "WRITE"),
];

/// True if a list lets everybody do this.
pub(super) fn grant(context: &Context, need: &Need) -> bool {
    let place = need.resource.strip_prefix("arn:aws:s3:::").unwrap_or_default();
    let (name, key) = place.split_once('/').unwrap_or((place, ""));
    let permission = |actions: &[(&str, &'static str)]| {
        actions.iter().find(|(action, _)| *action == need.action).map(|(_, permission)| *permission)
    };
    context.store.look(|index| {
        let Ok(bucket) = index.bucket(name) else { return false };
        let ignored = public_access::of(bucket).is_some_and(|blocks| blocks.ignore_public_acls == Some(true));
        if ignored || ownership_rule::is_enforced(bucket) {
            return false;
        }
        if let Some(permission) = permission(&ON_OBJECTS) {
            let object = bucket.current(key).and_then(|(_, object)| object.description.acl.as_deref());
            return acl::lets_everybody(object, permission);
        }
        permission(&ON_BUCKETS).is_some_and(|permission| acl::lets_everybody(acl::kept(bucket), permission))
    })
}
