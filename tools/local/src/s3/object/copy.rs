//! CopyObject.

use bytes::Bytes;
use s3s::S3Request;
use s3s::dto::{CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETagCondition};

use super::{CustomerKey, Reading, Said, Writing, fill_encryption, find, said, stored, tag};
use crate::s3::bucket::versioning;
use crate::s3::checksum::{Algorithm, Checksum, Coverage, fill_checksum, md5};
use crate::s3::context::{Answer, Context, done};
use crate::s3::dates;
use crate::s3::notification::{self, Happened};
use crate::s3::refusal::Refusal;
use crate::s3::store::{self, Description, Object};

/// The largest object that one request copies.
const LIMIT: u64 = 5 * 1024 * 1024 * 1024;

/// The object that is copied.
#[derive(Debug)]
pub(in crate::s3) struct Source {
    /// A copy of what is kept of it.
    pub(in crate::s3) object: Object,
    /// The id of its version, where its bucket keeps versions.
    pub(in crate::s3) version_id: Option<String>,
    /// True if it is the newest version: a copy of it onto itself must change something.
    newest: bool,
}

impl Source {
    /// Finds the source of a copy, if its conditions hold.
    pub(in crate::s3) fn find(
        context: &Context,
        source: &CopySource,
        conditions: &Reading,
        customer: &CustomerKey,
    ) -> Result<Self, Refusal> {
        let CopySource::Bucket { bucket, key, version_id } = source else {
            return Err(Refusal::not_implemented("CopyObject from access points"));
        };
        context.store.look(|index| {
            let held = index.bucket(bucket)?;
            let (version, object) = find(held, key, version_id.as_deref())?;
            customer.open(object)?;
            conditions.check_source(version, object)?;
            if ["GLACIER", "DEEP_ARCHIVE"].contains(&object.description.storage_class.as_str()) {
                let message = "The source object of the COPY operation is not in the active tier and is only stored in Amazon S3 Glacier.";
                return Err(Refusal::new("ObjectNotInActiveTierError", 403, message));
            }
            let newest = held.newest(key).is_some_and(|newest| newest.id == version.id);
            let version_id = versioning::of(held).map(|_| version.id.clone());
            Ok(Self { object: object.clone(), version_id, newest })
        })
    }

    /// All its bytes.
    async fn body(&self) -> Result<Bytes, Refusal> {
        Ok(store::read_all(self.object.segments(0, self.object.size)).await?)
    }
}

/// Reads the conditions and the customer's key of the source from an input.
macro_rules! source_of {
    ($context:expr, $input:expr) => {{
        let conditions = $crate::s3::object::Reading {
            matching: $input.copy_source_if_match.clone(),
            not_matching: $input.copy_source_if_none_match.clone(),
            modified_since: $input.copy_source_if_modified_since.clone(),
            unmodified_since: $input.copy_source_if_unmodified_since.clone(),
        };
        let customer = $crate::s3::object::CustomerKey {
            algorithm: $input.copy_source_sse_customer_algorithm.clone(),
            key: $input.copy_source_sse_customer_key.clone(),
            md5: $input.copy_source_sse_customer_key_md5.clone(),
        };
        $crate::s3::object::Source::find($context, &$input.copy_source, &conditions, &customer)
    }};
}
pub(in crate::s3) use source_of;

pub(in crate::s3) async fn copy(context: &Context, request: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
    let input = request.input;
    let replace = directive(input.metadata_directive.as_ref().map(|given| given.as_str()), "metadata")?;
    let retag = directive(input.tagging_directive.as_ref().map(|given| given.as_str()), "tagging")?;
    let conditions = conditions(&request.headers)?;
    let said = said!(input);
    context.store.look(|index| index.bucket(&input.bucket).map(drop))?;
    let source = source_of!(context, input)?;
    check(&source, &input, &said, replace)?;
    let description =
        context.store.look(|index| described(context, index.bucket(&input.bucket)?, &source, &said, replace, retag))?;
    let asked = input.checksum_algorithm.as_ref().map(|named| Algorithm::named(named.as_str())).transpose()?;
    let object = copied(&source, description, asked).await?;
    let kept = context.store.change(|index| {
        let (change, kept) = stored(context, index, (&input.bucket, &input.key), object, &conditions)?;
        Ok((vec![change], kept))
    })?;
    notification::tell(
        context,
        Happened::created("Copy", &input.bucket, &input.key, &kept.version),
        &request.extensions,
    );
    let mut output = CopyObjectOutput {
        copy_source_version_id: source.version_id,
        version_id: kept.id,
        ..CopyObjectOutput::default()
    };
    if let Some(object) = &kept.version.object {
        let last_modified = Some(dates::said(kept.version.at));
        let mut result = CopyObjectResult { e_tag: tag(&object.etag), last_modified, ..CopyObjectResult::default() };
        fill_checksum!(result, object.checksum.as_ref(), typed);
        fill_encryption!(output, &object.description.encryption, customer);
        output.copy_object_result = Some(result);
    }
    done(output)
}

/// True if the directive is `REPLACE`: the request's own values are taken instead of the source's.
fn directive(given: Option<&str>, what: &'static str) -> Result<bool, Refusal> {
    match given {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => {
            let name = if what == "metadata" { "x-amz-metadata-directive" } else { "x-amz-tagging-directive" };
            Err(Refusal::argument(name, other, format!("Unknown {what} directive.")))
        }
    }
}

/// The conditions on what is there already. The library's model does not know them yet.
fn conditions(headers: &http::HeaderMap) -> Result<Writing, Refusal> {
    let condition = |name: &str| {
        let Some(value) = headers.get(name) else { return Ok(None) };
        ETagCondition::parse_http_header(value.as_bytes()).map(Some).map_err(|_| Refusal::request("invalid entity tag"))
    };
    let conditions = Writing { matching: condition("if-match")?, not_matching: condition("if-none-match")? };
    conditions.check_form()?;
    Ok(conditions)
}

/// Refuses a copy that is too large, or that changes nothing.
fn check(source: &Source, input: &CopyObjectInput, said: &Said, replace: bool) -> Result<(), Refusal> {
    if source.object.size > LIMIT {
        let message =
            format!("The specified copy source is larger than the maximum allowable size for a copy source: {LIMIT}");
        return Err(Refusal::request(message));
    }
    let CopySource::Bucket { bucket, key, .. } = &input.copy_source else { return Ok(()) };
    let same = **bucket == input.bucket && **key == input.key && source.newest;
    let changes = replace
        || said.storage_class.as_ref().is_some_and(|class| class.as_str() != source.object.description.storage_class)
        || said.encryption.algorithm.is_some()
        || said.encryption.customer.algorithm.is_some()
        || said.headers.website_redirect.is_some();
    if same && !changes {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(Refusal::request(message));
    }
    Ok(())
}

/// The description of the copy. Class, encryption, access and redirection are never copied.
fn described(
    context: &Context,
    bucket: &store::Bucket,
    source: &Source,
    said: &Said,
    replace: bool,
    retag: bool,
) -> Result<Description, Refusal> {
    let mut description = said.settle(context, bucket)?;
    let from = &source.object.description;
    if !replace {
        let website_redirect = description.headers.website_redirect.take();
        description.headers = store::SystemMetadata { website_redirect, ..from.headers.clone() };
        description.metadata = from.metadata.clone();
    }
    if !retag {
        description.tags = from.tags.clone();
    }
    Ok(description)
}

/// The copy: the same files. An object that was uploaded in parts gets the ETag and checksum of one that was put whole.
async fn copied(source: &Source, description: Description, asked: Option<Algorithm>) -> Result<Object, Refusal> {
    let mut object = Object { description, ..source.object.clone() };
    let kept = object
        .checksum
        .take()
        .filter(|kept| kept.coverage == Coverage::FullObject && asked.is_none_or(|asked| asked == kept.algorithm));
    if let (Some(kept), false) = (&kept, object.multipart) {
        object.checksum = Some(kept.clone());
        return Ok(object);
    }
    let body = source.body().await?;
    object.etag = hex::encode(md5(&body));
    let algorithm = asked.or(source.object.checksum.as_ref().map(|checksum| checksum.algorithm));
    object.checksum = Some(Checksum::of(algorithm, &body));
    object.multipart = false;
    Ok(object)
}
