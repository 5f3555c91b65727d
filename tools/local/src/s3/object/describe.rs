//! The description of an object, read from the request that makes it.

use std::collections::BTreeMap;

use s3s::dto::StorageClass;

use super::lock;
use super::said::Said;
use crate::s3::context::Context;
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Description, SystemMetadata};
use crate::s3::tags;

/// The most metadata that a user may add, in bytes.
const METADATA_LIMIT: usize = 2048;
const CLASSES: [&str; 9] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
    "OUTPOSTS",
];

/// Reads [`Said`] from the input of one of the three operations.
macro_rules! said {
    ($input:expr) => {
        $crate::s3::object::Said {
            headers: $crate::s3::store::SystemMetadata {
                content_type: $input.content_type.clone(),
                cache_control: $input.cache_control.clone(),
                content_disposition: $input.content_disposition.clone(),
                content_encoding: $input.content_encoding.clone(),
                content_language: $input.content_language.clone(),
                expires: $input.expires.clone(),
                website_redirect: $input.website_redirect_location.clone(),
            },
            metadata: $input.metadata.clone(),
            tagging: $input.tagging.clone(),
            storage_class: $input.storage_class.clone(),
            encryption: $crate::s3::object::encryption_asked!($input),
            acl: $crate::s3::bucket::acl::asked_acl!($input, None, None),
            lock_mode: $input.object_lock_mode.as_ref().map(|mode| mode.as_str().to_owned()),
            lock_until: $input.object_lock_retain_until_date.clone(),
            legal_hold: $input.object_lock_legal_hold_status.as_ref().map(|hold| hold.as_str().to_owned()),
        }
    };
}

/// Reads what an input says of encryption.
macro_rules! encryption_asked {
    ($input:expr) => {
        $crate::s3::object::EncryptionAsked {
            algorithm: $input.server_side_encryption.as_ref().map(|asked| asked.as_str().to_owned()),
            key: $input.ssekms_key_id.clone(),
            bucket_key: $input.bucket_key_enabled,
            customer: $crate::s3::object::customer_key!($input),
        }
    };
}

/// Reads the customer's key from an input.
macro_rules! customer_key {
    ($input:expr) => {
        $crate::s3::object::CustomerKey {
            algorithm: $input.sse_customer_algorithm.clone(),
            key: $input.sse_customer_key.clone(),
            md5: $input.sse_customer_key_md5.clone(),
        }
    };
}
pub(in crate::s3) use {customer_key, encryption_asked, said};

impl Said {
    /// All of it, checked against the bucket that the object goes to.
    pub(in crate::s3) fn settle(&self, context: &Context, bucket: &Bucket) -> Result<Description, Refusal> {
        Ok(Description {
            headers: self.headers()?,
            metadata: self.metadata()?,
            tags: self.tagging.as_deref().map(tags::of_header).transpose()?.unwrap_or_default(),
            storage_class: self.storage_class()?,
            encryption: self.encryption.settle(context, bucket)?,
            acl: self.acl.for_object(context, bucket)?,
            lock: lock::at_writing(context, bucket, self)?,
        })
    }

    fn headers(&self) -> Result<SystemMetadata, Refusal> {
        if let Some(redirect) = &self.headers.website_redirect
            && !["/", "http://", "https://"].iter().any(|start| redirect.starts_with(start))
        {
            let message = "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.";
            return Err(Refusal::new("InvalidRedirectLocation", 400, message));
        }
        Ok(self.headers.clone())
    }

    fn metadata(&self) -> Result<BTreeMap<String, String>, Refusal> {
        let metadata: BTreeMap<String, String> = self.metadata.clone().unwrap_or_default().into_iter().collect();
        let size: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > METADATA_LIMIT {
            let message = "Your metadata headers exceed the maximum allowed metadata size";
            return Err(Refusal::new("MetadataTooLarge", 400, message)
                .with("Size", size.to_string())
                .with("MaxSizeAllowed", METADATA_LIMIT.to_string()));
        }
        Ok(metadata)
    }

    fn storage_class(&self) -> Result<String, Refusal> {
        let class = self.storage_class.as_ref().map_or(CLASSES[0], StorageClass::as_str);
        if CLASSES.contains(&class) {
            return Ok(class.to_owned());
        }
        let message = "The storage class you specified is not valid";
        Err(Refusal::new("InvalidStorageClass", 400, message).with("StorageClassRequested", class))
    }
}
