//! The rule by which a bucket has access control lists or none.

use s3s::dto::ObjectOwnership;

use super::super::store::Bucket;

pub(super) const NAME: &str = "ownershipControls";

/// True if the bucket has no access control lists.
pub(in crate::s3) fn is_enforced(bucket: &Bucket) -> bool {
    bucket.setting(NAME).is_none_or(|held| held == ObjectOwnership::BUCKET_OWNER_ENFORCED)
}
