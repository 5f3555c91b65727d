//! The answers that API Gateway gives itself.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

/// `{"message": …}`.
pub(super) fn message(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json!({ "message": text }).to_string()).into_response()
}
