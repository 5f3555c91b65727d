//! Smithy RPC v2 CBOR, which current SDKs prefer for CloudWatch, CodeBuild, CodeDeploy and CodePipeline.

use axum::body::Bytes;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value as Cbor;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::codes::Names;
use super::response::respond;
use crate::core::{Reply, ServiceError};
use crate::model::{Kind, Member, Model, Operation, Structure};

/// The header in which both sides say that they speak this protocol.
static PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// CBOR tag 1: seconds since the epoch.
const EPOCH: u64 = 1;

/// The operation of `/service/NAME/operation/OPERATION`, when the request speaks this protocol.
pub(super) fn operation(parts: &Parts) -> Option<String> {
    let protocol = parts.headers.get(&PROTOCOL)?.to_str().ok()?;
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
pub(super) fn encode(known: Option<(&Model, &Operation)>, reply: Reply) -> Response {
    let (status, value, names) = match reply {
        Ok(output) => (200, output_of(known, output), None),
        Err(error) => {
            let names = Names::of(known.map(|(model, _)| model), &error.code);
            let mut body = *error.extras;
            body.insert("__type".to_owned(), names.shape.clone().into());
            if !error.message.is_empty() {
                body.insert("message".to_owned(), error.message.into());
            }
            (error.status, untyped(Value::Object(body)), Some(names))
        }
    };
    let mut body = Vec::new();
    if let Err(error) = ciborium::into_writer(&value, &mut body) {
        return respond(500, "text/plain", error.to_string());
    }
    let mut response = respond(status, "application/cbor", body);
    response.headers_mut().insert(&PROTOCOL, HeaderValue::from_static("rpc-v2-cbor"));
    let compatible = known.is_none_or(|(model, _)| model.query_compatible);
    if let Some(names) = names.filter(|_| compatible) {
        names.tell(&mut response, status);
    }
    response
}

fn output_of(known: Option<(&Model, &Operation)>, output: Value) -> Cbor {
    let typed = known.and_then(|(model, operation)| {
        let structure = model.structure(operation.output?)?;
        Some(structure_of(model, structure, &output))
    });
    typed.unwrap_or_else(|| if output.is_null() { Cbor::Map(Vec::new()) } else { untyped(output) })
}

fn structure_of(model: &Model, structure: &Structure, value: &Value) -> Cbor {
    let members = structure.members.iter().filter_map(|(name, member)| {
        let value = value.get(name).filter(|value| !value.is_null())?;
        Some((Cbor::Text(name.clone()), typed(model, member, value)))
    });
    Cbor::Map(members.collect())
}

fn typed(model: &Model, member: &Member, value: &Value) -> Cbor {
    match (&model.shape(member.shape).kind, value) {
        (Kind::Structure(structure), value) => structure_of(model, structure, value),
        (Kind::List { item, .. }, Value::Array(items)) => {
            Cbor::Array(items.iter().map(|each| typed(model, item, each)).collect())
        }
        (Kind::Map { value: held, .. }, Value::Object(entries)) => {
            let entries = entries.iter().filter(|(_, each)| !each.is_null());
            Cbor::Map(entries.map(|(key, each)| (Cbor::Text(key.clone()), typed(model, held, each))).collect())
        }
        (Kind::Timestamp, Value::Number(seconds)) => epoch(seconds.as_f64().unwrap_or_default()),
        (Kind::Timestamp, Value::String(text)) => {
            let seconds = crate::model::from_text(&Kind::Timestamp, text).and_then(|at| at.as_f64());
            seconds.map_or_else(|| Cbor::Text(text.clone()), epoch)
        }
        (Kind::Double, Value::Number(number)) => Cbor::Float(number.as_f64().unwrap_or_default()),
        (Kind::Double, Value::String(text)) => text.parse().map_or_else(|_| Cbor::Text(text.clone()), Cbor::Float),
        (Kind::Blob, Value::String(text)) => {
            STANDARD.decode(text).map_or_else(|_| Cbor::Text(text.clone()), Cbor::Bytes)
        }
        (_, value) => untyped(value.clone()),
    }
}

fn epoch(seconds: f64) -> Cbor {
    Cbor::Tag(EPOCH, Box::new(Cbor::Float(seconds)))
}

/// A number that JSON has no word for is text, as AWS's JSON protocols write it.
fn from_float(number: f64) -> Value {
    match number {
        number if number.is_nan() => json!("NaN"),
        number if number.is_infinite() => json!(if number > 0.0 { "Infinity" } else { "-Infinity" }),
        number => json!(number),
    }
}

fn from_cbor(value: Cbor) -> Value {
    match value {
        Cbor::Integer(number) => i64::try_from(number).map_or(Value::Null, Value::from),
        Cbor::Float(number) => from_float(number),
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

fn untyped(value: Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(flag),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Cbor::Float(number.as_f64().unwrap_or_default()), |n| Cbor::Integer(n.into())),
        Value::String(text) => Cbor::Text(text),
        Value::Array(items) => Cbor::Array(items.into_iter().map(untyped).collect()),
        Value::Object(members) => Cbor::Map(
            members
                .into_iter()
                .filter(|(_, member)| !member.is_null())
                .map(|(name, member)| (Cbor::Text(name), untyped(member)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_are_of_the_models_types() {
        let model = crate::model::of("monitoring").unwrap();
        let structure = model.structure(model.operation("GetMetricData").unwrap().output.unwrap()).unwrap();
        let reply = json!({ "MetricDataResults": [{ "Timestamps": [1.5], "Values": [2], "Label": null }] });
        let cbor = structure_of(model, structure, &reply);
        let results = &cbor.as_map().unwrap()[0].1.as_array().unwrap()[0];
        let expected = [
            (Cbor::Text("Timestamps".into()), Cbor::Array(vec![epoch(1.5)])),
            (Cbor::Text("Values".into()), Cbor::Array(vec![Cbor::Float(2.0)])),
        ];
        assert_eq!(results.as_map().unwrap().as_slice(), expected);
        assert_eq!(from_cbor(cbor), json!({ "MetricDataResults": [{ "Timestamps": [1.5], "Values": [2.0] }] }));
    }

    #[test]
    fn what_is_no_number_is_text() {
        assert_eq!(from_cbor(Cbor::Float(f64::NAN)), json!("NaN"));
        assert_eq!(from_cbor(Cbor::Float(f64::NEG_INFINITY)), json!("-Infinity"));
    }
}
