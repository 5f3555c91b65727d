//! The members that PutObject, CopyObject and CreateMultipartUpload have in common.

use std::collections::HashMap;

use s3s::dto::{StorageClass, Timestamp};

use super::super::bucket::acl::Asked as AclAsked;
use super::super::store::SystemMetadata;
use super::encryption::Asked as EncryptionAsked;

/// The members that PutObject, CopyObject and CreateMultipartUpload have in common.
#[derive(Debug)]
pub(in crate::s3) struct Said {
    pub(in crate::s3) headers: SystemMetadata,
    pub(in crate::s3) metadata: Option<HashMap<String, String>>,
    pub(in crate::s3) tagging: Option<String>,
    pub(in crate::s3) storage_class: Option<StorageClass>,
    pub(in crate::s3) encryption: EncryptionAsked,
    pub(in crate::s3) acl: AclAsked,
    pub(in crate::s3) lock_mode: Option<String>,
    pub(in crate::s3) lock_until: Option<Timestamp>,
    pub(in crate::s3) legal_hold: Option<String>,
}
