//! CORS as an API is configured for it: API Gateway answers preflights itself, and speaks for the function.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::errors::bad_request;
use crate::core::ServiceError;

const METHODS: [&str; 8] = ["*", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
const LONGEST_AGE: i64 = 86_400;

/// The members of a configuration that are lists, and the headers that carry them.
const OF_PREFLIGHTS: [(&str, HeaderName); 2] =
    [("AllowMethods", header::ACCESS_CONTROL_ALLOW_METHODS), ("AllowHeaders", header::ACCESS_CONTROL_ALLOW_HEADERS)];
const OF_ANSWERS: [(&str, HeaderName); 1] = [("ExposeHeaders", header::ACCESS_CONTROL_EXPOSE_HEADERS)];

fn texts<'a>(cors: &'a Value, member: &str) -> Vec<&'a str> {
    cors[member].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A configuration, if it is one that API Gateway takes. Assumed: its words for the others.
pub(super) fn checked(cors: &Value) -> Result<Value, ServiceError> {
    let origins = texts(cors, "AllowOrigins");
    let good = |origin: &str| {
        origin == "*" || origin.split_once("://").is_some_and(|(scheme, host)| !scheme.is_empty() && !host.is_empty())
    };
    if let Some(bad) = origins.iter().find(|origin| !good(origin)) {
        return Err(bad_request(format!("Invalid format for origin {bad}. Origins are * or <scheme>://<host>")));
    }
    if let Some(bad) = texts(cors, "AllowMethods")
        .into_iter()
        .find(|method| !METHODS.iter().any(|known| known.eq_ignore_ascii_case(method)))
    {
        return Err(bad_request(format!("Invalid method specified for CORS: {bad}")));
    }
    if cors["AllowCredentials"] == json!(true) && origins.contains(&"*") {
        return Err(bad_request("allowCredentials is not supported for origin *"));
    }
    if cors["MaxAge"].as_i64().is_some_and(|age| !(-1..=LONGEST_AGE).contains(&age)) {
        return Err(bad_request(format!("Max age should be between -1 and {LONGEST_AGE} seconds")));
    }
    Ok(cors.clone())
}

/// True if a browser asks for permission before its request.
pub(super) fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(header::ORIGIN)
        && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight, which never reaches the function: without any of the headers for an origin that is not
/// allowed.
pub(super) fn preflight(cors: &Value, parts: &Parts) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if allow(cors, &parts.headers, response.headers_mut()) {
        lists(cors, &OF_PREFLIGHTS, response.headers_mut());
        if let Some(seconds) = cors["MaxAge"].as_i64() {
            response.headers_mut().insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds));
        }
    }
    response
}

/// Lets the origin read an answer if the configuration allows it. The headers of the function are replaced.
pub(super) fn speak_for(cors: &Value, request: &HeaderMap, response: &mut HeaderMap) {
    let of_the_function: Vec<HeaderName> =
        response.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in of_the_function {
        response.remove(name);
    }
    if allow(cors, request, response) {
        lists(cors, &OF_ANSWERS, response);
    }
}

fn lists(cors: &Value, members: &[(&str, HeaderName)], response: &mut HeaderMap) {
    for (member, name) in members {
        let list = texts(cors, member);
        if let (false, Ok(value)) = (list.is_empty(), HeaderValue::from_str(&list.join(","))) {
            response.insert(name.clone(), value);
        }
    }
}

/// True if the origin of a request is allowed; the response says so then.
fn allow(cors: &Value, request: &HeaderMap, response: &mut HeaderMap) -> bool {
    let Some(origin) = request.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    let allows = |allowed: &&str| {
        *allowed == "*"
            || *allowed == origin
            || allowed.strip_suffix('*').is_some_and(|prefix| origin.starts_with(prefix))
    };
    let Some(allowed) = texts(cors, "AllowOrigins").into_iter().find(allows) else { return false };
    if let Ok(value) = HeaderValue::from_str(if allowed == "*" { "*" } else { origin }) {
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    }
    if cors["AllowCredentials"] == json!(true) {
        response.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    true
}

#[cfg(test)]
mod tests {
    use http::Request;
    use test_case::test_case;

    use super::*;

    fn configuration() -> Value {
        json!({
            "AllowOrigins": ["https://a.example", "https://*"], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["x-a", "x-b"],
            "ExposeHeaders": ["etag"], "MaxAge": 300, "AllowCredentials": true,
        })
    }

    fn request(origin: &str) -> Parts {
        let request = Request::options("/x").header("origin", origin).header("access-control-request-method", "PUT");
        request.body(()).unwrap().into_parts().0
    }

    fn headers(headers: &HeaderMap) -> Value {
        headers.iter().map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap()))).collect()
    }

    #[test]
    fn a_preflight_is_answered_from_the_configuration() {
        let parts = request("https://b.example");
        let response = preflight(&configuration(), &parts);
        assert!(is_preflight(&parts));
        assert_eq!(response.status(), 204);
        let expected = json!({
            "access-control-allow-origin": "https://b.example", "access-control-allow-credentials": "true",
            "access-control-allow-methods": "GET,PUT", "access-control-allow-headers": "x-a,x-b", "access-control-max-age": "300",
        });
        assert_eq!(headers(response.headers()), expected);
    }

    #[test]
    fn another_origin_is_told_nothing() {
        let response = preflight(&configuration(), &request("http://b.example"));
        assert_eq!((response.status().as_u16(), headers(response.headers())), (204, json!({})));
        let bare = json!({ "AllowOrigins": ["*"] });
        let response = preflight(&bare, &request("http://b.example"));
        assert_eq!(headers(response.headers()), json!({ "access-control-allow-origin": "*" }));
    }

    #[test]
    fn what_the_function_says_of_cors_is_dropped() {
        let mut response = HeaderMap::new();
        response.insert("access-control-allow-origin", HeaderValue::from_static("*"));
        response.insert("access-control-max-age", HeaderValue::from_static("1"));
        response.insert("etag", HeaderValue::from_static("e"));
        let mut other = response.clone();
        speak_for(&configuration(), &request("https://a.example").headers, &mut response);
        let expected = json!({
            "etag": "e", "access-control-allow-origin": "https://a.example", "access-control-allow-credentials": "true",
            "access-control-expose-headers": "etag",
        });
        assert_eq!(headers(&response), expected);
        speak_for(&configuration(), &request("http://other").headers, &mut other);
        assert_eq!(headers(&other), json!({ "etag": "e" }));
    }

    #[test_case(json!({ "AllowOrigins": ["example.com"] }); "an origin without a scheme")]
    #[test_case(json!({ "AllowOrigins": ["*"], "AllowCredentials": true }); "credentials for everybody")]
    #[test_case(json!({ "AllowMethods": ["FETCH"] }); "another method")]
    #[test_case(json!({ "MaxAge": 86401 }); "too long an age")]
    fn refuses(cors: Value) {
        assert!(checked(&cors).unwrap_err().is("BadRequestException"));
    }
}
