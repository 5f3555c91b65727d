//! `OPTIONS`: what a resource allows. Preflights of browsers are `cors`'s.

use axum::response::{IntoResponse as _, Response};
use http::header::ALLOW;
use http::{HeaderValue, StatusCode};

use super::body::MERGE_PATCH;
use super::error::ACCEPT_PATCH;

/// That `methods` are allowed, in the order in which axum says it with 405; a test compares the two.
pub(super) fn allow(methods: &'static str) -> Response {
    (StatusCode::NO_CONTENT, [(ALLOW, HeaderValue::from_static(methods))]).into_response()
}

/// The same for one contact, with what its PATCH takes (RFC 5789, section 3.1).
pub(super) fn allow_patch(methods: &'static str) -> Response {
    let mut response = allow(methods);
    response.headers_mut().insert(ACCEPT_PATCH, HeaderValue::from_static(MERGE_PATCH));
    response
}
