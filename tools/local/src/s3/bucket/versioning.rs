//! The versioning of a bucket: enabled, suspended, or never set.

use s3s::S3Request;
use s3s::dto::{
    BucketVersioningStatus, GetBucketVersioningInput, GetBucketVersioningOutput, MFADelete, PutBucketVersioningInput,
    PutBucketVersioningOutput,
};

use super::settings;
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Change};

const NAME: &str = "versioning";
/// Every write makes a version with an id of its own.
pub(in crate::s3) const ENABLED: &str = "Enabled";
/// Every write replaces the version that has no id of its own.
const SUSPENDED: &str = "Suspended";

/// `Enabled` or `Suspended`; none for a bucket that never had versions.
pub(in crate::s3) fn of(bucket: &Bucket) -> Option<&str> {
    bucket.setting(NAME)
}

/// True if a write makes a version with an id of its own.
pub(in crate::s3) fn is_enabled(bucket: &Bucket) -> bool {
    of(bucket) == Some(ENABLED)
}

pub(in crate::s3) async fn put(
    context: &Context,
    request: S3Request<PutBucketVersioningInput>,
) -> Answer<PutBucketVersioningOutput> {
    let input = request.input;
    let configuration = input.versioning_configuration;
    let status = match configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(ENABLED) => ENABLED,
        Some(SUSPENDED) => SUSPENDED,
        Some(_) => return Err(Refusal::malformed_xml()),
        None => {
            let message = "The Versioning element must be specified";
            return Err(Refusal::new("IllegalVersioningConfigurationException", 400, message));
        }
    };
    if configuration.mfa_delete.as_ref().is_some_and(|mfa| mfa.as_str() == MFADelete::ENABLED) {
        return Err(Refusal::not_implemented("PutBucketVersioning with MfaDelete"));
    }
    context.store.change(|index| {
        let bucket = index.bucket(&input.bucket)?;
        if status == SUSPENDED && bucket.setting("object-lock").is_some() {
            let message =
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.";
            return Err(Refusal::new("InvalidBucketState", 409, message));
        }
        let (bucket, name, value) = (input.bucket.clone(), NAME.to_owned(), Some(status.to_owned()));
        Ok((vec![Change::Set { bucket, name, value }], ()))
    })?;
    done(PutBucketVersioningOutput::default())
}

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetBucketVersioningInput>,
) -> Answer<GetBucketVersioningOutput> {
    let status = settings::text(context, &request.input.bucket, NAME)?.map(BucketVersioningStatus::from);
    done(GetBucketVersioningOutput { status, mfa_delete: None })
}
