//! UploadPart and UploadPartCopy.

use bytes::Bytes;
use s3s::S3Request;
use s3s::dto::{CopyPartResult, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput};

use crate::s3::checksum::{Algorithm, Checksum, Coverage, fill_checksum, given_checksum, md5};
use crate::s3::context::{Answer, Context, done};
use crate::s3::dates;
use crate::s3::object::copy::source_of;
use crate::s3::object::{CustomerKey, customer_key, fill_encryption, tag, take_body};
use crate::s3::refusal::Refusal;
use crate::s3::store::{self, Change, Encryption, Part, Piece};

fn check_number(number: i32) -> Result<(), Refusal> {
    if (1..=10_000).contains(&number) {
        return Ok(());
    }
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    Err(Refusal::argument("partNumber", number.to_string(), message))
}

/// The place of a part: its upload, and its number there.
struct Place<'a> {
    bucket: &'a str,
    key: &'a str,
    upload: &'a str,
    number: i32,
}

/// The checksum algorithm and the encryption of the upload, if the request has the upload's customer key.
fn upload_of(
    context: &Context,
    place: &Place<'_>,
    customer: &CustomerKey,
) -> Result<(Option<Algorithm>, Encryption), Refusal> {
    let given = customer.checked()?;
    context.store.look(|index| {
        let upload = index.bucket(place.bucket)?.upload(place.key, place.upload)?;
        let encryption = upload.description.encryption.clone();
        if given != encryption.customer_key_md5 {
            let message = "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.";
            return Err(Refusal::request(message));
        }
        Ok((upload.algorithm, encryption))
    })
}

/// Keeps a part, over whatever had its number.
async fn keep(
    context: &Context,
    place: Place<'_>,
    body: Bytes,
    algorithm: Option<Algorithm>,
) -> Result<(Part, Checksum), Refusal> {
    let etag = hex::encode(md5(&body));
    let algorithm = algorithm.unwrap_or(Algorithm::Crc64Nvme);
    let checksum = Checksum { algorithm, value: algorithm.of(&body), coverage: Coverage::FullObject };
    let size = body.len() as u64;
    let blob = context.store.blobs.keep(body).await?;
    let piece = Piece::new(size, Some(checksum.value.clone()), blob);
    let part = Part { at: context.now(), etag, piece };
    context.store.change(|index| {
        index.bucket(place.bucket)?.upload(place.key, place.upload)?;
        let (bucket, key, id) = (place.bucket.to_owned(), place.key.to_owned(), place.upload.to_owned());
        let change = Change::PartStored { bucket, key, id, number: place.number, part: part.clone() };
        Ok((vec![change], (part, checksum)))
    })
}

pub(in crate::s3) async fn upload(context: &Context, request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
    let mut input = request.input;
    check_number(input.part_number)?;
    let body = take_body(input.body.take()).await?;
    let place = Place { bucket: &input.bucket, key: &input.key, upload: &input.upload_id, number: input.part_number };
    let (algorithm, encryption) = upload_of(context, &place, &customer_key!(input))?;
    let given = given_checksum!(input).map(|(algorithm, _)| algorithm);
    if let (Some(expected), Some(given)) = (algorithm, given)
        && expected != given
    {
        let message = format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            expected.name().to_lowercase(),
            given.name().to_lowercase()
        );
        return Err(Refusal::request(message));
    }
    let said = algorithm.or(given).map(|algorithm| Checksum::of(Some(algorithm), &body));
    let (part, _) = keep(context, place, body, algorithm).await?;
    let mut output = UploadPartOutput { e_tag: tag(&part.etag), ..UploadPartOutput::default() };
    fill_checksum!(output, said.as_ref());
    fill_encryption!(output, &encryption, customer);
    done(output)
}

pub(in crate::s3) async fn upload_copy(
    context: &Context,
    request: S3Request<UploadPartCopyInput>,
) -> Answer<UploadPartCopyOutput> {
    let input = request.input;
    check_number(input.part_number)?;
    let place = Place { bucket: &input.bucket, key: &input.key, upload: &input.upload_id, number: input.part_number };
    let (algorithm, encryption) = upload_of(context, &place, &customer_key!(input))?;
    let source = source_of!(context, input)?;
    let (from, to) = range(input.copy_source_range.as_deref(), source.object.size)?;
    let body = store::read_all(source.object.segments(from, to)).await?;
    let (part, checksum) = keep(context, place, body, algorithm).await?;
    let last_modified = Some(dates::said(part.at));
    let mut result = CopyPartResult { e_tag: tag(&part.etag), last_modified, ..CopyPartResult::default() };
    fill_checksum!(result, algorithm.map(|_| &checksum));
    let mut output = UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: source.version_id,
        ..UploadPartCopyOutput::default()
    };
    fill_encryption!(output, &encryption, customer);
    done(output)
}

/// `bytes=first-last`, both of them said and inside the source.
fn range(header: Option<&str>, size: u64) -> Result<(u64, u64), Refusal> {
    let Some(header) = header else { return Ok((0, size)) };
    let wrong = |message: &'static str| Refusal::argument("x-amz-copy-source-range", header, message);
    let form = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy";
    let (first, last) =
        header.strip_prefix("bytes=").and_then(|range| range.split_once('-')).ok_or_else(|| wrong(form))?;
    let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) else { return Err(wrong(form)) };
    if first > last {
        return Err(wrong(form));
    }
    if last >= size {
        let message = format!("Range specified is not valid for source object of size: {size}");
        return Err(Refusal::argument("x-amz-copy-source-range", header, message));
    }
    Ok((first, last + 1))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(Some("bytes=0-4"), Some((0, 5)))]
    #[test_case(None, Some((0, 10)))]
    #[test_case(Some("bytes=0-10"), None)]
    #[test_case(Some("bytes=5-"), None)]
    #[test_case(Some("bytes=-5"), None)]
    #[test_case(Some("bytes=5-4"), None)]
    #[test_case(Some("0-4"), None)]
    fn the_range_of_a_source_is_whole_and_inside(header: Option<&str>, expected: Option<(u64, u64)>) {
        assert_eq!(range(header, 10).ok(), expected);
    }
}
