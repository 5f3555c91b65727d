//! The sender of a request: resolved here, once.
//!
//! Keys that STS or IAM gave out stand for whom they were given. Any other key is the operator's, who is the account's root,
//! unless the plane was told to take issued keys only. A request without a signature is nobody's.

use axum::body::Bytes;
use http::request::Parts;

use super::scope::Scope;
use super::{signature, signature_2};
use crate::core::{Caller, Hub, Issued, Principal, ServiceError};
use crate::model::{Model, WireProtocol};

/// The header and the query parameter that carry a session token.
const TOKEN: &str = "x-amz-security-token";

/// The caller of a request with this scope. `body` is what was signed; none where the body's own digest was signed as a header
/// and is checked elsewhere (S3).
///
/// # Errors
/// The codes that AWS has for credentials that have ended or that are not what they should be.
pub(crate) fn of(hub: &Hub, scope: &Scope, parts: &Parts, body: Option<&Bytes>) -> Result<Caller, ServiceError> {
    if scope.access_key.is_empty() {
        return Ok(Principal::Anonymous.into());
    }
    let access_key = Some(scope.access_key.clone());
    let principal = match hub.authority().and_then(|authority| authority.issued(&scope.access_key)) {
        Some(issued) => checked(hub, issued, parts, body)?,
        None if hub.strict_credentials() => {
            let text = "The security token included in the request is invalid.";
            return Err(ServiceError::new("UnrecognizedClientException", text).with_status(403));
        }
        None => Principal::Root,
    };
    Ok(Caller { principal, access_key, through: None })
}

/// The principal of credentials that have not ended, that come with their token and that the request is signed with.
fn checked(hub: &Hub, issued: Issued, parts: &Parts, body: Option<&Bytes>) -> Result<Principal, ServiceError> {
    let refused = |code, text| Err(ServiceError::new(code, text).with_status(403));
    if issued.expires.is_some_and(|end| end <= hub.now()) {
        return refused("ExpiredTokenException", "The security token included in the request is expired");
    }
    if issued.token.as_ref().is_some_and(|token| !comes_with(parts, token)) {
        return refused("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    match body {
        // S3 alone checks the digest of a body by itself, and takes the older signature.
        None if signature_2::is_used(parts) => signature_2::verify(&issued.secret, parts)?,
        _ => signature::verify(&issued.secret, parts, body)?,
    }
    Ok(issued.principal)
}

/// A refusal of credentials as the service spells it: the query protocol has codes of its own.
pub(crate) fn spelled(model: Option<&Model>, error: ServiceError) -> ServiceError {
    let code = match error.code.as_str() {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "ExpiredTokenException" => "ExpiredToken",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        _ => return error,
    };
    let is_query = model.is_some_and(|model| matches!(model.protocol, WireProtocol::Query));
    if is_query { ServiceError { code: code.to_owned(), ..error } } else { error }
}

/// True if the request has this session token, in its header or in its query.
fn comes_with(parts: &Parts, token: &str) -> bool {
    if let Some(sent) = parts.headers.get(TOKEN) {
        return sent.as_bytes() == token.as_bytes();
    }
    let query = parts.uri.query().unwrap_or_default();
    let sent = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name.eq_ignore_ascii_case(TOKEN));
    sent.is_some_and(|(_, sent)| sent == token)
}
