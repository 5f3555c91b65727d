//! The router's answer as API Gateway takes it.

use std::collections::BTreeMap;

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::SET_COOKIE;
use http_body_util::BodyExt as _;
use serde::Serialize;

/// An HTTP API answer, payload format 2.0.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpReply {
    status_code: u16,
    /// One value for each name: several are joined with commas, as HTTP allows.
    headers: BTreeMap<String, String>,
    /// `set-cookie` is the header that cannot be joined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

impl HttpReply {
    /// The reply of an answer; a body that is no text travels as base64.
    ///
    /// # Errors
    /// When the body breaks off.
    pub async fn from_response(response: Response) -> Result<Self, axum::Error> {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let (body, is_base64_encoded) = match String::from_utf8(bytes.into()) {
            Ok(text) if text.is_empty() => (None, false),
            Ok(text) => (Some(text), false),
            Err(error) => (Some(STANDARD.encode(error.as_bytes())), true),
        };
        let cookies = parts.headers.get_all(SET_COOKIE).iter().map(text).collect();
        Ok(Self {
            status_code: parts.status.as_u16(),
            headers: joined(&parts.headers),
            cookies,
            body,
            is_base64_encoded,
        })
    }
}

fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| **name != SET_COOKIE) {
        let known = joined.entry(name.as_str().to_owned()).or_default();
        if !known.is_empty() {
            known.push_str(", ");
        }
        known.push_str(&text(value));
    }
    joined
}

fn text(value: &http::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn joins_headers_but_never_cookies() {
        let response = Response::builder()
            .header("vary", "accept")
            .header("vary", "origin")
            .header(SET_COOKIE, "a=1")
            .header(SET_COOKIE, "b=2")
            .body(Body::from("text"))
            .unwrap();
        let reply = serde_json::to_value(HttpReply::from_response(response).await.unwrap()).unwrap();
        let expected = serde_json::json!({
            "statusCode": 200, "headers": {"vary": "accept, origin"}, "cookies": ["a=1", "b=2"],
            "body": "text", "isBase64Encoded": false,
        });
        assert_eq!(reply, expected);
    }

    #[tokio::test]
    async fn carries_bytes_as_base64() {
        let response = Response::new(Body::from(vec![0xff, 0x00]));
        let reply = HttpReply::from_response(response).await.unwrap();
        assert_eq!((reply.body.as_deref(), reply.is_base64_encoded), (Some("/wA="), true));
    }
}
