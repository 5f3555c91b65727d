//! CORS rules. The door answers preflight requests by them.

use s3s::S3Request;
use s3s::dto::*;

use super::{keep, kept, missing, set};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;

const NAME: &str = "cors";
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// The CORS rules of a bucket; none if it has none.
pub(in crate::s3) fn rules(context: &Context, bucket: &str) -> Result<Option<CORSRules>, Refusal> {
    Ok(kept::<CORSConfiguration>(context, bucket, NAME)?.map(|kept| kept.cors_rules))
}

pub(in crate::s3) async fn put_cors(
    context: &Context,
    request: S3Request<PutBucketCorsInput>,
) -> Answer<PutBucketCorsOutput> {
    let input = request.input;
    check(&input.cors_configuration.cors_rules)?;
    keep(context, &input.bucket, NAME, &input.cors_configuration)?;
    done(PutBucketCorsOutput::default())
}

fn check(rules: &[CORSRule]) -> Result<(), Refusal> {
    if rules.is_empty() || rules.len() > 100 {
        return Err(Refusal::malformed_xml());
    }
    for rule in rules {
        if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
            return Err(Refusal::malformed_xml());
        }
        if let Some(method) = rule.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
            let message = format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}");
            return Err(Refusal::request(message));
        }
        if let Some(origin) = rule.allowed_origins.iter().find(|origin| origin.matches('*').count() > 1) {
            return Err(Refusal::request(format!("AllowedOrigin \"{origin}\" can not have more than one wildcard.")));
        }
        let headers = rule.allowed_headers.iter().flatten();
        if let Some(header) = headers.clone().find(|header| header.matches('*').count() > 1) {
            return Err(Refusal::request(format!("AllowedHeader \"{header}\" can not have more than one wildcard.")));
        }
        if let Some(header) = rule.expose_headers.iter().flatten().find(|header| header.contains('*')) {
            let message = format!(
                "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            );
            return Err(Refusal::request(message));
        }
    }
    Ok(())
}

pub(in crate::s3) async fn get_cors(
    context: &Context,
    request: S3Request<GetBucketCorsInput>,
) -> Answer<GetBucketCorsOutput> {
    let bucket = request.input.bucket;
    let rules = rules(context, &bucket)?
        .ok_or_else(|| missing("NoSuchCORSConfiguration", "The CORS configuration does not exist", &bucket))?;
    done(GetBucketCorsOutput { cors_rules: Some(rules) })
}

pub(in crate::s3) async fn delete_cors(
    context: &Context,
    request: S3Request<DeleteBucketCorsInput>,
) -> Answer<DeleteBucketCorsOutput> {
    set(context, &request.input.bucket, NAME, None)?;
    done(DeleteBucketCorsOutput::default())
}
