//! ListObjects and ListObjectsV2.

use std::ops::Bound;

use s3s::S3Request;
use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
    Object as Listed, ObjectStorageClass, Owner,
};

use super::pages::{Asked, Entry, Page, cut};
use super::{Encoding, limit, said, token};
use crate::s3::context::{Answer, Context, done};
use crate::s3::dates;
use crate::s3::object::tag;
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Object, Version};

/// A key with its newest version.
type Item<'a> = (&'a str, &'a Version, &'a Object);

fn page<'a>(bucket: &'a Bucket, asked: Asked<'_>) -> Page<Item<'a>> {
    let after = asked.after.map_or(Bound::Unbounded, Bound::Excluded);
    // From the first key that can begin with the prefix.
    let from = match after {
        Bound::Excluded(after) if after >= asked.prefix => Bound::Excluded(after),
        _ => Bound::Included(asked.prefix),
    };
    let keys = bucket.keys().range::<str, _>((from, Bound::Unbounded));
    let keys = keys.take_while(|(key, _)| key.starts_with(asked.prefix));
    let current = keys.filter_map(|(key, versions)| {
        let version = versions.last()?;
        Some((key.as_str(), version, version.object.as_deref()?))
    });
    cut(current, |item| item.0, asked)
}

fn listed((key, version, object): &Item<'_>, encoding: Encoding, owner: Option<Owner>) -> Listed {
    let checksum = object.checksum.as_ref();
    Listed {
        checksum_algorithm: checksum.map(|sum| vec![ChecksumAlgorithm::from_static(sum.algorithm.name())]),
        checksum_type: checksum.map(|sum| ChecksumType::from_static(sum.coverage.name())),
        e_tag: tag(&object.etag),
        key: Some(encoding.write(key)),
        last_modified: Some(dates::said(version.at)),
        owner,
        restore_status: None,
        size: Some(i64::try_from(object.size).unwrap_or(i64::MAX)),
        storage_class: Some(ObjectStorageClass::from(object.description.storage_class.clone())),
    }
}

/// The name after which the next page begins.
fn last(page: &Page<Item<'_>>) -> Option<String> {
    page.entries.last().filter(|_| page.truncated).map(|entry| match entry {
        Entry::Key((key, ..)) => (*key).to_owned(),
        Entry::Prefix(prefix) => prefix.clone(),
    })
}

fn contents(page: &Page<Item<'_>>, encoding: Encoding, owner: Option<&Owner>) -> Option<Vec<Listed>> {
    let contents: Vec<Listed> = page.keys().map(|item| listed(item, encoding, owner.cloned())).collect();
    Some(contents).filter(|contents| !contents.is_empty())
}

pub(in crate::s3) async fn version_1(
    context: &Context,
    request: S3Request<ListObjectsInput>,
) -> Answer<ListObjectsOutput> {
    let input = request.input;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let max_keys = limit(input.max_keys, "max-keys")?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let marker = input.marker.clone().unwrap_or_default();
    let delimiter = said(input.delimiter.as_ref());
    let owner = context.owner();
    context.store.look(|index| {
        let after = Some(marker.as_str()).filter(|marker| !marker.is_empty());
        let limit = usize::try_from(max_keys).unwrap_or(0);
        let page = page(index.bucket(&input.bucket)?, Asked { prefix: &prefix, delimiter, after, limit });
        done(ListObjectsOutput {
            name: Some(input.bucket.clone()),
            prefix: Some(encoding.write(&prefix)),
            marker: Some(encoding.write(&marker)),
            max_keys: Some(max_keys),
            is_truncated: Some(page.truncated),
            contents: contents(&page, encoding, Some(&owner)),
            common_prefixes: encoding.prefixes(&page.prefixes()),
            delimiter: delimiter.map(|delimiter| encoding.write(delimiter)),
            // Without a delimiter the last key says it already.
            next_marker: last(&page).filter(|_| delimiter.is_some()).map(|last| encoding.write(&last)),
            encoding_type: input.encoding_type.clone(),
            request_charged: None,
        })
    })
}

pub(in crate::s3) async fn version_2(
    context: &Context,
    request: S3Request<ListObjectsV2Input>,
) -> Answer<ListObjectsV2Output> {
    let input = request.input;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let max_keys = limit(input.max_keys, "max-keys")?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = said(input.delimiter.as_ref());
    let continued = input.continuation_token.as_deref().map(token::read).transpose()?;
    let after = continued.as_deref().or(said(input.start_after.as_ref()));
    let owner = (input.fetch_owner == Some(true)).then(|| context.owner());
    context.store.look(|index| {
        let limit = usize::try_from(max_keys).unwrap_or(0);
        let page = page(index.bucket(&input.bucket)?, Asked { prefix: &prefix, delimiter, after, limit });
        Ok::<_, Refusal>(s3s::S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket.clone()),
            prefix: Some(encoding.write(&prefix)),
            max_keys: Some(max_keys),
            key_count: Some(i32::try_from(page.entries.len()).unwrap_or(i32::MAX)),
            continuation_token: input.continuation_token.clone(),
            is_truncated: Some(page.truncated),
            next_continuation_token: last(&page).map(|last| token::write(&last)),
            contents: contents(&page, encoding, owner.as_ref()),
            common_prefixes: encoding.prefixes(&page.prefixes()),
            delimiter: delimiter.map(|delimiter| encoding.write(delimiter)),
            encoding_type: input.encoding_type.clone(),
            start_after: input.start_after.as_deref().map(|after| encoding.write(after)),
            request_charged: None,
        }))
    })
}
