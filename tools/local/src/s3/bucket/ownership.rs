//! The ownership of a bucket's objects, which decides if it has access control lists at all.

use s3s::S3Request;
use s3s::dto::{
    CreateBucketInput, DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput,
    GetBucketOwnershipControlsInput, GetBucketOwnershipControlsOutput, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput,
};

use super::acl;
use super::ownership_rule::NAME;
use super::settings::{missing, set};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;
use crate::s3::store::Change;

/// Kept in place of controls that were deleted: lists are in force then, as in old buckets.
const NONE: &str = "none";

/// The ownership setting that a new bucket keeps; none if the request names none.
pub(super) fn at_creation(input: &CreateBucketInput) -> Result<Vec<(&'static str, String)>, Refusal> {
    match &input.object_ownership {
        Some(ownership) => Ok(vec![(NAME, checked(ownership)?)]),
        None => Ok(Vec::new()),
    }
}

fn checked(ownership: &ObjectOwnership) -> Result<String, Refusal> {
    let known = [
        ObjectOwnership::BUCKET_OWNER_ENFORCED,
        ObjectOwnership::BUCKET_OWNER_PREFERRED,
        ObjectOwnership::OBJECT_WRITER,
    ];
    match known.into_iter().find(|known| *known == ownership.as_str()) {
        Some(known) => Ok(known.to_owned()),
        None => {
            let message = "Invalid x-amz-object-ownership header";
            Err(Refusal::argument("x-amz-object-ownership", ownership.as_str(), message))
        }
    }
}

pub(in crate::s3) async fn put(
    context: &Context,
    request: S3Request<PutBucketOwnershipControlsInput>,
) -> Answer<PutBucketOwnershipControlsOutput> {
    let input = request.input;
    let [rule] = input.ownership_controls.rules.as_slice() else { return Err(Refusal::malformed_xml()) };
    let ownership = checked(&rule.object_ownership).map_err(|_| Refusal::malformed_xml())?;
    context.store.change(|index| {
        let bucket = index.bucket(&input.bucket)?;
        if ownership == ObjectOwnership::BUCKET_OWNER_ENFORCED && acl::grants_others(context, bucket) {
            let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
            return Err(Refusal::new("InvalidBucketAclWithObjectOwnership", 400, message));
        }
        let (bucket, name, value) = (input.bucket.clone(), NAME.to_owned(), Some(ownership));
        Ok((vec![Change::Set { bucket, name, value }], ()))
    })?;
    done(PutBucketOwnershipControlsOutput::default())
}

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetBucketOwnershipControlsInput>,
) -> Answer<GetBucketOwnershipControlsOutput> {
    let bucket = request.input.bucket;
    let held = super::settings::text(context, &bucket, NAME)?;
    let ownership = match held.as_deref() {
        Some(NONE) => {
            let message = "The bucket ownership controls were not found";
            return Err(missing("OwnershipControlsNotFoundError", message, &bucket));
        }
        Some(held) => ObjectOwnership::from(held.to_owned()),
        None => ObjectOwnership::from_static(ObjectOwnership::BUCKET_OWNER_ENFORCED),
    };
    let rules = vec![OwnershipControlsRule { object_ownership: ownership }];
    done(GetBucketOwnershipControlsOutput { ownership_controls: Some(OwnershipControls { rules }) })
}

pub(in crate::s3) async fn delete(
    context: &Context,
    request: S3Request<DeleteBucketOwnershipControlsInput>,
) -> Answer<DeleteBucketOwnershipControlsOutput> {
    set(context, &request.input.bucket, NAME, Some(NONE.to_owned()))?;
    done(DeleteBucketOwnershipControlsOutput::default())
}
