//! The reading of a function's answer as a response.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response>

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use super::integration::Payload;
use super::request::drop_connection_headers;

/// The content type of an answer that names none. Seen: <https://aasisodiya.github.io/nodejs/nodejs-aws/nodejs-aws-apigw>.
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain;charset=UTF-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The response that an answer stands for; none when the answer is malformed.
pub(super) fn response(answer: &[u8], payload: Payload) -> Option<Response> {
    let value: Value = serde_json::from_slice(answer).ok()?;
    match (value.get("statusCode"), payload) {
        (Some(status), _) => proxied(&value, status_code(status)?, payload),
        (None, Payload::V1) => None,
        // Format 2.0 infers a response from anything else: it is the JSON body of a 200.
        (None, Payload::V2) => {
            let body = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let mut response = Response::new(Body::from(body));
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            Some(response)
        }
    }
}

/// Assumed: a status of digits in a text is taken, as REST APIs take it. Informational ones cannot be sent on.
fn status_code(value: &Value) -> Option<StatusCode> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    let number = u16::try_from(number).ok().filter(|number| (200..=599).contains(number))?;
    StatusCode::from_u16(number).ok()
}

fn proxied(value: &Value, status: StatusCode, payload: Payload) -> Option<Response> {
    let body = match &value["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        // A body that is not a text makes the answer malformed.
        _ => return None,
    };
    let body = match &value["isBase64Encoded"] {
        Value::Bool(true) => Body::from(STANDARD.decode(body).ok()?),
        _ => Body::from(body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in members(&value["headers"])? {
        if !value.is_null() {
            headers.append(HeaderName::try_from(name).ok()?, scalar(value)?);
        }
    }
    match payload {
        Payload::V1 => merge(headers, &value["multiValueHeaders"])?,
        // Format 2.0 knows no multiValueHeaders.
        Payload::V2 => {
            for cookie in list(&value["cookies"])? {
                headers.append(header::SET_COOKIE, HeaderValue::from_str(cookie.as_str()?).ok()?);
            }
        }
    }
    // The body is framed by API Gateway itself.
    headers.remove(header::CONTENT_LENGTH);
    drop_connection_headers(headers);
    // Assumed: an answer that can have no body has no type of it either.
    if ![StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status) {
        headers.entry(header::CONTENT_TYPE).or_insert(PLAIN);
    }
    Some(response)
}

/// "If the same key-value pair is specified in both, only the values from multiValueHeaders will appear in the merged list."
fn merge(headers: &mut HeaderMap, multiple: &Value) -> Option<()> {
    for (name, values) in members(multiple)? {
        let name = HeaderName::try_from(name).ok()?;
        let values = list(values)?.iter().map(scalar).collect::<Option<Vec<_>>>()?;
        let single: Vec<HeaderValue> = headers.get_all(&name).iter().cloned().collect();
        headers.remove(&name);
        for value in single.into_iter().filter(|value| !values.contains(value)).chain(values.iter().cloned()) {
            headers.append(&name, value);
        }
    }
    Some(())
}

fn members(value: &Value) -> Option<impl Iterator<Item = (&String, &Value)>> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match value {
        Value::Null => Some(NONE.iter()),
        Value::Object(members) => Some(members.iter()),
        _ => None,
    }
}

fn list(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Null => Some(&[]),
        other => other.as_array().map(Vec::as_slice),
    }
}

/// Numbers and truth values become texts.
fn scalar(value: &Value) -> Option<HeaderValue> {
    match value {
        Value::String(text) => HeaderValue::from_bytes(text.as_bytes()).ok(),
        Value::Number(_) | Value::Bool(_) => HeaderValue::from_str(&value.to_string()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    /// The status, the headers as pairs, and the body.
    async fn sent(answer: Value, payload: Payload) -> Option<(u16, Vec<(String, String)>, String)> {
        let response = response(answer.to_string().as_bytes(), payload)?;
        let pairs = response.headers().iter();
        let headers = pairs.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1024).await.unwrap();
        Some((status, headers, String::from_utf8(body.to_vec()).unwrap()))
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test_case(json!("t"), "t")]
    #[test_case(json!({ "a": 1 }), r#"{"a":1}"#)]
    #[test_case(json!([1]), "[1]")]
    #[test_case(json!(null), "null")]
    #[tokio::test]
    async fn what_has_no_status_is_the_body_of_a_200_in_format_2_and_malformed_in_format_1(answer: Value, body: &str) {
        let expected = (200, pairs(&[("content-type", "application/json")]), body.to_owned());
        assert_eq!(sent(answer.clone(), Payload::V2).await, Some(expected));
        assert_eq!(sent(answer, Payload::V1).await, None);
    }

    #[tokio::test]
    async fn format_2_has_cookies_and_drops_multiple_values() {
        let answer = json!({
            "statusCode": 201, "headers": { "X-N": 1, "x-b": true, "x-null": null }, "cookies": ["a=1", "b=2"], "body": "t",
            "multiValueHeaders": { "Content-Type": ["application/json"], "Set-Cookie": ["c=3"], "X-Mine": ["1"] },
        });
        let expected = [
            ("x-n", "1"),
            ("x-b", "true"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("content-type", "text/plain;charset=UTF-8"),
        ];
        assert_eq!(sent(answer, Payload::V2).await, Some((201, pairs(&expected), "t".to_owned())));
    }

    #[tokio::test]
    async fn format_1_has_multiple_values_and_drops_cookies() {
        let answer = json!({
            "statusCode": "200", "headers": { "x-a": "1", "x-b": "2" }, "multiValueHeaders": { "x-a": ["1", "3"], "x-b": ["4"] },
            "cookies": ["a=1"], "body": "dA==", "isBase64Encoded": true,
        });
        let (status, mut headers, body) = sent(answer, Payload::V1).await.unwrap();
        headers.sort();
        let expected =
            [("content-type", "text/plain;charset=UTF-8"), ("x-a", "1"), ("x-a", "3"), ("x-b", "2"), ("x-b", "4")];
        assert_eq!((status, headers, body.as_str()), (200, pairs(&expected), "t"));
    }

    #[tokio::test]
    async fn api_gateway_frames_the_body_itself() {
        let headers = json!({ "Content-Length": 99, "Transfer-Encoding": "chunked", "Connection": "close", "Content-Type": "a/b" });
        let answer = json!({ "statusCode": 200, "headers": headers });
        assert_eq!(sent(answer, Payload::V2).await, Some((200, pairs(&[("content-type", "a/b")]), String::new())));
        assert_eq!(sent(json!({ "statusCode": 204 }), Payload::V2).await, Some((204, vec![], String::new())));
    }

    #[test_case(json!({ "statusCode": 200, "body": { "a": 1 } }); "a body that is no text")]
    #[test_case(json!({ "statusCode": 200, "body": "?", "isBase64Encoded": true }); "a body that is no base64")]
    #[test_case(json!({ "statusCode": 200, "headers": { "a": ["b"] } }); "a header that is a list")]
    #[test_case(json!({ "statusCode": 200, "headers": ["a"] }); "headers that are a list")]
    #[test_case(json!({ "statusCode": 200, "headers": { "a b": "c" } }); "a header's name that is none")]
    #[test_case(json!({ "statusCode": 200, "headers": { "a": "b\nc" } }); "a header of two lines")]
    #[test_case(json!({ "statusCode": 99 }); "too small a status")]
    #[test_case(json!({ "statusCode": 600 }); "too large a status")]
    #[test_case(json!({ "statusCode": "ok" }); "a status that is no number")]
    #[test_case(json!({ "statusCode": null }); "a status that is nothing")]
    #[tokio::test]
    async fn malformed(answer: Value) {
        assert_eq!(sent(answer.clone(), Payload::V1).await, None);
        assert_eq!(sent(answer, Payload::V2).await, None);
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        assert!(response(b"nonsense", Payload::V2).is_none());
        assert!(response(b"", Payload::V2).is_none());
    }
}
