//! Answers with a JSON body.

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::error::ApiError;

/// What every handler answers with.
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
