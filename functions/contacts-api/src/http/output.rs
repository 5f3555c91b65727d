//! Answers: JSON bodies, and the entity tags of contacts.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::error::ApiError;
use super::preconditions::etag;
use crate::domain::Contact;

/// The result of every handler.
pub(super) type Answer = Result<Response, ApiError>;

/// An answer of `application/json`.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    typed(status, "application/json", body)
}

/// An answer of another JSON media type.
pub(super) fn typed(status: StatusCode, media_type: &'static str, body: &impl Serialize) -> Answer {
    let mut response = Response::new(Body::from(serde_json::to_vec(body).map_err(ApiError::Unwritable)?));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    Ok(response)
}

/// A contact with its entity tag.
pub(super) fn contact(status: StatusCode, contact: &Contact) -> Answer {
    let mut response = json(status, contact)?;
    tag(&mut response, contact);
    Ok(response)
}

/// The answer 304 to a client that has the contact as it is.
pub(super) fn not_modified(contact: &Contact) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    tag(&mut response, contact);
    response
}

fn tag(response: &mut Response, contact: &Contact) {
    if let Some(etag) = etag(contact.revision) {
        response.headers_mut().insert(ETAG, etag);
    }
}
