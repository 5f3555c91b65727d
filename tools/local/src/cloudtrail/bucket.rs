//! The bucket of a trail, which has to be there and to let CloudTrail write.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>

use super::state::CloudTrail;
use super::trail::Destination;
use crate::core::{Caller, Question, ServiceError};

/// The principal that a bucket's policy lets in.
const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

impl CloudTrail {
    /// Refuses a bucket that is not there, or whose policy does not let CloudTrail write.
    pub(super) async fn check_bucket(&self, destination: Destination<'_>) -> Result<(), ServiceError> {
        let bucket = destination.bucket;
        if let Err(error) = self.hub.objects()?.get(bucket, "AWSLogs").await
            && error.is("NoSuchBucket")
        {
            let text = format!("S3 bucket {bucket} does not exist!");
            return Err(ServiceError::new("S3BucketDoesNotExistException", text));
        }
        self.may_write(destination).map_err(|_| {
            let text = format!("Incorrect S3 bucket policy is detected for bucket: {bucket}");
            ServiceError::new("InsufficientS3BucketPolicyException", text)
        })
    }

    /// Fails for a bucket whose policy does not let CloudTrail read its access list and write its files; a bucket
    /// without a policy lets nobody in.
    pub(super) fn may_write(&self, destination: Destination<'_>) -> Result<(), ServiceError> {
        let Destination { bucket, prefix, trail } = destination;
        let caller = Caller::service_for(CLOUDTRAIL, trail);
        let Some(authority) = self.hub.authority() else { return Ok(()) };
        let ask = |action: &str, resource: String, context: Vec<(String, Vec<String>)>| {
            authority.decide(&Question { caller: &caller, action, resources: &[resource], context })
        };
        ask("s3:GetBucketAcl", format!("arn:aws:s3:::{bucket}"), Vec::new())?;
        let folder = prefix.map(|prefix| format!("{}/", prefix.trim_end_matches('/'))).unwrap_or_default();
        let file = format!("arn:aws:s3:::{bucket}/{folder}AWSLogs/{}/CloudTrail", self.hub.identity.account);
        let owned = vec![("s3:x-amz-acl".to_owned(), vec!["bucket-owner-full-control".to_owned()])];
        ask("s3:PutObject", file, owned)
    }
}
