//! The website of a bucket: kept only, no website is served.

use s3s::S3Request;
use s3s::dto::*;

use super::{keep, kept, missing, set};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;

const NAME: &str = "website";

pub(in crate::s3) async fn put_website(
    context: &Context,
    request: S3Request<PutBucketWebsiteInput>,
) -> Answer<PutBucketWebsiteOutput> {
    let input = request.input;
    check(&input.website_configuration)?;
    keep(context, &input.bucket, NAME, &input.website_configuration)?;
    done(PutBucketWebsiteOutput::default())
}

fn check(website: &WebsiteConfiguration) -> Result<(), Refusal> {
    match (&website.redirect_all_requests_to, &website.index_document) {
        (Some(_), Some(_)) => {
            let message = "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.";
            Err(Refusal::argument("RedirectAllRequestsTo", "not null", message))
        }
        (None, None) => {
            let message = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty";
            Err(Refusal::argument("IndexDocument", "null", message))
        }
        (None, Some(index)) if index.suffix.is_empty() || index.suffix.contains('/') => {
            let message = "The IndexDocument Suffix is not well formed";
            Err(Refusal::argument("IndexDocument", index.suffix.clone(), message))
        }
        _ => Ok(()),
    }
}

pub(in crate::s3) async fn get_website(
    context: &Context,
    request: S3Request<GetBucketWebsiteInput>,
) -> Answer<GetBucketWebsiteOutput> {
    let bucket = request.input.bucket;
    let website: WebsiteConfiguration = kept(context, &bucket, NAME)?.ok_or_else(|| {
        let message = "The specified bucket does not have a website configuration";
        missing("NoSuchWebsiteConfiguration", message, &bucket)
    })?;
    done(GetBucketWebsiteOutput {
        error_document: website.error_document,
        index_document: website.index_document,
        redirect_all_requests_to: website.redirect_all_requests_to,
        routing_rules: website.routing_rules,
    })
}

pub(in crate::s3) async fn delete_website(
    context: &Context,
    request: S3Request<DeleteBucketWebsiteInput>,
) -> Answer<DeleteBucketWebsiteOutput> {
    set(context, &request.input.bucket, NAME, None)?;
    done(DeleteBucketWebsiteOutput::default())
}
