//! The answers that API Gateway gives itself.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

/// The message of such an answer, which goes along with the response for the access log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message(pub(super) &'static str);

/// An answer of API Gateway itself: `{"message": …}`.
pub(super) fn message(status: StatusCode, text: &'static str) -> Response {
    let body = json!({ "message": text }).to_string();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    response.extensions_mut().insert(Message(text));
    response
}
