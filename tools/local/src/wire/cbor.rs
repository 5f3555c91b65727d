//! Smithy RPC v2 CBOR, which current SDKs prefer for CloudWatch.

use axum::body::Bytes;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value as Cbor;
use http::HeaderValue;
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::{respond, structure};
use crate::core::{Reply, ServiceError};

/// CBOR tag 1: seconds since the epoch.
const EPOCH: u64 = 1;

/// The operation of `/service/NAME/operation/OPERATION`, when the request speaks this protocol.
pub(super) fn operation(parts: &Parts) -> Option<String> {
    let protocol = parts.headers.get("smithy-protocol")?.to_str().ok()?;
    (protocol == "rpc-v2-cbor").then(|| parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned())
}

/// The body as the JSON values that services take.
pub(super) fn decode(body: &Bytes) -> Result<Value, ServiceError> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    ciborium::from_reader::<Cbor, _>(body.as_ref())
        .map(from_cbor)
        .map_err(|error| ServiceError::new("SerializationException", format!("the body is not CBOR: {error}")))
}

/// The reply as CBOR.
pub(super) fn encode(reply: Reply) -> Response {
    let (status, value, code) = match structure(reply) {
        Ok(output) => (200, output, None),
        Err(error) => (error.status, json!({ "__type": error.code, "message": error.message }), Some(error.code)),
    };
    let mut body = Vec::new();
    if let Err(error) = ciborium::into_writer(&to_cbor("", value), &mut body) {
        return respond(500, "text/plain", error.to_string());
    }
    let mut response = respond(status, "application/cbor", body);
    response.headers_mut().insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    // Clients of a service that used to speak the query protocol look here for the code they know.
    if let Some(value) = code.and_then(|code| HeaderValue::from_str(&format!("{code};Sender")).ok()) {
        response.headers_mut().insert("x-amzn-query-error", value);
    }
    response
}

fn from_cbor(value: Cbor) -> Value {
    match value {
        Cbor::Integer(number) => i64::try_from(number).map_or(Value::Null, Value::from),
        Cbor::Float(number) => json!(number),
        Cbor::Text(text) => Value::String(text),
        Cbor::Bool(flag) => Value::Bool(flag),
        Cbor::Bytes(bytes) => Value::String(STANDARD.encode(bytes)),
        Cbor::Array(items) => Value::Array(items.into_iter().map(from_cbor).collect()),
        Cbor::Tag(_, inner) => from_cbor(*inner),
        Cbor::Map(members) => {
            let members: Map<String, Value> = members
                .into_iter()
                .filter_map(|(name, member)| Some((name.into_text().ok()?, from_cbor(member))))
                .collect();
            Value::Object(members)
        }
        _ => Value::Null,
    }
}

/// `name` is the member the value belongs to: it tells times from other numbers.
fn to_cbor(name: &str, value: Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(flag),
        Value::Number(number) if name.ends_with("Timestamp") || name.ends_with("Timestamps") => {
            Cbor::Tag(EPOCH, Box::new(Cbor::Float(number.as_f64().unwrap_or_default())))
        }
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Cbor::Float(number.as_f64().unwrap_or_default()), |n| Cbor::Integer(n.into())),
        Value::String(text) => Cbor::Text(text),
        Value::Array(items) => Cbor::Array(items.into_iter().map(|item| to_cbor(name, item)).collect()),
        Value::Object(members) => Cbor::Map(
            members
                .into_iter()
                .filter(|(_, member)| !member.is_null())
                .map(|(name, member)| (Cbor::Text(name.clone()), to_cbor(&name, member)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_tagged_and_read_back_as_seconds() {
        let cbor = to_cbor("", json!({ "Timestamps": [1.5], "Values": [2.0], "Name": "n" }));
        let tagged = Cbor::Array(vec![Cbor::Tag(EPOCH, Box::new(Cbor::Float(1.5)))]);
        assert!(cbor.as_map().unwrap().contains(&(Cbor::Text("Timestamps".into()), tagged)));
        assert_eq!(from_cbor(cbor), json!({ "Timestamps": [1.5], "Values": [2.0], "Name": "n" }));
    }
}
