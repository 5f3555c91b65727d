//! Access: the one place from which S3 asks whether a caller may do an operation.
//!
//! IAM decides by the caller's own policies and the bucket's. S3 adds what is its own: a caller who may not list a bucket is not told
//! which keys it lacks, and of a bucket that is not there everybody is told so.

mod conditions;
mod lists;
mod needs;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};

use super::asked::Asked;
use super::context::Context;
use super::refusal::Refusal;
use crate::core::{Principal, Question};
use conditions::{Conditions, Said};
use needs::{Need, action, bucket_arn, object_arn};

/// Asks whether a caller may do what they need to.
fn permit(context: &Context, asked: &Asked, need: Need, conditions: Conditions) -> Result<(), Refusal> {
    let Some(hub) = context.hub() else { return Ok(()) };
    let Some(authority) = hub.authority().filter(|_| !asked.caller.is_plane()) else { return Ok(()) };
    let stranger = asked.caller.principal == Principal::Anonymous;
    let listed = stranger && lists::grant(context, &need);
    let resources = [need.resource];
    let question = Question { caller: &asked.caller, action: &need.action, resources: &resources, context: conditions };
    match authority.decide(&question) {
        Err(denial) if listed && !denial.message.contains("explicit deny") => Ok(()),
        Err(_) if stranger => Err(Refusal::access_denied()),
        Err(denial) => Err(Refusal::new("AccessDenied", 403, quoted(&denial.message, &resources[0]))),
        Ok(()) => Ok(()),
    }
}

/// S3 puts the resource of a denial in quotes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
fn quoted(message: &str, resource: &str) -> String {
    message.replacen(&format!("on resource: {resource}"), &format!("on resource: \"{resource}\""), 1)
}

/// Asks whether a caller may remove one object of several.
pub(super) fn permit_removal(
    context: &Context,
    asked: &Asked,
    (bucket, key): (&str, &str),
    version: Option<&str>,
    bypass: bool,
) -> Result<(), Refusal> {
    let path = S3Path::object(bucket, key);
    let conditions = || conditions::of_object(context, &path, version);
    let need = |action: &str| Need { action: format!("s3:{action}"), resource: object_arn(bucket, key) };
    permit(context, asked, need(&action("DeleteObject", version.is_some())), conditions())?;
    if bypass { permit(context, asked, need("BypassGovernanceRetention"), conditions()) } else { Ok(()) }
}

/// The refusal for a key that is not there: a caller who may not list the bucket is not told.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(super) fn missing(context: &Context, extensions: &http::Extensions, bucket: &str, refusal: Refusal) -> Refusal {
    if refusal.code != "NoSuchKey" {
        return refusal;
    }
    let Some(asked) = extensions.get::<Asked>() else { return refusal };
    let need = Need { action: "s3:ListBucket".to_owned(), resource: bucket_arn(bucket) };
    permit(context, asked, need, Vec::new()).err().unwrap_or(refusal)
}

/// The library's question before every operation.
pub(super) struct Access(pub(super) Arc<Context>);

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let asked = cx.extensions_mut().get::<Asked>().cloned().unwrap_or_default();
        let operation = cx.s3_op().name();
        let path = match (cx.s3_path(), &asked.posted) {
            (S3Path::Bucket { bucket }, Some(key)) => &S3Path::object(bucket, key),
            (path, _) => path,
        };
        asked.set_operation(operation);
        if operation != "CreateBucket" && self.is_of_no_bucket(path) {
            // Every caller is told that the bucket is not there.
            return Ok(());
        }
        let said = Said { uri: cx.uri(), headers: cx.headers() };
        let mut conditions = conditions::of_request(&said, &asked, &self.0.identity().account);
        conditions.extend(conditions::of_object(&self.0, path, said.parameter("versionId").as_deref()));
        for need in needs::needs(operation, path, &said) {
            permit(&self.0, &asked, need, conditions.clone())?;
        }
        Ok(())
    }
}

impl Access {
    fn is_of_no_bucket(&self, path: &S3Path) -> bool {
        let (S3Path::Bucket { bucket } | S3Path::Object { bucket, .. }) = path else { return false };
        self.0.store.look(|index| index.bucket(bucket).is_err())
    }
}

/// The library asks for access only where it knows of signatures. They are off before it sees a request.
pub(super) struct Unsigned;

#[async_trait::async_trait]
impl S3Auth for Unsigned {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Err(s3_error!(InvalidAccessKeyId))
    }
}
