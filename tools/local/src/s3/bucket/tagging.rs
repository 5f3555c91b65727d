//! The tags of a bucket.

use s3s::S3Request;
use s3s::dto::{
    DeleteBucketTaggingInput, DeleteBucketTaggingOutput, GetBucketTaggingInput, GetBucketTaggingOutput,
    PutBucketTaggingInput, PutBucketTaggingOutput, Tagging,
};

use super::settings::{keep, kept, missing, set};
use crate::s3::context::{Answer, Context, done};
use crate::s3::tags;

const NAME: &str = "tagging";

pub(in crate::s3) async fn put(
    context: &Context,
    request: S3Request<PutBucketTaggingInput>,
) -> Answer<PutBucketTaggingOutput> {
    let input = request.input;
    let tags = tags::of_set(&input.tagging.tag_set, tags::BUCKET_LIMIT)?;
    if tags.is_empty() {
        set(context, &input.bucket, NAME, None)?;
    } else {
        keep(context, &input.bucket, NAME, &input.tagging)?;
    }
    Ok(s3s::S3Response::with_status(PutBucketTaggingOutput::default(), http::StatusCode::NO_CONTENT))
}

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetBucketTaggingInput>,
) -> Answer<GetBucketTaggingOutput> {
    let bucket = request.input.bucket;
    let kept: Tagging =
        kept(context, &bucket, NAME)?.ok_or_else(|| missing("NoSuchTagSet", "The TagSet does not exist", &bucket))?;
    done(GetBucketTaggingOutput { tag_set: kept.tag_set })
}

pub(in crate::s3) async fn delete(
    context: &Context,
    request: S3Request<DeleteBucketTaggingInput>,
) -> Answer<DeleteBucketTaggingOutput> {
    set(context, &request.input.bucket, NAME, None)?;
    done(DeleteBucketTaggingOutput::default())
}
