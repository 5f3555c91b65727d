//! What a function is sent for a request, and what its answer means.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::gate::Identity;
use crate::core::Timestamp;

/// What the event says of the API beside the request itself.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) account: &'a str,
    pub(super) api_id: &'a str,
    pub(super) stage: &'a str,
    pub(super) stage_variables: &'a BTreeMap<String, String>,
    pub(super) route_key: &'a str,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) identity: &'a Identity,
    pub(super) request_id: &'a str,
    pub(super) at: Timestamp,
}

/// The event in payload format 2.0.
pub(super) fn version_2(context: &Context<'_>, parts: &Parts, body: &Bytes) -> Value {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &parts.headers {
        if name != header::COOKIE {
            let value = text(value);
            headers.entry(name.to_string()).and_modify(|known| *known = format!("{known},{value}")).or_insert(value);
        }
    }
    let cookies: Vec<String> = parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| text(value).split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let query = parts.uri.query().unwrap_or_default();
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|known| *known = format!("{known},{value}"))
            .or_insert(value.into_owned());
    }
    let path = parts.uri.path();
    let host = headers.get("host").cloned().unwrap_or_default();
    let mut event = json!({
        "version": "2.0", "routeKey": context.route_key, "rawPath": path, "rawQueryString": query, "headers": headers,
        "requestContext": {
            "accountId": context.account, "apiId": context.api_id, "domainName": host,
            "domainPrefix": host.split('.').next(), "requestId": context.request_id, "routeKey": context.route_key,
            "stage": context.stage, "time": clf(context.at), "timeEpoch": context.at.as_millis(),
            "http": {
                "method": parts.method.as_str(), "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent"),
            },
        },
    });
    // Members without content are left out in this format.
    let mut optional = |name: &str, value: Value, present: bool| {
        if present {
            event[name] = value;
        }
    };
    optional("cookies", json!(cookies), !cookies.is_empty());
    optional("queryStringParameters", json!(parameters), !parameters.is_empty());
    optional("pathParameters", json!(context.parameters), !context.parameters.is_empty());
    optional("stageVariables", json!(context.stage_variables), !context.stage_variables.is_empty());
    let (body_text, encoded) = body_of(&parts.headers, body);
    optional("body", json!(body_text), !body.is_empty());
    event["isBase64Encoded"] = json!(encoded);
    if let Some(authorizer) = context.identity.in_version_2() {
        event["requestContext"]["authorizer"] = authorizer;
    }
    event
}

/// The event in payload format 1.0, where members without content are null.
pub(super) fn version_1(context: &Context<'_>, parts: &Parts, body: &Bytes) -> Value {
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &parts.headers {
        headers.entry(name.to_string()).or_default().push(text(value));
    }
    let query = parts.uri.query().unwrap_or_default();
    let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        parameters.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    let last = |map: &BTreeMap<String, Vec<String>>| -> Value {
        if map.is_empty() {
            return Value::Null;
        }
        json!(
            map.iter()
                .filter_map(|(name, values)| Some((name.clone(), values.last()?.clone())))
                .collect::<BTreeMap<_, _>>()
        )
    };
    let some = |map: &BTreeMap<String, String>| if map.is_empty() { Value::Null } else { json!(map) };
    let (body_text, encoded) = body_of(&parts.headers, body);
    let mut identity = context.identity.signer_in_version_1();
    identity["sourceIp"] = json!("127.0.0.1");
    identity["userAgent"] = last(&headers)["user-agent"].clone();
    let resource = context.route_key.split_once(' ').map_or(context.route_key, |(_, path)| path);
    json!({
        "version": "1.0", "resource": resource, "path": parts.uri.path(), "httpMethod": parts.method.as_str(),
        "headers": last(&headers), "multiValueHeaders": headers, "queryStringParameters": last(&parameters),
        "multiValueQueryStringParameters": if parameters.is_empty() { Value::Null } else { json!(parameters) },
        "pathParameters": some(&context.parameters), "stageVariables": some(context.stage_variables),
        "requestContext": {
            "accountId": context.account, "apiId": context.api_id, "authorizer": context.identity.in_version_1(), "httpMethod": parts.method.as_str(),
            "path": parts.uri.path(), "protocol": "HTTP/1.1", "requestId": context.request_id,
            "requestTime": clf(context.at), "requestTimeEpoch": context.at.as_millis(), "resourcePath": resource,
            "stage": context.stage, "identity": identity,
        },
        "body": if body.is_empty() { Value::Null } else { json!(body_text) }, "isBase64Encoded": encoded,
    })
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Text goes as it is, anything else as base64.
fn body_of(headers: &HeaderMap, body: &Bytes) -> (String, bool) {
    let kind = headers.get(header::CONTENT_TYPE).map(text).unwrap_or_default();
    let textual = kind.is_empty()
        || kind.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].iter().any(|t| kind.starts_with(t))
        || kind.contains("+json")
        || kind.contains("+xml");
    match std::str::from_utf8(body) {
        Ok(content) if textual && !headers.contains_key(header::CONTENT_ENCODING) => (content.to_owned(), false),
        _ => (STANDARD.encode(body), true),
    }
}

/// The common log format's time, `12/Mar/2020:19:03:58 +0000`.
fn clf(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map(|time| time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string())
        .unwrap_or_default()
}

/// The response that a function's answer stands for; none when the answer is malformed.
pub(super) fn response(answer: &[u8], payload: &str) -> Option<Response> {
    let value: Value = serde_json::from_slice(answer).ok()?;
    let Some(status) = value.get("statusCode").and_then(Value::as_u64) else {
        // Format 2.0 infers a response from anything else: it is the JSON body of a 200.
        let body = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return (payload == "2.0").then(|| ([(header::CONTENT_TYPE, "application/json")], body).into_response());
    };
    let body = value["body"].as_str().unwrap_or_default();
    let body = if value["isBase64Encoded"] == json!(true) {
        Body::from(STANDARD.decode(body).ok()?)
    } else {
        Body::from(body.to_owned())
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(u16::try_from(status).ok()?).ok()?;
    let none = Map::new();
    for (name, value) in value["headers"].as_object().unwrap_or(&none) {
        append(response.headers_mut(), name, value);
    }
    for (name, values) in value["multiValueHeaders"].as_object().unwrap_or(&none) {
        values.as_array().into_iter().flatten().for_each(|value| append(response.headers_mut(), name, value));
    }
    for cookie in value["cookies"].as_array().into_iter().flatten() {
        append(response.headers_mut(), "set-cookie", cookie);
    }
    Some(response)
}

fn append(headers: &mut HeaderMap, name: &str, value: &Value) {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(&value))
        // The server frames the body itself.
        && name != header::CONTENT_LENGTH
        && name != header::TRANSFER_ENCODING
    {
        headers.append(name, value);
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let request = headers.iter().fold(Request::builder().uri(uri), |r, (name, value)| r.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    fn context(variables: &BTreeMap<String, String>) -> Context<'_> {
        Context {
            account: "1",
            api_id: "a",
            stage: "$default",
            stage_variables: variables,
            route_key: "GET /x",
            identity: &Identity::Anybody,
            request_id: "r",
            parameters: BTreeMap::new(),
            at: Timestamp::from_millis(1_583_348_638_390),
        }
    }

    #[test]
    fn repeated_headers_and_parameters_are_joined_and_cookies_set_apart() {
        let none = BTreeMap::new();
        let parts = parts("/x?a=1&a=2&b=%20", &[("x-h", "1"), ("x-h", "2"), ("cookie", "c=1; d=2")]);
        let event = version_2(&context(&none), &parts, &Bytes::new());
        assert_eq!(event["headers"]["x-h"], "1,2");
        assert_eq!(event["queryStringParameters"], json!({ "a": "1,2", "b": " " }));
        assert_eq!(event["cookies"], json!(["c=1", "d=2"]));
        assert_eq!(event["requestContext"]["time"], "04/Mar/2020:19:03:58 +0000");
        assert!(event.get("body").is_none() && event.get("pathParameters").is_none());
    }

    #[test]
    fn bytes_that_are_no_text_travel_as_base64() {
        let none = BTreeMap::new();
        let parts = parts("/x", &[("content-type", "application/octet-stream")]);
        let event = version_2(&context(&none), &parts, &Bytes::from_static(b"\xff\x00"));
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
    }

    #[test]
    fn answers_without_a_status_are_bodies_in_format_2_and_malformed_in_format_1() {
        assert_eq!(response(br#"{"a":1}"#, "2.0").unwrap().status(), 200);
        assert!(response(br#"{"a":1}"#, "1.0").is_none());
        let full =
            response(br#"{"statusCode":201,"headers":{"x-a":"b"},"cookies":["c=1"],"body":"t"}"#, "2.0").unwrap();
        assert_eq!(
            (full.status().as_u16(), &full.headers()["x-a"], &full.headers()["set-cookie"]),
            (201, &HeaderValue::from_static("b"), &HeaderValue::from_static("c=1"))
        );
    }
}
