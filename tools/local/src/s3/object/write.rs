//! Making a new version of a key.

use bytes::Bytes;
use futures::TryStreamExt;
use s3s::dto::StreamingBlob;

use super::conditions::Writing;
use super::find::ID_LENGTH;
use crate::s3::bucket::versioning;
use crate::s3::context::Context;
use crate::s3::refusal::Refusal;
use crate::s3::store::{Change, Index, NULL, Object, Version};

/// The result of a write.
#[derive(Debug)]
pub(in crate::s3) struct Kept {
    /// The new version of the key.
    pub(in crate::s3) version: Version,
    /// The id of the version, where the bucket keeps versions.
    pub(in crate::s3) id: Option<String>,
}

/// The body of a request. The door has read and checked it already.
pub(in crate::s3) async fn take_body(body: Option<StreamingBlob>) -> Result<Bytes, Refusal> {
    let Some(body) = body else { return Ok(Bytes::new()) };
    let mut chunks: Vec<Bytes> = body.try_collect().await.map_err(|error| Refusal::internal(&error))?;
    Ok(match chunks.len() {
        1 => chunks.swap_remove(0),
        _ => chunks.concat().into(),
    })
}

/// The change that makes an object the newest version of its key.
pub(in crate::s3) fn stored(
    context: &Context,
    index: &Index,
    (bucket, key): (&str, &str),
    object: Object,
    conditions: &Writing,
) -> Result<(Change, Kept), Refusal> {
    let held = index.bucket(bucket)?;
    conditions.check(key, held.current(key).map(|(_, object)| object))?;
    let version = Version {
        id: new_id(context, versioning::is_enabled(held)),
        at: context.now(),
        object: Some(Box::new(object)),
    };
    let id = versioning::is_enabled(held).then(|| version.id.clone());
    let change = Change::Stored { bucket: bucket.to_owned(), key: key.to_owned(), version: version.clone() };
    Ok((change, Kept { version, id }))
}

/// The id of a new version; [`NULL`] where the bucket gives its writes no ids.
pub(in crate::s3) fn new_id(context: &Context, versioned: bool) -> String {
    if versioned { context.ids().lower(ID_LENGTH) } else { NULL.to_owned() }
}
