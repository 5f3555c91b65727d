//! ListParts and ListMultipartUploads.

use s3s::S3Request;
use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, Initiator, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput,
    ListPartsOutput, MultipartUpload, Part as Listed, StorageClass,
};

use crate::s3::checksum::{Checksum, Coverage, fill_checksum};
use crate::s3::context::{Answer, Context, done};
use crate::s3::dates;
use crate::s3::listing::pages::{Asked, Entry, cut};
use crate::s3::listing::{Encoding, limit, said};
use crate::s3::object::tag;
use crate::s3::store::{Part, Upload};

fn initiator(context: &Context) -> Initiator {
    Initiator { display_name: None, id: Some(context.owner_id()) }
}

pub(in crate::s3) async fn list_parts(
    context: &Context,
    request: S3Request<ListPartsInput>,
) -> Answer<ListPartsOutput> {
    let input = request.input;
    let max_parts = limit(input.max_parts, "max-parts")?;
    let marker = input.part_number_marker.unwrap_or(0);
    context.store.look(|index| {
        let upload = index.bucket(&input.bucket)?.upload(&input.key, &input.upload_id)?;
        let limit = usize::try_from(max_parts).unwrap_or(0);
        let behind = upload.parts.range(marker.saturating_add(1)..);
        let parts: Vec<Listed> =
            behind.clone().take(limit).map(|(number, part)| listed(upload, *number, part)).collect();
        let last = parts.last().and_then(|part| part.part_number);
        done(ListPartsOutput {
            bucket: Some(input.bucket.clone()),
            key: Some(input.key.clone()),
            upload_id: Some(input.upload_id.clone()),
            checksum_algorithm: upload.algorithm.map(|sum| ChecksumAlgorithm::from_static(sum.name())),
            checksum_type: upload.algorithm.map(|_| ChecksumType::from_static(upload.coverage.name())),
            initiator: Some(initiator(context)),
            owner: Some(context.owner()),
            is_truncated: Some(limit > 0 && behind.count() > parts.len()),
            max_parts: Some(max_parts),
            part_number_marker: Some(marker),
            next_part_number_marker: Some(last.unwrap_or(0)),
            parts: Some(parts).filter(|parts| !parts.is_empty()),
            storage_class: Some(StorageClass::from(upload.description.storage_class.clone())),
            ..ListPartsOutput::default()
        })
    })
}

fn listed(upload: &Upload, number: i32, part: &Part) -> Listed {
    let mut listed = Listed {
        e_tag: tag(&part.etag),
        last_modified: Some(dates::said(part.at)),
        part_number: Some(number),
        size: Some(i64::try_from(part.piece.size).unwrap_or(i64::MAX)),
        ..Listed::default()
    };
    if let (Some(algorithm), Some(value)) = (upload.algorithm, &part.piece.checksum) {
        let sum = Checksum { algorithm, value: value.clone(), coverage: Coverage::FullObject };
        fill_checksum!(listed, Some(&sum));
    }
    listed
}

pub(in crate::s3) async fn list_uploads(
    context: &Context,
    request: S3Request<ListMultipartUploadsInput>,
) -> Answer<ListMultipartUploadsOutput> {
    let input = request.input;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let max_uploads = limit(input.max_uploads, "max-uploads")?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = said(input.delimiter.as_ref());
    let after = said(input.key_marker.as_ref());
    // Without a key marker an upload id marker says nothing.
    let id = said(input.upload_id_marker.as_ref()).filter(|_| after.is_some());
    context.store.look(|index| {
        let behind = |key: &str, upload: &str| match (after, id) {
            (None, _) => true,
            (Some(after), None) => key > after,
            (Some(after), Some(id)) => (key, upload) > (after, id),
        };
        let uploads = index.bucket(&input.bucket)?.uploads().iter().filter(|((key, id), _)| behind(key, id));
        let asked = Asked { prefix: &prefix, delimiter, after, limit: usize::try_from(max_uploads).unwrap_or(0) };
        let page = cut(uploads, |((key, _), _)| key.as_str(), asked);
        let next = page.entries.last().filter(|_| page.truncated).map(|entry| match entry {
            Entry::Key(((key, id), _)) => (key.clone(), Some(id.clone())),
            Entry::Prefix(prefix) => (prefix.clone(), None),
        });
        let found: Vec<MultipartUpload> =
            page.keys().map(|((key, id), upload)| open(context, encoding, key, id, upload)).collect();
        done(ListMultipartUploadsOutput {
            bucket: Some(input.bucket.clone()),
            common_prefixes: encoding.prefixes(&page.prefixes()),
            delimiter: delimiter.map(|delimiter| encoding.write(delimiter)),
            encoding_type: input.encoding_type.clone(),
            is_truncated: Some(page.truncated),
            key_marker: Some(encoding.write(after.unwrap_or_default())),
            max_uploads: Some(max_uploads),
            next_key_marker: next.as_ref().map(|(key, _)| encoding.write(key)),
            next_upload_id_marker: next.and_then(|(_, id)| id),
            prefix: Some(encoding.write(&prefix)).filter(|prefix| !prefix.is_empty()),
            request_charged: None,
            upload_id_marker: Some(id.unwrap_or_default().to_owned()),
            uploads: Some(found).filter(|found| !found.is_empty()),
        })
    })
}

fn open(context: &Context, encoding: Encoding, key: &str, id: &str, upload: &Upload) -> MultipartUpload {
    MultipartUpload {
        checksum_algorithm: upload.algorithm.map(|sum| ChecksumAlgorithm::from_static(sum.name())),
        checksum_type: upload.algorithm.map(|_| ChecksumType::from_static(upload.coverage.name())),
        initiated: Some(dates::said(upload.at)),
        initiator: Some(initiator(context)),
        key: Some(encoding.write(key)),
        owner: Some(context.owner()),
        storage_class: Some(StorageClass::from(upload.description.storage_class.clone())),
        upload_id: Some(id.to_owned()),
    }
}
