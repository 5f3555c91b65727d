//! The target of a bucket's access log: kept only, no log is written.

use s3s::S3Request;
use s3s::dto::*;

use super::{kept, set, write};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;

const NAME: &str = "logging";

pub(in crate::s3) async fn put_logging(
    context: &Context,
    request: S3Request<PutBucketLoggingInput>,
) -> Answer<PutBucketLoggingOutput> {
    let input = request.input;
    let document = match &input.bucket_logging_status.logging_enabled {
        Some(enabled) => {
            check_target(context, &input.bucket, enabled)?;
            Some(write(&input.bucket_logging_status)?)
        }
        None => None,
    };
    set(context, &input.bucket, NAME, document)?;
    done(PutBucketLoggingOutput::default())
}

fn check_target(context: &Context, bucket: &str, enabled: &LoggingEnabled) -> Result<(), Refusal> {
    let wrong = |message| {
        Err(Refusal::new("InvalidTargetBucketForLogging", 400, message).with("TargetBucket", &enabled.target_bucket))
    };
    context.store.look(|index| {
        let source = index.bucket(bucket)?;
        match index.bucket(&enabled.target_bucket) {
            Err(_) => wrong("The target bucket for logging does not exist"),
            Ok(target) if target.region != source.region => {
                wrong("Source and target buckets for logging must be in the same region.")
            }
            Ok(_) => Ok(()),
        }
    })
}

pub(in crate::s3) async fn get_logging(
    context: &Context,
    request: S3Request<GetBucketLoggingInput>,
) -> Answer<GetBucketLoggingOutput> {
    let kept = kept::<BucketLoggingStatus>(context, &request.input.bucket, NAME)?;
    done(GetBucketLoggingOutput { logging_enabled: kept.and_then(|kept| kept.logging_enabled) })
}
