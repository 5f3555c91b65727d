//! REST-JSON: operations by method and path.

use axum::body::{Body, Bytes};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::document::{self, Written};
use super::response::respond;
use crate::core::{Reply, ServiceError};
use crate::model::{Kind, Location, Member, Model, Operation, Structure, from_text};

/// The operation that the request asks and its input.
pub(super) fn decode<'m>(
    model: &'m Model,
    parts: &Parts,
    body: &Bytes,
) -> Result<(&'m Operation, Value), ServiceError> {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let (operation, path_members) = model
        .route(parts.method.as_str(), path, query)
        .ok_or_else(|| ServiceError::not_implemented(model.service, &format!("{} {path}", parts.method)))?;
    let Some(structure) = operation.input.and_then(|shape| model.structure(shape)) else {
        return Ok((operation, json!({})));
    };
    let mut input = read_body(model, operation, structure, body)?;
    for (name, member) in &structure.members {
        let wire_name = member.wire_name.as_deref().unwrap_or(name);
        let value = match member.location {
            Location::Uri => path_members
                .iter()
                .find(|(known, _)| known == wire_name)
                .map(|(_, text)| scalar(model, member, text.clone())),
            Location::Query => from_query(model, member, wire_name, query),
            Location::Header => {
                let text = parts.headers.get(wire_name).and_then(|value| value.to_str().ok());
                text.map(|text| scalar(model, member, text.to_owned()))
            }
            _ => None,
        };
        if let Some(value) = value {
            input.insert(name.clone(), value);
        }
    }
    Ok((operation, Value::Object(input)))
}

fn from_query(model: &Model, member: &Member, name: &str, query: &str) -> Option<Value> {
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned());
    match &model.shape(member.shape).kind {
        Kind::List { item, .. } => {
            let values: Vec<Value> = values.map(|text| scalar(model, item, text)).collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        _ => values.next().map(|text| scalar(model, member, text)),
    }
}

fn scalar(model: &Model, member: &Member, text: String) -> Value {
    from_text(&model.shape(member.shape).kind, &text).unwrap_or(Value::String(text))
}

fn read_body(
    model: &Model,
    operation: &Operation,
    structure: &Structure,
    body: &Bytes,
) -> Result<Map<String, Value>, ServiceError> {
    let payload = structure.payload.as_ref().and_then(|name| Some((name, structure.members.get(name)?)));
    if let Some((name, member)) = payload
        && matches!(model.shape(member.shape).kind, Kind::Blob)
    {
        return Ok(Map::from_iter([(name.clone(), Value::String(STANDARD.encode(body)))]));
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let mut value: Value = serde_json::from_slice(body).map_err(|error| {
        ServiceError::new("InvalidRequestContentException", format!("Could not parse request body into json: {error}"))
    })?;
    if let Some((name, member)) = payload {
        document::read(model, member.shape, &mut value);
        return Ok(Map::from_iter([(name.clone(), value)]));
    }
    if let Some(shape) = operation.input {
        document::read(model, shape, &mut value);
    }
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(ServiceError::new("SerializationException", "Start of list found where not expected")),
    }
}

/// The reply with its header members and its body.
pub(super) fn encode(model: &Model, operation: &Operation, reply: Reply) -> Response {
    let output = match reply {
        Ok(output) => output,
        Err(error) => return refuse(Some(model), &error),
    };
    let Some(structure) = operation.output.and_then(|shape| model.structure(shape)) else {
        return respond(operation.status, "application/json", Body::empty());
    };
    let mut status = operation.status;
    let mut headers = Vec::new();
    for (name, member) in &structure.members {
        let Some(value) = output.get(name).filter(|value| !value.is_null()) else { continue };
        match member.location {
            Location::Status => status = value.as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(status),
            Location::Header => {
                let name = HeaderName::try_from(member.wire_name.as_deref().unwrap_or(name));
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                headers.extend(name.ok().zip(HeaderValue::from_str(&text).ok()));
            }
            _ => {}
        }
    }
    let body = match written_body(model, structure, &output) {
        Ok(body) => body,
        Err(error) => return refuse(Some(model), &error),
    };
    let body = if status == 204 { Body::empty() } else { body };
    let mut response = respond(status, "application/json", body);
    response.headers_mut().extend(headers);
    response
}

fn written_body(model: &Model, structure: &Structure, output: &Value) -> Result<Body, ServiceError> {
    let payload = structure.payload.as_ref().and_then(|name| Some((name, structure.members.get(name)?)));
    let json = |written: serde_json::Result<Vec<u8>>| {
        written.map(Body::from).map_err(|error| ServiceError::internal(error.to_string()))
    };
    let Some((name, member)) = payload else {
        return json(serde_json::to_vec(&document::Body { model, structure, value: output, renamed: true }));
    };
    let Some(value) = output.get(name).filter(|value| !value.is_null()) else { return Ok(Body::empty()) };
    if !matches!(model.shape(member.shape).kind, Kind::Blob) {
        return json(serde_json::to_vec(&Written { model, member, value, renamed: true }));
    }
    let bytes = STANDARD.decode(value.as_str().unwrap_or_default());
    bytes.map(Body::from).map_err(|_| ServiceError::internal("a blob of the answer is not base64"))
}

/// An error of a REST service: its members as the model names them.
pub(super) fn refuse(model: Option<&Model>, error: &ServiceError) -> Response {
    let known = model.and_then(|model| Some((model, model.error(&error.code)?)));
    let mut body = Map::new();
    match known.map(|(model, shape)| (model, &shape.kind)) {
        Some((model, Kind::Structure(structure))) => {
            for (name, member) in &structure.members {
                let value = match name.as_str() {
                    "message" | "Message" => Some(Value::String(error.message.clone())),
                    "Type" if error.extras.get("Type").is_some_and(Value::is_null) => None,
                    "Type" => Some(Value::String(if error.status >= 500 { "Service" } else { "User" }.to_owned())),
                    other => error
                        .extras
                        .get(other)
                        .and_then(|value| serde_json::to_value(Written { model, member, value, renamed: true }).ok()),
                };
                body.extend(value.map(|value| (member.wire_name.clone().unwrap_or_else(|| name.clone()), value)));
            }
        }
        _ => {
            body.insert("message".to_owned(), Value::String(error.message.clone()));
        }
    }
    let shape_name = known.map(|(_, shape)| shape.name.as_str()).unwrap_or(&error.code);
    let mut response = respond(error.status, "application/json", Value::Object(body).to_string());
    if let Ok(code) = HeaderValue::from_str(shape_name) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use http::Request;

    use super::*;
    use crate::model::of;

    fn decoded(service: &str, method: &str, uri: &str, body: &'static str) -> (String, Value) {
        let parts = Request::builder().method(method).uri(uri).body(()).unwrap().into_parts().0;
        let (operation, input) = decode(of(service).unwrap(), &parts, &Bytes::from_static(body.as_bytes())).unwrap();
        (operation.name.clone(), input)
    }

    #[test]
    fn members_come_from_the_path_the_query_and_the_body() {
        let uri = "/2015-03-31/functions/arn%3Aaws%3Alambda/aliases?MaxItems=5";
        let (operation, input) = decoded("lambda", "GET", uri, "");
        assert_eq!(
            (operation.as_str(), input),
            ("ListAliases", json!({ "FunctionName": "arn:aws:lambda", "MaxItems": 5 }))
        );
        let (operation, input) =
            decoded("apigateway", "POST", "/v2/apis", r#"{"name":"n","protocolType":"HTTP","other":1}"#);
        assert_eq!((operation.as_str(), input), ("CreateApi", json!({ "Name": "n", "ProtocolType": "HTTP" })));
        let uri = "/2017-03-31/tags/arn%3Aaws?tagKeys=a&tagKeys=b";
        assert_eq!(decoded("lambda", "DELETE", uri, "").1, json!({ "Resource": "arn:aws", "TagKeys": ["a", "b"] }));
        let uri = "/2015-03-31/functions/f/invocations";
        assert_eq!(decoded("lambda", "POST", uri, "{}").1, json!({ "FunctionName": "f", "Payload": "e30=" }));
    }

    #[tokio::test]
    async fn an_error_has_the_members_of_its_shape() {
        let model = of("lambda").unwrap();
        let error = ServiceError::new("ResourceNotFoundException", "no such function").with_status(404);
        let response = refuse(Some(model), &error);
        assert_eq!(response.headers()["x-amzn-errortype"], "ResourceNotFoundException");
        let body: Value = serde_json::from_slice(&to_bytes(response.into_body(), 1000).await.unwrap()).unwrap();
        assert_eq!(body, json!({ "Type": "User", "Message": "no such function" }));
    }
}
