//! Bucket policies: checked for form, kept, and there for whoever decides on access.

mod form;
mod public;

use s3s::S3Request;
use s3s::dto::{
    DeleteBucketPolicyInput, DeleteBucketPolicyOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, PolicyStatus, PutBucketPolicyInput, PutBucketPolicyOutput,
};
use serde_json::{Value, json};

use super::public_access;
use super::settings::{missing, set, text};
use crate::core::{Arn, Hub, Principal};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Change};
use form::{check, malformed, texts};
use public::{is_open, is_public};

const NAME: &str = "policy";

/// The policy of a bucket.
fn of(bucket: &Bucket) -> Option<&str> {
    bucket.setting(NAME)
}

pub(in crate::s3) async fn put(
    context: &Context,
    request: S3Request<PutBucketPolicyInput>,
) -> Answer<PutBucketPolicyOutput> {
    let input = request.input;
    let statements = check(&input.bucket, &input.policy)?;
    if let Some(hub) = context.hub() {
        for statement in &statements {
            check_known(&hub, statement).await?;
        }
    }
    let public = statements.iter().any(is_public);
    context.store.change(|index| {
        let blocks = public_access::of(index.bucket(&input.bucket)?);
        if public && blocks.is_some_and(|blocks| blocks.block_public_policy == Some(true)) {
            let message = format!(
                "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access. Resource: \"arn:aws:s3:::{}\"",
                input.bucket
            );
            return Err(Refusal::new("AccessDenied", 403, format!("s3:PutBucketPolicy is not authorized {message}")));
        }
        let (bucket, name, value) = (input.bucket.clone(), NAME.to_owned(), Some(input.policy.clone()));
        Ok((vec![Change::Set { bucket, name, value }], ()))
    })?;
    done(PutBucketPolicyOutput::default())
}

/// The policy of a bucket as it bears on a caller: a bucket that restricts public access has none for strangers while its
/// policy is public.
pub(in crate::s3) fn for_caller<'a>(bucket: &'a Bucket, caller: &Principal) -> Option<&'a str> {
    let restricts = || public_access::of(bucket).is_some_and(|blocks| blocks.restrict_public_buckets == Some(true));
    of(bucket).filter(|policy| *caller != Principal::Anonymous || !restricts() || !is_open(policy))
}

/// S3 looks up the users and roles that a policy names. Assumed: those of other accounts are there.
async fn check_known(hub: &Hub, statement: &Value) -> Result<(), Refusal> {
    let principals = statement.get("Principal").or_else(|| statement.get("NotPrincipal"));
    let named = principals.and_then(|principals| texts(principals.get("AWS"))).unwrap_or_default();
    let own = named.iter().filter_map(|name| Arn::parse(name)).filter(|arn| arn.account == hub.identity.account);
    for arn in own.filter(|arn| arn.service == "iam") {
        let (operation, member) = match arn.resource.split('/').next() {
            Some("user") => ("GetUser", "User"),
            Some("role") => ("GetRole", "Role"),
            _ => continue,
        };
        let found = hub.call("iam", operation, json!({ format!("{member}Name"): arn.name() })).await;
        let is_there = match found {
            Ok(reply) => reply[member]["Arn"] == arn.to_string(),
            // A store without IAM around it knows nobody, and refuses nobody.
            Err(error) => !error.is("NoSuchEntity") && !error.is("NoSuchEntityException"),
        };
        if !is_there {
            return Err(malformed("Invalid principal in policy"));
        }
    }
    Ok(())
}

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetBucketPolicyInput>,
) -> Answer<GetBucketPolicyOutput> {
    let policy = found(context, &request.input.bucket)?;
    done(GetBucketPolicyOutput { policy: Some(policy) })
}

fn found(context: &Context, bucket: &str) -> Result<String, Refusal> {
    let message = "The bucket policy does not exist";
    text(context, bucket, NAME)?.ok_or_else(|| missing("NoSuchBucketPolicy", message, bucket))
}

pub(in crate::s3) async fn status(
    context: &Context,
    request: S3Request<GetBucketPolicyStatusInput>,
) -> Answer<GetBucketPolicyStatusOutput> {
    let bucket = request.input.bucket;
    let is_public = check(&bucket, &found(context, &bucket)?)?.iter().any(is_public);
    done(GetBucketPolicyStatusOutput { policy_status: Some(PolicyStatus { is_public: Some(is_public) }) })
}

pub(in crate::s3) async fn delete(
    context: &Context,
    request: S3Request<DeleteBucketPolicyInput>,
) -> Answer<DeleteBucketPolicyOutput> {
    set(context, &request.input.bucket, NAME, None)?;
    done(DeleteBucketPolicyOutput::default())
}
