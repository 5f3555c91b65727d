//! CORS as an API is configured for it: API Gateway answers preflights itself, and no authorizer is asked.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

/// The answer to a CORS preflight, which never reaches the function.
pub(super) fn preflight(cors: &Value, parts: &Parts) -> Option<Response> {
    if parts.method != Method::OPTIONS || !parts.headers.contains_key("access-control-request-method") {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    allow_origin(cors, &parts.headers, response.headers_mut());
    for (member, header) in
        [("AllowMethods", "access-control-allow-methods"), ("AllowHeaders", "access-control-allow-headers")]
    {
        let list: Vec<&str> = cors[member].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if let Ok(value) = HeaderValue::from_str(&list.join(",")) {
            response.headers_mut().insert(header, value);
        }
    }
    if let Some(seconds) = cors["MaxAge"].as_u64() {
        response.headers_mut().insert("access-control-max-age", HeaderValue::from(seconds));
    }
    Some(response)
}

/// Says whether the origin may read the answer.
pub(super) fn allow_origin(cors: &Value, request: &HeaderMap, response: &mut HeaderMap) {
    let Some(origin) = request.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return };
    let allowed = cors["AllowOrigins"].as_array().into_iter().flatten().filter_map(Value::as_str).find(|allowed| {
        *allowed == "*"
            || *allowed == origin
            || allowed.strip_suffix('*').is_some_and(|prefix| origin.starts_with(prefix))
    });
    let Some(allowed) = allowed else { return };
    let value = if allowed == "*" { "*" } else { origin };
    if let Ok(value) = HeaderValue::from_str(value) {
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    }
    if cors["AllowCredentials"] == json!(true) {
        response.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}
