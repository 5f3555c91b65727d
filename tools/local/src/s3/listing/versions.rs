//! ListObjectVersions: by key, and the newest version of a key first.

use std::ops::Bound;

use s3s::S3Request;
use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, DeleteMarkerEntry, ListObjectVersionsInput, ListObjectVersionsOutput,
    ObjectVersion, ObjectVersionStorageClass, Owner,
};

use super::pages::{Asked, Entry, Page, cut};
use super::{Encoding, limit, said};
use crate::s3::context::{Answer, Context, done};
use crate::s3::dates;
use crate::s3::object::tag;
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Object, Version};

/// A version with its key, and whether it is the newest.
type Item<'a> = (&'a str, &'a Version, bool);

/// Every version behind the markers.
fn items<'a>(bucket: &'a Bucket, asked: Asked<'a>, version: Option<&'a str>) -> impl Iterator<Item = Item<'a>> {
    let from = match (asked.after, version) {
        (Some(key), Some(_)) => Bound::Included(key),
        (Some(key), None) => Bound::Excluded(key),
        (None, _) => Bound::Unbounded,
    };
    let keys = bucket.keys().range::<str, _>((from, Bound::Unbounded));
    let keys = keys.skip_while(move |(key, _)| key.as_str() < asked.prefix);
    let keys = keys.take_while(move |(key, _)| key.starts_with(asked.prefix));
    keys.flat_map(move |(key, versions)| {
        let newest = versions.len() - 1;
        let marker = version.filter(|_| asked.after == Some(key.as_str()));
        // Behind the marker: older than it.
        let end = marker.map_or(versions.len(), |id| versions.iter().position(|held| held.id == id).unwrap_or(0));
        let numbered = versions.iter().enumerate().take(end).rev();
        numbered.map(move |(at, version)| (key.as_str(), version, at == newest))
    })
}

pub(in crate::s3) async fn list(
    context: &Context,
    request: S3Request<ListObjectVersionsInput>,
) -> Answer<ListObjectVersionsOutput> {
    let input = request.input;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let max_keys = limit(input.max_keys, "max-keys")?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let (after, version) = (said(input.key_marker.as_ref()), said(input.version_id_marker.as_ref()));
    if version.is_some() && after.is_none() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(Refusal::argument("version-id-marker", version.unwrap_or_default(), message));
    }
    let delimiter = said(input.delimiter.as_ref());
    let owner = context.owner();
    context.store.look(|index| {
        let limit = usize::try_from(max_keys).unwrap_or(0);
        let asked = Asked { prefix: &prefix, delimiter, after, limit };
        let page = cut(items(index.bucket(&input.bucket)?, asked, version), |item| item.0, asked);
        let (next_key, next_version) = next(&page);
        let versions = page.keys().filter_map(|item| found(item, encoding, &owner)).collect::<Vec<_>>();
        let markers = page.keys().filter_map(|item| marker(item, encoding, &owner)).collect::<Vec<_>>();
        done(ListObjectVersionsOutput {
            common_prefixes: encoding.prefixes(&page.prefixes()),
            delete_markers: Some(markers).filter(|markers| !markers.is_empty()),
            delimiter: delimiter.map(|delimiter| encoding.write(delimiter)),
            encoding_type: input.encoding_type.clone(),
            is_truncated: Some(page.truncated),
            key_marker: Some(encoding.write(input.key_marker.as_deref().unwrap_or_default())),
            max_keys: Some(max_keys),
            name: Some(input.bucket.clone()),
            next_key_marker: next_key.map(|key| encoding.write(&key)),
            next_version_id_marker: next_version,
            prefix: Some(encoding.write(&prefix)),
            request_charged: None,
            version_id_marker: Some(input.version_id_marker.clone().unwrap_or_default()),
            versions: Some(versions).filter(|versions| !versions.is_empty()),
        })
    })
}

fn next(page: &Page<Item<'_>>) -> (Option<String>, Option<String>) {
    match page.entries.last().filter(|_| page.truncated) {
        None => (None, None),
        Some(Entry::Prefix(prefix)) => (Some(prefix.clone()), None),
        Some(Entry::Key((key, version, _))) => (Some((*key).to_owned()), Some(version.id.clone())),
    }
}

fn found((key, version, newest): &Item<'_>, encoding: Encoding, owner: &Owner) -> Option<ObjectVersion> {
    let object: &Object = version.object.as_deref()?;
    let checksum = object.checksum.as_ref();
    Some(ObjectVersion {
        checksum_algorithm: checksum.map(|sum| vec![ChecksumAlgorithm::from_static(sum.algorithm.name())]),
        checksum_type: checksum.map(|sum| ChecksumType::from_static(sum.coverage.name())),
        e_tag: tag(&object.etag),
        is_latest: Some(*newest),
        key: Some(encoding.write(key)),
        last_modified: Some(dates::said(version.at)),
        owner: Some(owner.clone()),
        restore_status: None,
        size: Some(i64::try_from(object.size).unwrap_or(i64::MAX)),
        storage_class: Some(ObjectVersionStorageClass::from(object.description.storage_class.clone())),
        version_id: Some(version.id.clone()),
    })
}

fn marker((key, version, newest): &Item<'_>, encoding: Encoding, owner: &Owner) -> Option<DeleteMarkerEntry> {
    version.object.is_none().then(|| DeleteMarkerEntry {
        is_latest: Some(*newest),
        key: Some(encoding.write(key)),
        last_modified: Some(dates::said(version.at)),
        owner: Some(owner.clone()),
        version_id: Some(version.id.clone()),
    })
}
