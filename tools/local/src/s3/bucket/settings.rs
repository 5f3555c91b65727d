//! Documents of a bucket that are checked for form, kept and given back: S3 does not act on them here.

use s3s::dto::*;
use s3s::{S3Request, xml};

use super::super::store::Index;
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;
use crate::s3::store::Change;

mod cors;
mod encryption;
mod identified;
mod lifecycle;
mod logging;
mod website;

pub(in crate::s3) use cors::{delete_cors, get_cors, put_cors, rules as cors_rules};
pub(in crate::s3) use encryption::{default_encryption, delete_encryption, get_encryption, put_encryption};
pub(in crate::s3) use identified::*;
pub(in crate::s3) use lifecycle::{delete_lifecycle, get_lifecycle, put_lifecycle};
pub(in crate::s3) use logging::{get_logging, put_logging};
pub(in crate::s3) use website::{delete_website, get_website, put_website};

/// A document as XML.
pub(in crate::s3) fn write<T: xml::Serialize>(document: &T) -> Result<String, Refusal> {
    let mut text = Vec::new();
    let mut writer = xml::Serializer::new(&mut text);
    document.serialize(&mut writer).map_err(|error| Refusal::internal(&error))?;
    String::from_utf8(text).map_err(|error| Refusal::internal(&error))
}

/// A document from its XML.
pub(in crate::s3) fn read<T: for<'xml> xml::Deserialize<'xml>>(text: &str) -> Result<T, Refusal> {
    let mut reader = xml::Deserializer::new(text.as_bytes());
    T::deserialize(&mut reader).map_err(|error| Refusal::internal(&error))
}

/// Keeps a document of a bucket.
pub(in crate::s3) fn keep<T: xml::Serialize>(
    context: &Context,
    bucket: &str,
    name: &str,
    document: &T,
) -> Result<(), Refusal> {
    set(context, bucket, name, Some(write(document)?))
}

/// Keeps a text for a bucket, or removes it.
pub(in crate::s3) fn set(context: &Context, bucket: &str, name: &str, value: Option<String>) -> Result<(), Refusal> {
    context.store.change(|index| {
        exists(index, bucket)?;
        let (bucket, name) = (bucket.to_owned(), name.to_owned());
        Ok((vec![Change::Set { bucket, name, value }], ()))
    })
}

/// The text that a bucket keeps under a name.
pub(in crate::s3) fn text(context: &Context, bucket: &str, name: &str) -> Result<Option<String>, Refusal> {
    context.store.look(|index| Ok(index.bucket(bucket)?.setting(name).map(str::to_owned)))
}

/// The document that a bucket keeps under a name.
pub(in crate::s3) fn kept<T: for<'xml> xml::Deserialize<'xml>>(
    context: &Context,
    bucket: &str,
    name: &str,
) -> Result<Option<T>, Refusal> {
    text(context, bucket, name)?.map(|text| read(&text)).transpose()
}

/// The error of S3 for a bucket that has no such document.
pub(in crate::s3) fn missing(code: &'static str, message: &'static str, bucket: &str) -> Refusal {
    Refusal::new(code, 404, message).with("BucketName", bucket)
}

const PAYMENT: &str = "requestPayment";
const ACCELERATE: &str = "accelerate";

pub(in crate::s3) async fn put_request_payment(
    context: &Context,
    request: S3Request<PutBucketRequestPaymentInput>,
) -> Answer<PutBucketRequestPaymentOutput> {
    let input = request.input;
    let payer = input.request_payment_configuration.payer.as_str();
    if payer != Payer::BUCKET_OWNER && payer != Payer::REQUESTER {
        return Err(Refusal::malformed_xml());
    }
    keep(context, &input.bucket, PAYMENT, &input.request_payment_configuration)?;
    done(PutBucketRequestPaymentOutput::default())
}

pub(in crate::s3) async fn get_request_payment(
    context: &Context,
    request: S3Request<GetBucketRequestPaymentInput>,
) -> Answer<GetBucketRequestPaymentOutput> {
    let kept = kept::<RequestPaymentConfiguration>(context, &request.input.bucket, PAYMENT)?;
    let payer = kept.map_or_else(|| Payer::from_static(Payer::BUCKET_OWNER), |kept| kept.payer);
    done(GetBucketRequestPaymentOutput { payer: Some(payer) })
}

pub(in crate::s3) async fn put_accelerate(
    context: &Context,
    request: S3Request<PutBucketAccelerateConfigurationInput>,
) -> Answer<PutBucketAccelerateConfigurationOutput> {
    let input = request.input;
    if input.bucket.contains('.') {
        let message = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names";
        return Err(Refusal::request(message));
    }
    match input.accelerate_configuration.status.as_ref().map(BucketAccelerateStatus::as_str) {
        Some(BucketAccelerateStatus::ENABLED | BucketAccelerateStatus::SUSPENDED) => {}
        _ => return Err(Refusal::malformed_xml()),
    }
    keep(context, &input.bucket, ACCELERATE, &input.accelerate_configuration)?;
    done(PutBucketAccelerateConfigurationOutput::default())
}

pub(in crate::s3) async fn get_accelerate(
    context: &Context,
    request: S3Request<GetBucketAccelerateConfigurationInput>,
) -> Answer<GetBucketAccelerateConfigurationOutput> {
    let kept = kept::<AccelerateConfiguration>(context, &request.input.bucket, ACCELERATE)?;
    done(GetBucketAccelerateConfigurationOutput { status: kept.and_then(|kept| kept.status), request_charged: None })
}

pub(in crate::s3) async fn get_replication(
    context: &Context,
    request: S3Request<GetBucketReplicationInput>,
) -> Answer<GetBucketReplicationOutput> {
    let bucket = request.input.bucket;
    context.store.look(|index| exists(index, &bucket))?;
    Err(missing("ReplicationConfigurationNotFoundError", "The replication configuration was not found", &bucket))
}

pub(in crate::s3) async fn delete_replication(
    context: &Context,
    request: S3Request<DeleteBucketReplicationInput>,
) -> Answer<DeleteBucketReplicationOutput> {
    context.store.look(|index| exists(index, &request.input.bucket))?;
    done(DeleteBucketReplicationOutput::default())
}

/// The bucket of a request, for operations that only need it to be there.
pub(in crate::s3) fn exists(index: &Index, name: &str) -> Result<(), Refusal> {
    index.bucket(name).map(drop)
}
