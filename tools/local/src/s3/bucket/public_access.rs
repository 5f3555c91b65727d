//! Block Public Access. Every new bucket has all four blocks.

use s3s::S3Request;
use s3s::dto::{
    DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput, GetPublicAccessBlockInput, GetPublicAccessBlockOutput,
    PublicAccessBlockConfiguration, PutPublicAccessBlockInput, PutPublicAccessBlockOutput,
};

use super::settings::{keep, missing, read, set};
use crate::s3::context::{Answer, Context, done};
use crate::s3::store::Bucket;

const NAME: &str = "publicAccessBlock";
/// Kept in place of a document that was deleted.
const NONE: &str = "none";

/// The public access block of a bucket: all four blocks of a new bucket, none if the document was deleted.
pub(in crate::s3) fn of(bucket: &Bucket) -> Option<PublicAccessBlockConfiguration> {
    match bucket.setting(NAME) {
        Some(NONE) => None,
        Some(text) => read(text).ok(),
        None => Some(blocks([true; 4])),
    }
}

fn blocks([acls, policy, ignore, restrict]: [bool; 4]) -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration {
        block_public_acls: Some(acls),
        block_public_policy: Some(policy),
        ignore_public_acls: Some(ignore),
        restrict_public_buckets: Some(restrict),
    }
}

pub(in crate::s3) async fn put(
    context: &Context,
    request: S3Request<PutPublicAccessBlockInput>,
) -> Answer<PutPublicAccessBlockOutput> {
    let given = request.input.public_access_block_configuration;
    let whole = blocks(
        [given.block_public_acls, given.block_public_policy, given.ignore_public_acls, given.restrict_public_buckets]
            .map(|block| block.unwrap_or(false)),
    );
    keep(context, &request.input.bucket, NAME, &whole)?;
    done(PutPublicAccessBlockOutput::default())
}

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetPublicAccessBlockInput>,
) -> Answer<GetPublicAccessBlockOutput> {
    let bucket = request.input.bucket;
    let held = context.store.look(|index| index.bucket(&bucket).map(of))?.ok_or_else(|| {
        let message = "The public access block configuration was not found";
        missing("NoSuchPublicAccessBlockConfiguration", message, &bucket)
    })?;
    done(GetPublicAccessBlockOutput { public_access_block_configuration: Some(held) })
}

pub(in crate::s3) async fn delete(
    context: &Context,
    request: S3Request<DeletePublicAccessBlockInput>,
) -> Answer<DeletePublicAccessBlockOutput> {
    set(context, &request.input.bucket, NAME, Some(NONE.to_owned()))?;
    done(DeletePublicAccessBlockOutput::default())
}
