//! S3 as Slipway uses it: whole objects, in memory.

use std::future::Future;

use serde::{Deserialize, Serialize};

use crate::call::CallError;

/// The place of an object in S3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectLocation {
    /// The name of its bucket.
    pub bucket: String,
    /// Its key in the bucket.
    pub key: String,
}

impl ObjectLocation {
    /// The object `key` of `bucket`.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self { bucket: bucket.into(), key: key.into() }
    }

    /// `s3://<bucket>/<key>`, as SAM writes it.
    pub fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

impl std::fmt::Display for ObjectLocation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.uri())
    }
}

/// `s3:GetObject`.
pub trait GetObject {
    /// The object's bytes. [`CallError::NotFound`] if there is none.
    fn get_object(&self, location: &ObjectLocation) -> impl Future<Output = Result<Vec<u8>, CallError>> + Send;
}

/// `s3:GetObjectVersion`.
pub trait GetObjectVersion {
    /// The bytes of one version of the object. [`CallError::NotFound`] if there is none.
    fn get_object_version(
        &self,
        location: &ObjectLocation,
        version: &str,
    ) -> impl Future<Output = Result<Vec<u8>, CallError>> + Send;
}

/// `s3:GetObject` (`HeadObject`), and `s3:ListBucket` so that S3 says 404 and not 403 about what is not there.
pub trait HeadObject {
    /// True if the object is there.
    fn object_exists(&self, location: &ObjectLocation) -> impl Future<Output = Result<bool, CallError>> + Send;
}

/// `s3:PutObject`.
pub trait PutObject {
    /// Stores the object, in place of any that is there.
    fn put_object(
        &self,
        location: &ObjectLocation,
        content: Vec<u8>,
        content_type: &str,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

/// The address of an object for other AWS services; no call.
pub trait ObjectUrl {
    /// The object's HTTPS URL (under an endpoint override, the override's).
    fn object_url(&self, location: &ObjectLocation) -> String;
}
