//! The door: what is done to a request before the library sees it, and to its answer afterwards.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, header};
use percent_encoding::percent_decode_str;

use super::answer::{self, Question};
use super::asked::Asked;
use super::bucket::settings::cors_rules;
use super::endpoint::S3Endpoint;
use super::refusal::Refusal;
use super::{body, cors, form, presigned, trail};
use crate::core::{Caller, ServiceError};
use crate::signing::bucket_of_host;

/// Operations that the library does not know, by the query parameter that names them.
const UNKNOWN: [(&str, &str); 7] = [
    ("abac", "BucketAbac"),
    ("metadataConfiguration", "BucketMetadataConfiguration"),
    ("metadataInventoryTable", "BucketMetadataInventoryTableConfiguration"),
    ("metadataJournalTable", "BucketMetadataJournalTableConfiguration"),
    ("metadataTable", "BucketMetadataTableConfiguration"),
    ("renameObject", "RenameObject"),
    ("session", "CreateSession"),
];

impl S3Endpoint {
    /// Answers one request of this caller.
    pub(crate) async fn answer(&self, mut parts: Parts, body: Body, caller: Result<Caller, ServiceError>) -> Response {
        let identity = self.context.identity();
        let (caller, refused) = match caller {
            Ok(caller) => (caller, None),
            Err(error) => (crate::core::Principal::Anonymous.into(), Some(of_credentials(error))),
        };
        let mut asked = Asked::new(caller, &identity);
        asked.sent = presigned::sent(&parts, self.context.now());
        let method = parts.method.clone();
        let read = body::read(&mut parts, body).await;
        address(&mut parts);
        let path = percent_decode_str(parts.uri.path().trim_start_matches('/')).decode_utf8_lossy().into_owned();
        let ready = match (refused, read) {
            (Some(refusal), _) | (None, Err(refusal)) => Err(refusal),
            (None, Ok(body)) => self.signed_form(&parts, body, &path, &mut asked),
        };
        let ready = ready.and_then(|body| self.prepare(&mut parts, body, &path));
        let question = Question { method: &method, path: &path, asked: &asked };
        match ready {
            Ok(Prepared::Preflight) => self.preflight(&question, &parts),
            Ok(Prepared::Operation(body)) => self.run(&question, parts, body).await,
            Err(refusal) => answer::refused(&question, refusal),
        }
    }

    /// The body of a request; of a form without its signature, whose caller is then the one who asks.
    fn signed_form(&self, parts: &Parts, body: Bytes, path: &str, asked: &mut Asked) -> Result<Bytes, Refusal> {
        let hub = self.context.hub();
        let bucket = path.trim_end_matches('/');
        let Some(form) = form::read(hub.as_deref(), parts, &body, bucket) else { return Ok(body) };
        let form = form?;
        asked.is_posted(form.key, form.caller, &self.context.identity());
        Ok(form.body)
    }

    /// Everything that is right about a request before its operation is known.
    fn prepare(&self, parts: &mut Parts, body: Bytes, path: &str) -> Result<Prepared, Refusal> {
        presigned::unsign(parts, self.context.now())?;
        if parts.method == Method::OPTIONS {
            return Ok(Prepared::Preflight);
        }
        check_owner(parts, &self.context.identity().account)?;
        check_known(parts, path)?;
        check_encryption(parts, &body)?;
        // A range that cannot be read is no range: the whole object is the answer.
        let range = parts.headers.get(header::RANGE).and_then(|range| range.to_str().ok());
        if range.is_some_and(|range| s3s::dto::Range::parse(range).is_err()) {
            parts.headers.remove(header::RANGE);
        }
        parts.headers.remove(header::TRANSFER_ENCODING);
        let has_body = !body.is_empty() || parts.headers.contains_key(header::CONTENT_LENGTH);
        if has_body || parts.method == Method::PUT {
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        Ok(Prepared::Operation(body))
    }

    async fn run(&self, question: &Question<'_>, mut parts: Parts, body: Bytes) -> Response {
        let bucket = question.path.split('/').next().unwrap_or_default();
        let rules = match parts.headers.contains_key(header::ORIGIN) {
            true => cors_rules(&self.context, bucket).ok().flatten().unwrap_or_default(),
            false => Vec::new(),
        };
        let allowed = cors::headers(&rules, question.method, &parts.headers);
        let sent = trail::Sent::new(&parts.headers, &parts.uri);
        parts.extensions.insert(question.asked.clone());
        let request = http::Request::from_parts(parts, s3s::Body::from(body));
        let mut response = match self.service.call(request).await {
            Ok(response) => answer::complete(question, response).await,
            Err(error) => {
                let refusal = Refusal::internal(&format!("{error:?}"));
                answer::refused(question, refusal)
            }
        };
        trail::record(&self.context, question, &sent, response.extensions_mut().remove());
        response.headers_mut().extend(allowed);
        response
    }

    fn preflight(&self, question: &Question<'_>, parts: &Parts) -> Response {
        let bucket = question.path.split('/').next().unwrap_or_default();
        let rules = cors_rules(&self.context, bucket).ok().flatten();
        match cors::preflight(rules.as_deref(), &parts.headers) {
            Ok((status, headers)) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = status;
                *response.headers_mut() = headers;
                response
            }
            Err(refusal) => answer::refused(question, refusal),
        }
    }
}

/// The next step for a request that the door has read.
enum Prepared {
    /// A browser asks whether it may.
    Preflight,
    /// An operation with its body.
    Operation(Bytes),
}

/// Credentials that are refused, in S3's words.
fn of_credentials(error: ServiceError) -> Refusal {
    match error.code.as_str() {
        "ExpiredTokenException" => Refusal::new("ExpiredToken", 400, "The provided token has expired."),
        "UnrecognizedClientException" => {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            Refusal::new("InvalidAccessKeyId", 403, message)
        }
        "InvalidSignatureException" | "SignatureDoesNotMatch" => {
            let message = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
            Refusal::new("SignatureDoesNotMatch", 403, message)
        }
        _ => Refusal::new("AccessDenied", 403, error.message),
    }
}

/// Virtual-host style as path style: `bucket.s3.…` and `bucket.localhost` name the bucket in the host.
fn address(parts: &mut Parts) {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let Some(bucket) = bucket_of_host(host) else { return };
    let rest = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    if let Ok(uri) = format!("/{bucket}{rest}").parse() {
        parts.uri = uri;
    }
}

/// A request may name the account that it expects to own the buckets.
fn check_owner(parts: &Parts, account: &str) -> Result<(), Refusal> {
    for name in ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"] {
        if let Some(expected) = parts.headers.get(name)
            && expected != account
        {
            let valid = expected.len() == 12 && expected.as_bytes().iter().all(u8::is_ascii_digit);
            let value = expected.to_str().unwrap_or_default();
            let message = "The value of the expected bucket owner parameter must be an AWS account ID";
            return Err(if valid { Refusal::access_denied() } else { Refusal::argument(name, value, message) });
        }
    }
    Ok(())
}

/// A rule that the library cannot read is named. Only such a body has the element.
fn check_encryption(parts: &Parts, body: &[u8]) -> Result<(), Refusal> {
    const BLOCKED: &[u8] = b"<BlockedEncryptionTypes>";
    let is_rule = parts.method == Method::PUT && parts.uri.query().is_some_and(|query| query.starts_with("encryption"));
    if is_rule && body.windows(BLOCKED.len()).any(|window| window == BLOCKED) {
        return Err(Refusal::not_implemented("PutBucketEncryption with BlockedEncryptionTypes"));
    }
    Ok(())
}

/// An operation that the library would take for another is refused by its name.
fn check_known(parts: &Parts, path: &str) -> Result<(), Refusal> {
    let query = parts.uri.query().unwrap_or_default();
    let named = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    if parts.method == Method::PUT && path.contains('/') && named("encryption") {
        return Err(Refusal::not_implemented("UpdateObjectEncryption"));
    }
    let Some((_, operation)) = UNKNOWN.into_iter().find(|(name, _)| named(name)) else { return Ok(()) };
    let verb = match (parts.method.as_str(), operation) {
        (_, "RenameObject" | "CreateSession") => "",
        ("GET", _) => "Get",
        ("DELETE", _) => "Delete",
        ("POST", _) => "Create",
        _ if operation == "BucketAbac" => "Put",
        _ => "Update",
    };
    Err(Refusal::not_implemented(&format!("{verb}{operation}")))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("InvalidSignatureException", "SignatureDoesNotMatch")]
    #[test_case("SignatureDoesNotMatch", "SignatureDoesNotMatch")]
    #[test_case("ExpiredTokenException", "ExpiredToken")]
    #[test_case("UnrecognizedClientException", "InvalidAccessKeyId")]
    fn credentials_are_refused_in_s3s_words(code: &str, told: &str) {
        assert_eq!(of_credentials(ServiceError::new(code, "")).code, told);
    }

    #[test]
    fn a_rule_that_is_not_run_is_named() {
        let (parts, ()) = http::Request::put("/b-1?encryption").body(()).unwrap().into_parts();
        let body =
            b"<Rule><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>";
        assert_eq!(check_encryption(&parts, body).unwrap_err().code, "NotImplemented");
        assert!(check_encryption(&parts, b"<Rule/>").is_ok());
    }
}
