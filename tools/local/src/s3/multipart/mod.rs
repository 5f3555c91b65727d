//! Uploads in parts.

mod complete;
mod list;
mod parts;

pub(super) use complete::complete;
pub(super) use list::{list_parts, list_uploads};
pub(super) use parts::{upload, upload_copy};

use std::collections::BTreeMap;

use s3s::S3Request;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType, CreateMultipartUploadInput,
    CreateMultipartUploadOutput,
};

use super::checksum::{Algorithm, Coverage};
use super::context::{Answer, Context, done};
use super::object::{fill_encryption, said};
use super::refusal::Refusal;
use super::store::{Change, Upload};

/// The length of an upload's id, in characters.
const ID_LENGTH: usize = 64;

pub(super) async fn begin(
    context: &Context,
    request: S3Request<CreateMultipartUploadInput>,
) -> Answer<CreateMultipartUploadOutput> {
    let input = request.input;
    let (algorithm, coverage) = checksum(&input)?;
    let said = said!(input);
    let id = context.ids().lower(ID_LENGTH);
    let description = context.store.change(|index| {
        let description = said.settle(context, index.bucket(&input.bucket)?)?;
        let upload =
            Upload { at: context.now(), description: description.clone(), algorithm, coverage, parts: BTreeMap::new() };
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        Ok((vec![Change::UploadBegun { bucket, key, id: id.clone(), upload }], description))
    })?;
    let mut output = CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: algorithm.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: algorithm.map(|_| ChecksumType::from_static(coverage.name())),
        ..CreateMultipartUploadOutput::default()
    };
    fill_encryption!(output, &description.encryption, customer);
    done(output)
}

/// The checksum that the object is to have. S3 takes CRC-64/NVME over the whole where nothing is said.
fn checksum(input: &CreateMultipartUploadInput) -> Result<(Option<Algorithm>, Coverage), Refusal> {
    let algorithm = input.checksum_algorithm.as_ref().map(|named| Algorithm::named(named.as_str())).transpose()?;
    let asked = input.checksum_type.as_ref().map(ChecksumType::as_str);
    let Some(algorithm) = algorithm else {
        if asked.is_some() {
            let message = "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.";
            return Err(Refusal::request(message));
        }
        return Ok((None, Coverage::FullObject));
    };
    let coverage = match asked {
        None => algorithm.usual_coverage(),
        Some(ChecksumType::FULL_OBJECT) => Coverage::FullObject,
        Some(ChecksumType::COMPOSITE) => Coverage::Composite,
        Some(_) => return Err(Refusal::request("Value for x-amz-checksum-type header is invalid.")),
    };
    let impossible = match coverage {
        Coverage::FullObject => matches!(algorithm, Algorithm::Sha1 | Algorithm::Sha256),
        Coverage::Composite => algorithm == Algorithm::Crc64Nvme,
    };
    if impossible {
        let message = format!(
            "The {} checksum type cannot be used with the {} checksum algorithm.",
            coverage.name(),
            algorithm.name().to_lowercase()
        );
        return Err(Refusal::request(message));
    }
    Ok((Some(algorithm), coverage))
}

pub(super) async fn abort(
    context: &Context,
    request: S3Request<AbortMultipartUploadInput>,
) -> Answer<AbortMultipartUploadOutput> {
    let input = request.input;
    context.store.change(|index| {
        index.bucket(&input.bucket)?.upload(&input.key, &input.upload_id)?;
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
        Ok((vec![Change::UploadEnded { bucket, key, id }], ()))
    })?;
    done(AbortMultipartUploadOutput::default())
}
