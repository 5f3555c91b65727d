//! CompleteMultipartUpload.

use s3s::S3Request;
use s3s::dto::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart};

use crate::s3::checksum::{Algorithm, Checksum, Coverage, fill_checksum, given_checksum, md5};
use crate::s3::context::{Answer, Context, done};
use crate::s3::notification::{self, Happened};
use crate::s3::object::{Kept, Writing, fill_encryption, stored, tag};
use crate::s3::refusal::Refusal;
use crate::s3::store::{Change, Object, Part, Piece, Upload};

/// The smallest part, unless it is the last one.
const SMALLEST: u64 = 5 * 1024 * 1024;

pub(in crate::s3) async fn complete(
    context: &Context,
    request: S3Request<CompleteMultipartUploadInput>,
) -> Answer<CompleteMultipartUploadOutput> {
    let mut input = request.input;
    let conditions = Writing { matching: input.if_match.take(), not_matching: input.if_none_match.take() };
    conditions.check_form()?;
    let named = input.multipart_upload.take().and_then(|given| given.parts).unwrap_or_default();
    let completed = context.store.change(|index| {
        let held = index.bucket(&input.bucket)?;
        let Ok(upload) = held.upload(&input.key, &input.upload_id) else {
            return repeated(held, &input, &named).map(|kept| (vec![], kept));
        };
        let object = assembled(upload, &input, &named)?;
        let (change, kept) = stored(context, index, (&input.bucket, &input.key), object, &conditions)?;
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
        Ok((vec![change, Change::UploadEnded { bucket, key, id }], kept))
    })?;
    let happened = Happened::created("CompleteMultipartUpload", &input.bucket, &input.key, &completed.version);
    notification::tell(context, happened, &request.extensions);
    done(answer(context, &input, &completed))
}

/// The answer once more, for a client that did not get it; otherwise there is no such upload.
fn repeated(
    held: &crate::s3::store::Bucket,
    input: &CompleteMultipartUploadInput,
    named: &[CompletedPart],
) -> Result<Kept, Refusal> {
    let tags: Option<Vec<&str>> = named.iter().map(|part| Some(part.e_tag.as_ref()?.value())).collect();
    let again = tags.and_then(|tags| joined_tag(tags.into_iter()).ok());
    match held.current(&input.key) {
        Some((version, object)) if object.multipart && Some(&object.etag) == again.as_ref() => {
            let id = crate::s3::bucket::versioning::of(held).map(|_| version.id.clone());
            Ok(Kept { version: version.clone(), id })
        }
        _ => Err(Refusal::no_such_upload(&input.upload_id)),
    }
}

fn answer(context: &Context, input: &CompleteMultipartUploadInput, kept: &Kept) -> CompleteMultipartUploadOutput {
    let endpoint = context.hub().map(|hub| hub.endpoint.clone()).unwrap_or_default();
    let mut output = CompleteMultipartUploadOutput {
        bucket: Some(input.bucket.clone()),
        key: Some(input.key.clone()),
        location: Some(format!("{endpoint}/{}/{}", input.bucket, input.key)),
        version_id: kept.id.clone(),
        ..CompleteMultipartUploadOutput::default()
    };
    if let Some(object) = &kept.version.object {
        output.e_tag = tag(&object.etag);
        fill_encryption!(output, &object.description.encryption);
        fill_checksum!(output, object.checksum.as_ref(), typed);
    }
    output
}

/// The object that the named parts make.
fn assembled(
    upload: &Upload,
    input: &CompleteMultipartUploadInput,
    named: &[CompletedPart],
) -> Result<Object, Refusal> {
    let parts = named_parts(upload, input, named)?;
    let size = parts.iter().map(|part| part.piece.size).sum();
    if let Some(said) = input.mpu_object_size
        && u64::try_from(said) != Ok(size)
    {
        let message =
            format!("The provided 'x-amz-mp-object-size' header value {said} does not match what was computed: {size}");
        return Err(Refusal::request(message));
    }
    let etag = joined_tag(parts.iter().map(|part| part.etag.as_str()))?;
    let checksum = checksum(upload, input, &parts)?;
    let pieces: Vec<Piece> = parts.iter().map(|part| part.piece.clone()).collect();
    Ok(Object { etag, size, pieces, multipart: true, checksum, description: upload.description.clone() })
}

/// The MD5 of the parts' MD5s, and how many there are.
fn joined_tag<'a>(tags: impl Iterator<Item = &'a str>) -> Result<String, Refusal> {
    let mut digests = Vec::new();
    let mut count = 0;
    for tag in tags {
        digests.extend(hex::decode(tag).map_err(|error| Refusal::internal(&error))?);
        count += 1;
    }
    Ok(format!("{}-{count}", hex::encode(md5(&digests))))
}

fn named_parts<'a>(
    upload: &'a Upload,
    input: &CompleteMultipartUploadInput,
    named: &[CompletedPart],
) -> Result<Vec<&'a Part>, Refusal> {
    if named.is_empty() {
        return Err(Refusal::malformed_xml());
    }
    let mut parts: Vec<&Part> = Vec::with_capacity(named.len());
    let mut before = 0;
    for given in named {
        let number = given.part_number.ok_or_else(Refusal::malformed_xml)?;
        if number <= before {
            let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
            return Err(Refusal::new("InvalidPartOrder", 400, message).with("UploadId", &input.upload_id));
        }
        before = number;
        let asked = given.e_tag.as_ref().map(|tag| tag.value().to_owned()).unwrap_or_default();
        let part = upload
            .parts
            .get(&number)
            .filter(|part| part.etag == asked)
            .ok_or_else(|| invalid_part(input, number, &asked))?;
        check_part(upload, number, part, given)?;
        parts.push(part);
    }
    for (part, given) in parts.iter().zip(named).take(parts.len() - 1) {
        if part.piece.size < SMALLEST {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(Refusal::new("EntityTooSmall", 400, message)
                .with("ProposedSize", part.piece.size.to_string())
                .with("MinSizeAllowed", SMALLEST.to_string())
                .with("PartNumber", given.part_number.unwrap_or_default().to_string())
                .with("ETag", &part.etag));
        }
    }
    Ok(parts)
}

fn invalid_part(input: &CompleteMultipartUploadInput, number: i32, etag: &str) -> Refusal {
    let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    Refusal::new("InvalidPart", 400, message)
        .with("UploadId", &input.upload_id)
        .with("PartNumber", number.to_string())
        .with("ETag", etag)
}

/// The checksum that the request gives for a part.
fn check_part(upload: &Upload, number: i32, part: &Part, given: &CompletedPart) -> Result<(), Refusal> {
    let Some(algorithm) = upload.algorithm else { return Ok(()) };
    match given_checksum!(given) {
        Some((given, value)) if given == algorithm && part.piece.checksum.as_ref() == Some(&value) => Ok(()),
        Some(_) => {
            let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
            Err(Refusal::new("InvalidPart", 400, message).with("PartNumber", number.to_string()))
        }
        None if upload.coverage == Coverage::FullObject => Ok(()),
        None => Err(Refusal::request(format!(
            "The upload was created using a {} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request.",
            algorithm.name().to_lowercase()
        ))),
    }
}

/// The checksum of the whole, compared with the one that the request gives.
fn checksum(
    upload: &Upload,
    input: &CompleteMultipartUploadInput,
    parts: &[&Part],
) -> Result<Option<Checksum>, Refusal> {
    let algorithm = upload.algorithm.unwrap_or(Algorithm::Crc64Nvme);
    let sums: Option<Vec<(String, u64)>> =
        parts.iter().map(|part| Some((part.piece.checksum.clone()?, part.piece.size))).collect();
    let value = sums.and_then(|sums| match upload.coverage {
        Coverage::FullObject => algorithm.joined(&sums),
        Coverage::Composite => algorithm.composite(&sums),
    });
    if let Some(asked) = input.checksum_type.as_ref()
        && asked.as_str() != upload.coverage.name()
    {
        let message = format!(
            "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
            upload.coverage.name()
        );
        return Err(Refusal::request(message));
    }
    if let (Some((given, said)), Some(value)) = (given_checksum!(input), &value) {
        let own = value.split('-').next();
        if given != algorithm || (said != *value && Some(said.as_str()) != own) {
            let message = format!("The {} you specified did not match the calculated checksum.", given.name());
            return Err(Refusal::new("BadDigest", 400, message));
        }
    }
    Ok(value.map(|value| Checksum { algorithm, value, coverage: upload.coverage }))
}
