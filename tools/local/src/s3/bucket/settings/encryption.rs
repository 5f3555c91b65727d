//! The encryption that objects get when they are put without a word about it.

use s3s::S3Request;
use s3s::dto::*;

use super::{keep, read, set, text};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;
use crate::s3::store::Bucket;

const NAME: &str = "encryption";

/// The rule of a bucket; AES-256 where none was put.
pub(in crate::s3) fn default_encryption(bucket: &Bucket) -> ServerSideEncryptionRule {
    let kept = bucket.setting(NAME).and_then(|text| read::<ServerSideEncryptionConfiguration>(text).ok());
    kept.and_then(|kept| kept.rules.into_iter().next()).unwrap_or_else(usual)
}

fn usual() -> ServerSideEncryptionRule {
    let algorithm = ServerSideEncryption::from_static(ServerSideEncryption::AES256);
    ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
            sse_algorithm: algorithm,
            kms_master_key_id: None,
        }),
        bucket_key_enabled: Some(false),
    }
}

pub(in crate::s3) async fn put_encryption(
    context: &Context,
    request: S3Request<PutBucketEncryptionInput>,
) -> Answer<PutBucketEncryptionOutput> {
    let mut input = request.input;
    let configuration = &mut input.server_side_encryption_configuration;
    let [rule] = configuration.rules.as_mut_slice() else { return Err(Refusal::malformed_xml()) };
    rule.bucket_key_enabled.get_or_insert(false);
    if let Some(by_default) = &rule.apply_server_side_encryption_by_default {
        let algorithm = by_default.sse_algorithm.as_str();
        if !["AES256", "aws:kms", "aws:kms:dsse"].contains(&algorithm) {
            return Err(Refusal::malformed_xml());
        }
        if let (Some(key), "AES256") = (&by_default.kms_master_key_id, algorithm) {
            let message =
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse";
            return Err(Refusal::argument("ApplyServerSideEncryptionByDefault", key.clone(), message));
        }
    }
    keep(context, &input.bucket, NAME, configuration)?;
    done(PutBucketEncryptionOutput::default())
}

pub(in crate::s3) async fn get_encryption(
    context: &Context,
    request: S3Request<GetBucketEncryptionInput>,
) -> Answer<GetBucketEncryptionOutput> {
    let kept = text(context, &request.input.bucket, NAME)?;
    let configuration = match kept {
        Some(kept) => read(&kept)?,
        None => ServerSideEncryptionConfiguration { rules: vec![usual()] },
    };
    done(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(configuration) })
}

pub(in crate::s3) async fn delete_encryption(
    context: &Context,
    request: S3Request<DeleteBucketEncryptionInput>,
) -> Answer<DeleteBucketEncryptionOutput> {
    set(context, &request.input.bucket, NAME, None)?;
    done(DeleteBucketEncryptionOutput::default())
}
