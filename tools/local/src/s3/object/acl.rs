//! The access control list of an object, in buckets that have them.

use s3s::S3Request;
use s3s::dto::{GetObjectAclInput, GetObjectAclOutput, PutObjectAclInput, PutObjectAclOutput};

use super::find;
use super::tagging::alter;
use crate::s3::bucket::acl::{self, asked_acl};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;

pub(in crate::s3) async fn get(context: &Context, request: S3Request<GetObjectAclInput>) -> Answer<GetObjectAclOutput> {
    let input = request.input;
    let list = context.store.look(|index| {
        let (_, object) = find(index.bucket(&input.bucket)?, &input.key, input.version_id.as_deref())?;
        acl::of(context, object.description.acl.as_deref())
    })?;
    done(GetObjectAclOutput { grants: list.grants, owner: list.owner, request_charged: None })
}

pub(in crate::s3) async fn put(context: &Context, request: S3Request<PutObjectAclInput>) -> Answer<PutObjectAclOutput> {
    let input = request.input;
    let asked = asked_acl!(input, input.grant_write.clone(), input.access_control_policy.clone());
    if asked.is_silent() {
        let message = "Your request was missing a required header";
        return Err(Refusal::new("MissingSecurityHeader", 400, message).with("MissingHeaderName", "x-amz-acl"));
    }
    let list = context.store.look(|index| asked.for_object(context, index.bucket(&input.bucket)?))?;
    alter(context, (&input.bucket, &input.key), input.version_id.as_deref(), |description| {
        description.acl = list;
        Ok(())
    })?;
    done(PutObjectAclOutput::default())
}
