//! awsJson 1.0 and 1.1.

use axum::body::Bytes;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::codes::Names;
use super::response::respond;
use crate::core::{Reply, ServiceError};
use crate::model::{Model, Operation};
use crate::wire::document::{self, Body};

/// A request: the operation after the target's dot, its model where there is one, and the body.
pub(super) struct Decoded<'m> {
    pub(super) operation: String,
    pub(super) known: Option<(&'m Model, &'m Operation)>,
    pub(super) input: Value,
}

/// Reads a request.
pub(super) fn decode<'m>(model: Option<&'m Model>, target: &str, body: &Bytes) -> Result<Decoded<'m>, ServiceError> {
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let known = model.and_then(|model| Some((model, model.operation(&operation)?)));
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Decoded { operation, known, input: json!({}) });
    }
    let mut input: Value = serde_json::from_slice(body)
        .map_err(|_| ServiceError::new("SerializationException", "Could not parse the request body as JSON"))?;
    if !input.is_object() {
        return Err(ServiceError::new("SerializationException", "Start of list found where not expected"));
    }
    let shape = known.and_then(|(model, known)| Some((model, known.input?)));
    if let Some((model, shape)) = shape {
        document::read(model, shape, &mut input);
    }
    Ok(Decoded { operation, known, input })
}

/// The reply in the version that was asked in.
pub(super) fn encode(known: Option<(&Model, &Operation)>, parts: &Parts, reply: Reply) -> Response {
    let content_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .filter(|v| v.starts_with("application/x-amz-json"))
        .unwrap_or("application/x-amz-json-1.1");
    match reply {
        Ok(output) => match body(known, &output) {
            Ok(body) => respond(200, content_type, body),
            Err(error) => respond(500, "text/plain", error.to_string()),
        },
        Err(error) => {
            // A service that used to speak the query protocol tells both its names of an error.
            let former = known.filter(|(model, _)| model.query_compatible);
            let names = former.map(|(model, _)| Names::of(Some(model), &error.code));
            let shape = names.as_ref().map_or(&error.code, |names| &names.shape);
            let mut body = *error.extras;
            body.insert("__type".to_owned(), Value::String(shape.clone()));
            // Some errors with members of their own have the text among them, under another name.
            let told = body.contains_key("Message");
            if !told && (!error.message.is_empty() || names.is_none()) {
                body.insert("message".to_owned(), Value::String(error.message));
            }
            let mut response = respond(error.status, content_type, Value::Object(body).to_string());
            if let Ok(code) = HeaderValue::from_str(shape) {
                response.headers_mut().insert("x-amzn-errortype", code);
            }
            if let Some(names) = names {
                names.tell(&mut response, error.status);
            }
            response
        }
    }
}

/// An operation without an output shape answers nothing at all.
fn body(known: Option<(&Model, &Operation)>, output: &Value) -> serde_json::Result<Vec<u8>> {
    let Some((model, operation)) = known else { return serde_json::to_vec(output) };
    match operation.output.and_then(|shape| model.structure(shape)) {
        Some(structure) => serde_json::to_vec(&Body { model, structure, value: output, renamed: false }),
        None => Ok(Vec::new()),
    }
}
