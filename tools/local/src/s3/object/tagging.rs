//! The tags of an object.

use std::collections::BTreeMap;

use s3s::S3Request;
use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    PutObjectTaggingInput, PutObjectTaggingOutput,
};

use super::find;
use crate::s3::bucket::versioning;
use crate::s3::context::{Answer, Context, done};
use crate::s3::notification::{self, Happened};
use crate::s3::refusal::Refusal;
use crate::s3::store::{Change, Description, Version};
use crate::s3::tags;

/// Changes what is said of a version, in its place. The id is there where the bucket keeps versions.
pub(super) fn alter(
    context: &Context,
    (bucket, key): (&str, &str),
    version: Option<&str>,
    alter: impl FnOnce(&mut Description) -> Result<(), Refusal>,
) -> Result<(Version, Option<String>), Refusal> {
    context.store.change(|index| {
        let held = index.bucket(bucket)?;
        let mut version = find(held, key, version)?.0.clone();
        if let Some(object) = &mut version.object {
            alter(&mut object.description)?;
        }
        let id = versioning::of(held).map(|_| version.id.clone());
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        Ok((vec![Change::Altered { bucket, key, version: version.clone() }], (version, id)))
    })
}

pub(in crate::s3) async fn put(
    context: &Context,
    request: S3Request<PutObjectTaggingInput>,
) -> Answer<PutObjectTaggingOutput> {
    let input = request.input;
    let tags = tags::of_set(&input.tagging.tag_set, tags::OBJECT_LIMIT)?;
    let place = (input.bucket.as_str(), input.key.as_str());
    let (version, version_id) = set(context, place, input.version_id.as_deref(), tags)?;
    notification::tell(context, Happened::tagged("Put", place.0, place.1, &version), &request.extensions);
    done(PutObjectTaggingOutput { version_id })
}

fn set(
    context: &Context,
    place: (&str, &str),
    version: Option<&str>,
    tags: BTreeMap<String, String>,
) -> Result<(Version, Option<String>), Refusal> {
    alter(context, place, version, |description| {
        description.tags = tags;
        Ok(())
    })
}

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetObjectTaggingInput>,
) -> Answer<GetObjectTaggingOutput> {
    let input = request.input;
    context.store.look(|index| {
        let bucket = index.bucket(&input.bucket)?;
        let (version, object) = find(bucket, &input.key, input.version_id.as_deref())?;
        let version_id = versioning::of(bucket).map(|_| version.id.clone());
        done(GetObjectTaggingOutput { tag_set: tags::set(&object.description.tags), version_id })
    })
}

pub(in crate::s3) async fn delete(
    context: &Context,
    request: S3Request<DeleteObjectTaggingInput>,
) -> Answer<DeleteObjectTaggingOutput> {
    let input = request.input;
    let place = (input.bucket.as_str(), input.key.as_str());
    let (version, version_id) = set(context, place, input.version_id.as_deref(), BTreeMap::new())?;
    notification::tell(context, Happened::tagged("Delete", place.0, place.1, &version), &request.extensions);
    done(DeleteObjectTaggingOutput { version_id })
}
