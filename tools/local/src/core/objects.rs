//! Objects in S3 as the other services use them: whole objects, in process.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::Value;

use super::{Caller, ServiceError};

/// One object with the metadata that was stored with it.
#[derive(Clone, Debug, Default)]
pub struct StoredObject {
    /// The object's bytes.
    pub body: Bytes,
    /// The `x-amz-meta-*` headers, without that prefix.
    pub metadata: BTreeMap<String, String>,
}

/// S3 from inside the plane. The wire side of the same store is an S3 endpoint.
pub trait ObjectStore: Send + Sync {
    /// The same store as `caller` reaches it: IAM and the buckets' policies decide, CloudTrail hears of it. Without that it
    /// is the plane's own upkeep.
    fn as_caller(self: Arc<Self>, caller: &Caller) -> Arc<dyn ObjectStore>;

    /// Reads an object. Answers `NoSuchBucket` or `NoSuchKey` where there is none.
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<StoredObject, ServiceError>>;
    /// Writes an object over whatever was there.
    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        object: StoredObject,
    ) -> BoxFuture<'a, Result<(), ServiceError>>;
    /// Makes a bucket; `BucketAlreadyOwnedByYou` when it exists.
    fn create_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>>;
    /// Removes an empty bucket; `BucketNotEmpty` otherwise.
    fn delete_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// The policy of a bucket, for whoever decides on access.
    fn bucket_policy(&self, _bucket: &str) -> Option<String> {
        None
    }

    /// Sets a document of a bucket by the name of its subresource (`versioning`, `cors` …), or takes it away: the root
    /// element and the members of the document as S3's API has them, or a policy as it is under an empty name.
    fn configure<'a>(
        &'a self,
        _bucket: &'a str,
        setting: &'a str,
        _document: Option<(&'a str, Value)>,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { Err(ServiceError::not_implemented("s3", setting)) })
    }
}
