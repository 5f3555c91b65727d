//! The bodies of requests, as handlers need them.

use std::io::Read as _;

use axum::body::{Body, Bytes};
use axum::extract::FromRequest;
use flate2::read::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Request};
use serde_json::Value;

use super::error::ApiError;
use super::idempotency::Repeat;
use crate::domain::{Contact, Fields, validate};

/// A contact at its limits is far smaller; API Gateway alone would let 10 MB through.
pub(super) const BODY_LIMIT: usize = 256 * 1024;

/// The media type of a whole contact.
pub(crate) const JSON: &str = "application/json";
/// The media type of a change (RFC 7396).
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

/// A contact's fields, validated.
pub(super) struct Draft(pub(super) Fields);

impl<S: Sync> FromRequest<S> for Draft {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        fields(&json_body(&parts.headers, body, JSON).await?).map(Self)
    }
}

/// A new contact, and what tells whether the request is one that was sent before.
pub(super) struct Creation {
    pub(super) fields: Fields,
    pub(super) repeat: Option<Repeat>,
}

impl<S: Sync> FromRequest<S> for Creation {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body = json_body(&parts.headers, body, JSON).await?;
        let repeat = Repeat::of(&parts.headers, &parts.method, parts.uri.path(), &body)?;
        Ok(Self { fields: fields(&body)?, repeat })
    }
}

/// A change of a contact.
pub(super) struct MergePatch(Value);

impl<S: Sync> FromRequest<S> for MergePatch {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        json(&json_body(&parts.headers, body, MERGE_PATCH).await?).map(Self)
    }
}

impl MergePatch {
    /// The fields of the contact after the change; the pointers of faults are those of the whole contact.
    pub(super) fn merged_into(&self, before: &Contact) -> Result<Fields, ApiError> {
        let mut contact = serde_json::to_value(before).map_err(ApiError::Unwritable)?;
        json_patch::merge(&mut contact, &self.0);
        validate(&contact).map_err(ApiError::Invalid)
    }
}

fn fields(body: &[u8]) -> Result<Fields, ApiError> {
    validate(&json(body)?).map_err(ApiError::Invalid)
}

fn json(body: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(body).map_err(ApiError::NotJson)
}

/// The body of a request for one contact, if it is of the media type.
async fn json_body(headers: &HeaderMap, body: Body, accepted: &'static str) -> Result<Bytes, ApiError> {
    if media_type(headers).as_deref() != Some(accepted) {
        return Err(ApiError::UnsupportedMediaType { accepted });
    }
    read(headers, body, BODY_LIMIT).await
}

/// The media type of the body, without its parameters: JSON has none that mean anything (RFC 8259, section 11), and every text is
/// taken in UTF-8.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = header(headers, &CONTENT_TYPE, "")?;
    Some(value.split(';').next().unwrap_or_default().trim().to_owned())
}

/// The body, of `limit` bytes at most, after undoing its content coding.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let body = axum::body::to_bytes(body, limit).await.map_err(|_| ApiError::TooLarge)?;
    match header(headers, &CONTENT_ENCODING, "identity").as_deref().map(str::trim) {
        Some("identity") => Ok(body),
        Some("gzip" | "x-gzip") => gunzip(&body, limit),
        _ => Err(ApiError::UnsupportedEncoding),
    }
}

/// The header in small letters; `None` when it cannot be read or is there more than once.
fn header(headers: &HeaderMap, name: &HeaderName, default: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map_or(Some(default), |value| value.to_str().ok())?;
    values.next().is_none().then(|| value.to_ascii_lowercase())
}

/// The text behind a body in gzip; a small body must not become a large one.
fn gunzip(body: &[u8], limit: usize) -> Result<Bytes, ApiError> {
    let mut plain = Vec::new();
    let more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body).take(more).read_to_end(&mut plain).map_err(|_| ApiError::NotGzip)?;
    if plain.len() > limit { Err(ApiError::TooLarge) } else { Ok(plain.into()) }
}
