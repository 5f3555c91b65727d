//! GetObject and HeadObject.

use std::ops::Range as Bytes;

use http::{HeaderValue, StatusCode};
use s3s::dto::{
    Body, ChecksumMode, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, ObjectLockLegalHoldStatus,
    ObjectLockMode, Range, RestoreObjectInput, RestoreObjectOutput, StorageClass, StreamingBlob,
};
use s3s::{S3Request, S3Response};

use super::{Reading, customer_key, fill_encryption, find, tag};
use crate::s3::access;
use crate::s3::bucket::versioning;
use crate::s3::checksum::fill_checksum;
use crate::s3::context::{Answer, Context, done};
use crate::s3::dates;
use crate::s3::refusal::Refusal;
use crate::s3::store::{self, Object, Version};

/// Bodies up to this size are read at once.
const AT_ONCE: u64 = 1024 * 1024;
/// The classes of objects that have to be restored before they can be read.
const FROZEN: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];
/// The content type of an object that was put without one.
const USUAL_TYPE: &str = "binary/octet-stream";

/// The bytes that are asked for.
#[derive(Debug, PartialEq, Eq)]
struct Slice {
    bytes: Bytes<u64>,
    /// True if only a part or a range is asked for: the answer has a `Content-Range` then.
    partial: bool,
    /// The number of the object's parts, if one of them is asked for.
    parts: Option<i32>,
}

impl Slice {
    fn of(object: &Object, range: Option<&Range>, part: Option<i32>) -> Result<Self, Refusal> {
        match (range, part) {
            (Some(_), Some(_)) => {
                Err(Refusal::request("Cannot specify both Range header and partNumber query parameter"))
            }
            (None, None) => Ok(Self { bytes: 0..object.size, partial: false, parts: None }),
            (Some(range), None) => {
                let bytes = range.check(object.size).map_err(|_| {
                    Refusal::new("InvalidRange", 416, "The requested range is not satisfiable")
                        .with("RangeRequested", range.to_header_string())
                        .with("ActualObjectSize", object.size.to_string())
                        .with_header("content-range", format!("bytes */{}", object.size))
                })?;
                if bytes.is_empty() {
                    let message = "The requested range is not satisfiable";
                    return Err(Refusal::new("InvalidRange", 416, message)
                        .with("RangeRequested", range.to_header_string())
                        .with("ActualObjectSize", "0"));
                }
                Ok(Self { bytes, partial: true, parts: None })
            }
            (None, Some(part)) => Self::part(object, part),
        }
    }

    fn part(object: &Object, part: i32) -> Result<Self, Refusal> {
        if !(1..=10_000).contains(&part) {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            return Err(Refusal::argument("partNumber", part.to_string(), message));
        }
        let bytes = if object.multipart { object.part(part) } else { (part == 1).then_some(0..object.size) };
        let count = if object.multipart { object.pieces.len() } else { 1 };
        let bytes = bytes.ok_or_else(|| {
            Refusal::new("InvalidPartNumber", 416, "The requested partnumber is not satisfiable")
                .with("ActualPartCount", count.to_string())
                .with("PartNumberRequested", part.to_string())
        })?;
        let parts = object.multipart.then(|| i32::try_from(count).unwrap_or(i32::MAX));
        Ok(Self { partial: !bytes.is_empty(), bytes, parts })
    }

    fn length(&self) -> i64 {
        i64::try_from(self.bytes.end - self.bytes.start).unwrap_or(i64::MAX)
    }

    fn content_range(&self, size: u64) -> Option<String> {
        self.partial.then(|| format!("bytes {}-{}/{size}", self.bytes.start, self.bytes.end - 1))
    }
}

/// The version that was found: copies, so that the store is free while the body is sent.
struct Found {
    version: Version,
    object: Box<Object>,
    versioned: bool,
}

/// Finds the object of a read and checks its conditions and key.
macro_rules! found {
    ($context:expr, $input:expr, $extensions:expr) => {{
        let customer = customer_key!($input);
        let conditions = Reading {
            matching: $input.if_match.clone(),
            not_matching: $input.if_none_match.clone(),
            modified_since: $input.if_modified_since.clone(),
            unmodified_since: $input.if_unmodified_since.clone(),
        };
        let found = $context.store.look(|index| {
            let bucket = index.bucket(&$input.bucket)?;
            let (version, object) = find(bucket, &$input.key, $input.version_id.as_deref())?;
            customer.open(object)?;
            conditions.check(version, object)?;
            let versioned = versioning::of(bucket).is_some();
            Ok::<_, Refusal>(Found { version: version.clone(), object: Box::new(object.clone()), versioned })
        });
        found.map_err(|refusal| access::missing($context, &$extensions, &$input.bucket, refusal))?
    }};
}

/// The members that both answers have.
macro_rules! described {
    ($output:ident, $input:expr, $found:expr, $slice:expr) => {{
        let (object, version, slice) = (&$found.object, &$found.version, &$slice);
        let (headers, lock) = (&object.description.headers, &object.description.lock);
        let mut output = $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control.clone(),
            content_disposition: headers.content_disposition.clone(),
            content_encoding: headers.content_encoding.clone(),
            content_language: headers.content_language.clone(),
            content_length: Some(slice.length()),
            content_range: slice.content_range(object.size),
            content_type: Some(headers.content_type.clone().unwrap_or_else(|| USUAL_TYPE.to_owned())),
            e_tag: tag(&object.etag),
            expires: headers.expires.clone(),
            last_modified: Some(dates::said(version.at)),
            metadata: Some(object.description.metadata.clone().into_iter().collect()),
            object_lock_legal_hold_status: lock
                .hold
                .map(|on| ObjectLockLegalHoldStatus::from_static(if on { "ON" } else { "OFF" })),
            object_lock_mode: lock.mode.clone().map(ObjectLockMode::from),
            object_lock_retain_until_date: lock.until.map(dates::said),
            parts_count: slice.parts,
            storage_class: class(object).map(StorageClass::from),
            version_id: $found.versioned.then(|| version.id.clone()),
            website_redirect_location: headers.website_redirect.clone(),
            ..$output::default()
        };
        fill_encryption!(output, &object.description.encryption, customer);
        let enabled = $input.checksum_mode.as_ref().is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        if enabled && $input.range.is_none() && $input.part_number.is_none() {
            fill_checksum!(output, object.checksum.as_ref(), typed);
        }
        output
    }};
}

/// The class, where it is not the usual one.
fn class(object: &Object) -> Option<String> {
    Some(object.description.storage_class.clone()).filter(|class| class != "STANDARD")
}

pub(in crate::s3) async fn get(context: &Context, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
    let (input, extensions) = (request.input, request.extensions);
    let found = found!(context, input, extensions);
    if let Some(class) = class(&found.object).filter(|class| FROZEN.contains(&class.as_str())) {
        let message = "The operation is not valid for the object's storage class";
        return Err(Refusal::new("InvalidObjectState", 403, message).with("StorageClass", class));
    }
    let slice = Slice::of(&found.object, input.range.as_ref(), input.part_number)?;
    let mut output = described!(GetObjectOutput, input, found, slice);
    let tags = found.object.description.tags.len();
    output.tag_count = (tags > 0).then(|| i32::try_from(tags).unwrap_or(i32::MAX));
    let segments = found.object.segments(slice.bytes.start, slice.bytes.end);
    output.body = Some(if slice.bytes.end - slice.bytes.start <= AT_ONCE {
        let body: Body = store::read_all(segments).await?;
        StreamingBlob::from(s3s::Body::from(body))
    } else {
        StreamingBlob::wrap(store::read(segments))
    });
    done(output)
}

/// Nothing is ever frozen on the plane; a restore of an object in a class that S3 freezes is not run.
pub(in crate::s3) async fn restore(
    context: &Context,
    request: S3Request<RestoreObjectInput>,
) -> Answer<RestoreObjectOutput> {
    let input = request.input;
    let class = context.store.look(|index| {
        let (_, object) = find(index.bucket(&input.bucket)?, &input.key, input.version_id.as_deref())?;
        Ok::<_, Refusal>(object.description.storage_class.clone())
    })?;
    if FROZEN.contains(&class.as_str()) {
        return Err(Refusal::not_implemented("RestoreObject"));
    }
    let message = "Restore is not allowed for the object's current storage class";
    Err(Refusal::new("InvalidObjectState", 403, message).with("StorageClass", class))
}

pub(in crate::s3) async fn head(context: &Context, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
    let (input, extensions) = (request.input, request.extensions);
    let found = found!(context, input, extensions);
    let slice = Slice::of(&found.object, input.range.as_ref(), input.part_number)?;
    let mut output = described!(HeadObjectOutput, input, found, slice);
    // The library overrides these for GetObject only.
    let over = |held: &mut Option<String>, asked: Option<String>| *held = asked.or(held.take());
    over(&mut output.cache_control, input.response_cache_control);
    over(&mut output.content_disposition, input.response_content_disposition);
    over(&mut output.content_encoding, input.response_content_encoding);
    over(&mut output.content_language, input.response_content_language);
    over(&mut output.content_type, input.response_content_type);
    output.expires = input.response_expires.or(output.expires);
    let status = if output.content_range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = S3Response::with_status(output, status);
    // The library has this member for GetObject only.
    let tags = found.object.description.tags.len();
    if tags > 0 {
        response.headers.insert("x-amz-tagging-count", HeaderValue::from(tags));
    }
    Ok(response)
}
