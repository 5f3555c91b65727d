//! Objects in S3 as the other services use them: whole objects, in process.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::Value;

use super::{Caller, Principal, ServiceError};

/// One object with the metadata that was stored with it.
#[derive(Clone, Debug, Default)]
pub struct StoredObject {
    /// The object's bytes, as they were put.
    pub body: Bytes,
    /// The `x-amz-meta-*` headers, without that prefix.
    pub metadata: BTreeMap<String, String>,
}

/// A subresource of a bucket, as it is put.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The members that S3's API takes as headers.
    pub headers: Vec<(&'static str, String)>,
    /// The part that it takes as the body.
    pub content: Content,
}

/// The body of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The headers say it all.
    Nothing,
    /// The root element and its members as S3's API has them: a list is its element again and again.
    Xml(&'static str, Value),
    /// A text as it is: a policy.
    Text(String),
}

impl Document {
    /// A document of XML.
    pub fn xml(root: &'static str, members: Value) -> Self {
        Self { headers: Vec::new(), content: Content::Xml(root, members) }
    }

    /// A document as it is.
    pub fn text(text: String) -> Self {
        Self { headers: Vec::new(), content: Content::Text(text) }
    }

    /// A document that is headers alone.
    pub fn headers(headers: Vec<(&'static str, String)>) -> Self {
        Self { headers, content: Content::Nothing }
    }
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
    fn create_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>> {
        self.create_bucket_with(bucket, Vec::new())
    }

    /// The same with headers of `CreateBucket`.
    fn create_bucket_with<'a>(
        &'a self,
        bucket: &'a str,
        headers: Vec<(&'static str, String)>,
    ) -> BoxFuture<'a, Result<(), ServiceError>>;
    /// Removes an empty bucket; `BucketNotEmpty` otherwise.
    fn delete_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// The policy of a bucket as it bears on a caller, for whoever decides on access.
    fn bucket_policy(&self, _bucket: &str, _caller: &Principal) -> Option<String> {
        None
    }

    /// Puts a subresource of a bucket by its name in S3's API (`versioning`, `cors`, `metrics&id=all` …), or removes it.
    fn configure<'a>(
        &'a self,
        _bucket: &'a str,
        subresource: &'a str,
        _document: Option<Document>,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { Err(ServiceError::not_implemented("s3", subresource)) })
    }
}
