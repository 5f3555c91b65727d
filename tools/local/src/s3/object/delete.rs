//! DeleteObject and DeleteObjects.

use s3s::S3Request;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETagCondition,
    Error, ObjectIdentifier,
};

use super::write::new_id;
use super::{Writing, is_version_id, lock};
use crate::s3::access;
use crate::s3::asked::Asked;
use crate::s3::bucket::versioning;
use crate::s3::context::{Answer, Context, done};
use crate::s3::notification::{self, Happened};
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Change, NULL, Version};

/// The most keys that one request may name.
const LIMIT: usize = 1000;

/// The outcome of a removal.
#[derive(Debug, Default)]
struct Removal {
    change: Option<Change>,
    /// The version that went, or the delete marker that came.
    version: Option<Version>,
    /// True if a delete marker was made.
    made_marker: bool,
    /// The id to answer with, where the bucket keeps versions.
    id: Option<String>,
}

/// Decides on one removal.
fn removal(
    context: &Context,
    held: &Bucket,
    (bucket, key): (&str, &str),
    version: Option<&str>,
    bypass: bool,
) -> Result<Removal, Refusal> {
    let gone = |version: &Version| Change::Removed {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        version: version.id.clone(),
    };
    if let Some(id) = version {
        if !is_version_id(id) {
            return Err(Refusal::argument("versionId", id, "Invalid version id specified"));
        }
        let found = held.version(key, id);
        if let Some(object) = found.and_then(|version| version.object.as_ref()) {
            lock::permit_removal(&object.description.lock, context.now(), bypass)?;
        }
        let id = versioning::of(held).map(|_| id.to_owned());
        return Ok(Removal { change: found.map(gone), version: found.cloned(), made_marker: false, id });
    }
    if versioning::of(held).is_none() {
        let found = held.version(key, NULL);
        return Ok(Removal { change: found.map(gone), version: found.cloned(), made_marker: false, id: None });
    }
    let id = new_id(context, versioning::is_enabled(held));
    let marker = Version { id: id.clone(), at: context.now(), object: None };
    let change = Change::Stored { bucket: bucket.to_owned(), key: key.to_owned(), version: marker.clone() };
    Ok(Removal { change: Some(change), version: Some(marker), made_marker: true, id: Some(id) })
}

impl Removal {
    /// True if the answer speaks of a delete marker, made or removed.
    fn is_marker(&self) -> bool {
        self.version.as_ref().is_some_and(|version| version.object.is_none())
    }
}

/// Carries out one removal, and tells of it.
fn remove(
    context: &Context,
    (bucket, named): (&str, &ObjectIdentifier),
    matching: Option<ETagCondition>,
    bypass: bool,
    extensions: &http::Extensions,
) -> Result<Removal, Refusal> {
    let conditions = Writing { matching, not_matching: None };
    let (removal, changed) = context.store.change(|index| {
        let held = index.bucket(bucket)?;
        conditions.check(&named.key, held.current(&named.key).map(|(_, object)| object))?;
        let mut removal = removal(context, held, (bucket, &named.key), named.version_id.as_deref(), bypass)?;
        let change = removal.change.take();
        let changed = change.is_some();
        Ok((change.into_iter().collect(), (removal, changed)))
    })?;
    if let (Some(version), true) = (&removal.version, changed) {
        let name = if removal.made_marker { "DeleteMarkerCreated" } else { "Delete" };
        notification::tell(context, Happened::removed(name, bucket, &named.key, version), extensions);
    }
    Ok(removal)
}

pub(in crate::s3) async fn one(context: &Context, request: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
    let input = request.input;
    if input.if_match_last_modified_time.is_some() || input.if_match_size.is_some() {
        return Err(Refusal::not_implemented("DeleteObject with conditions of directory buckets"));
    }
    let bypass = input.bypass_governance_retention == Some(true);
    let named = ObjectIdentifier { key: input.key, version_id: input.version_id, ..ObjectIdentifier::default() };
    let removal = remove(context, (&input.bucket, &named), input.if_match, bypass, &request.extensions)?;
    done(DeleteObjectOutput {
        delete_marker: removal.is_marker().then_some(true),
        version_id: removal.id,
        request_charged: None,
    })
}

pub(in crate::s3) async fn many(
    context: &Context,
    request: S3Request<DeleteObjectsInput>,
) -> Answer<DeleteObjectsOutput> {
    let input = request.input;
    if input.delete.objects.is_empty() || input.delete.objects.len() > LIMIT {
        return Err(Refusal::malformed_xml());
    }
    let bypass = input.bypass_governance_retention == Some(true);
    let asked = request.extensions.get::<Asked>().cloned().unwrap_or_default();
    let mut output = DeleteObjectsOutput::default();
    context.store.look(|index| index.bucket(&input.bucket).map(drop))?;
    for named in &input.delete.objects {
        let matching = named.e_tag.clone().map(ETagCondition::ETag);
        let place = (input.bucket.as_str(), named.key.as_str());
        let permitted = access::permit_removal(context, &asked, place, named.version_id.as_deref(), bypass);
        let removed =
            permitted.and_then(|()| remove(context, (&input.bucket, named), matching, bypass, &request.extensions));
        match removed {
            Ok(removal) if input.delete.quiet != Some(true) => {
                output.deleted.get_or_insert_default().push(deleted(named, removal));
            }
            Ok(_) => {}
            Err(refusal) => output.errors.get_or_insert_default().push(failed(named, &refusal)),
        }
    }
    done(output)
}

fn deleted(named: &ObjectIdentifier, removal: Removal) -> DeletedObject {
    let marker = removal.is_marker();
    DeletedObject {
        key: Some(named.key.clone()),
        version_id: named.version_id.clone(),
        delete_marker: marker.then_some(true),
        delete_marker_version_id: removal.id.filter(|_| marker),
    }
}

fn failed(named: &ObjectIdentifier, refusal: &Refusal) -> Error {
    Error {
        code: Some(refusal.code.to_owned()),
        key: Some(named.key.clone()),
        message: Some(refusal.message.clone().into_owned()),
        version_id: named.version_id.clone(),
    }
}
