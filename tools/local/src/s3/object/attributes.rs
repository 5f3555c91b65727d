//! GetObjectAttributes.

use s3s::S3Request;
use s3s::dto::{
    Checksum as SaidChecksum, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts,
    ObjectPart, StorageClass,
};

use super::{customer_key, find, tag};
use crate::s3::bucket::versioning;
use crate::s3::checksum::{Checksum, Coverage, fill_checksum};
use crate::s3::context::{Answer, Context};
use crate::s3::dates;
use crate::s3::refusal::Refusal;
use crate::s3::store::Object;

const KNOWN: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];
/// The most parts of a page.
const PAGE: i32 = 1000;

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetObjectAttributesInput>,
) -> Answer<GetObjectAttributesOutput> {
    let input = request.input;
    // One header may name several.
    let asked: Vec<&str> = input.object_attributes.iter().flat_map(|a| a.as_str().split(',')).map(str::trim).collect();
    if asked.is_empty() || asked.iter().any(|name| !KNOWN.contains(name)) {
        let message = "Invalid attribute name specified.";
        return Err(Refusal::argument("x-amz-object-attributes", asked.join(","), message));
    }
    let wanted = |name: &str| asked.contains(&name);
    context.store.look(|index| {
        let bucket = index.bucket(&input.bucket)?;
        let (version, object) = find(bucket, &input.key, input.version_id.as_deref())?;
        customer_key!(input).open(object)?;
        let output = GetObjectAttributesOutput {
            checksum: wanted("Checksum").then(|| said(object.checksum.as_ref())).flatten(),
            e_tag: wanted("ETag").then(|| tag(&object.etag)).flatten(),
            last_modified: Some(dates::said(version.at)),
            object_parts: (wanted("ObjectParts") && object.multipart).then(|| parts(object, &input)),
            object_size: wanted("ObjectSize").then(|| i64::try_from(object.size).unwrap_or(i64::MAX)),
            storage_class: wanted("StorageClass").then(|| StorageClass::from(object.description.storage_class.clone())),
            version_id: versioning::of(bucket).map(|_| version.id.clone()),
            ..GetObjectAttributesOutput::default()
        };
        Ok(s3s::S3Response::new(output))
    })
}

fn said(checksum: Option<&Checksum>) -> Option<SaidChecksum> {
    checksum?;
    let mut said = SaidChecksum::default();
    fill_checksum!(said, checksum, typed);
    Some(said)
}

/// The parts; S3 lists them only where they have checksums of their own.
fn parts(object: &Object, input: &GetObjectAttributesInput) -> GetObjectAttributesParts {
    let total = i32::try_from(object.pieces.len()).unwrap_or(i32::MAX);
    let composite = object.checksum.as_ref().filter(|checksum| checksum.coverage == Coverage::Composite);
    let Some(checksum) = composite else {
        return GetObjectAttributesParts { total_parts_count: Some(total), ..GetObjectAttributesParts::default() };
    };
    let marker = input.part_number_marker.unwrap_or(0);
    let limit = input.max_parts.unwrap_or(PAGE).clamp(0, PAGE);
    let listed: Vec<ObjectPart> = (1..)
        .zip(&object.pieces)
        .filter(|(number, _)| *number > marker)
        .map(|(number, piece)| {
            let size = Some(i64::try_from(piece.size).unwrap_or(i64::MAX));
            let mut part = ObjectPart { part_number: Some(number), size, ..ObjectPart::default() };
            let own = piece.checksum.clone().map(|value| Checksum { value, ..checksum.clone() });
            fill_checksum!(part, own.as_ref());
            part
        })
        .take(usize::try_from(limit).unwrap_or(0))
        .collect();
    let last = listed.last().and_then(|part| part.part_number).unwrap_or(marker);
    GetObjectAttributesParts {
        is_truncated: Some(last < total),
        max_parts: Some(limit),
        next_part_number_marker: Some(last),
        part_number_marker: Some(marker),
        parts: Some(listed),
        total_parts_count: Some(total),
    }
}
