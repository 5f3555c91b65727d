//! S3 as Slipway uses it: small objects in memory, large ones from file to file.

use std::fs::File;
use std::future::Future;
use std::io::Write;
use std::sync::Arc;

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

/// `s3:GetObject`, for an object that may be larger than memory.
pub trait DownloadObject {
    /// Writes the object's bytes to `sink` as they come. [`CallError::NotFound`] if there is no object, and
    /// [`CallError::Unexpected`] with the fault of a sink that takes no more; after an error the sink may hold a part.
    fn download_object(
        &self,
        location: &ObjectLocation,
        sink: &mut (dyn Write + Send),
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

/// The bytes of an object that is to be stored; clones share them.
#[derive(Debug, Clone)]
pub enum Content {
    /// In memory.
    Bytes(Arc<[u8]>),
    /// In a file, which nobody writes to any more.
    File {
        /// The file, readable from its beginning.
        file: Arc<File>,
        /// Its length in bytes.
        length: u64,
        /// The SHA-256 of its bytes, which S3 compares with what it receives.
        sha256: [u8; 32],
    },
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// `s3:PutObject`, without overwriting.
pub trait CreateObject {
    /// Stores the object. [`CallError::AlreadyExists`] if there is one, which stays as it is.
    fn create_object(
        &self,
        location: &ObjectLocation,
        content: Content,
        content_type: &str,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

/// The address of an object for other AWS services; no call.
pub trait ObjectUrl {
    /// The object's HTTPS URL (under an endpoint override, the override's).
    fn object_url(&self, location: &ObjectLocation) -> String;
}
