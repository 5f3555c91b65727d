//! awsJson 1.0 and 1.1.

use axum::body::Bytes;
use axum::response::Response;
use http::HeaderValue;
use http::header;
use http::request::Parts;
use serde_json::{Value, json};

use super::{respond, structure};
use crate::core::{Reply, ServiceError};

/// The operation after the target's dot and the body.
pub(super) fn decode(parts: &Parts, body: &Bytes) -> Result<(String, Value), ServiceError> {
    let target = parts.headers.get("x-amz-target").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    if body.is_empty() {
        return Ok((operation, json!({})));
    }
    serde_json::from_slice(body)
        .map(|input| (operation, input))
        .map_err(|error| ServiceError::new("SerializationException", format!("the body is not JSON: {error}")))
}

/// The reply in the version that was asked in.
pub(super) fn encode(parts: &Parts, reply: Reply) -> Response {
    let content_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .filter(|v| v.starts_with("application/x-amz-json"))
        .unwrap_or("application/x-amz-json-1.1");
    match structure(reply) {
        Ok(output) => respond(200, content_type, output.to_string()),
        Err(error) => {
            let mut body = *error.extras;
            body.insert("__type".to_owned(), Value::String(error.code.clone()));
            body.insert("message".to_owned(), Value::String(error.message));
            let mut response = respond(error.status, content_type, Value::Object(body).to_string());
            if let Ok(code) = HeaderValue::from_str(&error.code) {
                response.headers_mut().insert("x-amzn-errortype", code);
            }
            response
        }
    }
}
