//! An answer of the plane, whatever its protocol.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An answer with a content type and a request id, which every AWS answer has.
pub(super) fn respond(status: u16, content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id()) {
        response.headers_mut().insert(&REQUEST_ID, value);
    }
    response
}

pub(super) fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
