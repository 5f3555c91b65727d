//! The answers of the APIs that a process in an environment asks.

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

pub(super) fn accepted() -> Response<Full<Bytes>> {
    reply(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

pub(super) fn refusal(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    reply(status, &json!({ "errorType": error_type, "errorMessage": message }))
}

pub(super) fn reply(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert("Content-Type", http::HeaderValue::from_static("application/json"));
    response
}
