//! Finding the version that a request speaks of.

use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, NULL, Object, Version};

/// The length of a version's id, in characters.
pub(in crate::s3) const ID_LENGTH: usize = 32;

/// True if this can be the id of a version.
pub(in crate::s3) fn is_version_id(id: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    id == NULL || (id.len() == ID_LENGTH && id.bytes().all(legal))
}

/// The object of a key and version, or the reason why there is none.
pub(in crate::s3) fn find<'a>(
    bucket: &'a Bucket,
    key: &str,
    version: Option<&str>,
) -> Result<(&'a Version, &'a Object), Refusal> {
    let Some(id) = version else {
        let newest = bucket.newest(key).ok_or_else(|| Refusal::no_such_key(key))?;
        return match &newest.object {
            Some(object) => Ok((newest, object)),
            None => Err(Refusal::no_such_key(key)
                .with_header("x-amz-delete-marker", "true")
                .with_header("x-amz-version-id", &newest.id)),
        };
    };
    if !is_version_id(id) {
        return Err(Refusal::argument("versionId", id, "Invalid version id specified"));
    }
    let found = bucket.version(key, id).ok_or_else(|| Refusal::no_such_version(key, id))?;
    match &found.object {
        Some(object) => Ok((found, object)),
        None => {
            let message = "The specified method is not allowed against this resource.";
            Err(Refusal::new("MethodNotAllowed", 405, message)
                .with("Method", "GET")
                .with("ResourceType", "DeleteMarker")
                .with_header("allow", "DELETE")
                .with_header("x-amz-delete-marker", "true")
                .with_header("x-amz-version-id", &found.id))
        }
    }
}
