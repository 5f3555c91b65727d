//! The router's answer as whoever sent the event takes it.

use axum::extract::MatchedPath;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use serde::ser::{SerializeMap as _, SerializeSeq as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

/// The form of an answer, as the sender of the event takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Payload format 2.0: headers once each, cookies apart.
    Payload2,
    /// Payload format 1.0: `multiValueHeaders`.
    Payload1,
    /// A load balancer whose target group has no multi-value headers.
    LoadBalancer,
    /// A load balancer whose target group has them, and then reads no others.
    LoadBalancerMultiValue,
}

/// An answer on its way out.
#[derive(Debug)]
pub struct HttpReply {
    form: Form,
    route: Option<MatchedPath>,
    status: StatusCode,
    headers: HeaderMap,
    body: Option<String>,
    is_base64_encoded: bool,
}

impl HttpReply {
    /// The reply of an answer; a body that is no text travels as base64.
    ///
    /// # Errors
    /// Fails if the body breaks off.
    pub async fn from_response(form: Form, response: Response) -> Result<Self, axum::Error> {
        let (mut parts, body) = response.into_parts();
        let route = parts.extensions.remove::<MatchedPath>();
        let bytes = body.collect().await?.to_bytes();
        let (body, is_base64_encoded) = match String::from_utf8(bytes.into()) {
            Ok(text) if text.is_empty() => (None, false),
            Ok(text) => (Some(text), false),
            Err(error) => (Some(STANDARD.encode(error.as_bytes())), true),
        };
        Ok(Self { form, route, status: parts.status, headers: parts.headers, body, is_base64_encoded })
    }

    /// The template of the route that answered; none when no route matched.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.route.as_ref().map(MatchedPath::as_str)
    }

    /// The answer's HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }
}

impl Serialize for HttpReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reply = serializer.serialize_struct("HttpReply", 6)?;
        reply.serialize_field("statusCode", &self.status.as_u16())?;
        match self.form {
            Form::Payload2 => {
                reply.serialize_field("headers", &Joined { headers: &self.headers, cookies: false })?;
                if self.headers.contains_key(SET_COOKIE) {
                    reply.serialize_field("cookies", &Values { headers: &self.headers, name: &SET_COOKIE })?;
                }
            }
            Form::Payload1 => reply.serialize_field("multiValueHeaders", &Listed(&self.headers))?,
            Form::LoadBalancer => {
                reply.serialize_field("statusDescription", &self.status.to_string())?;
                reply.serialize_field("headers", &Joined { headers: &self.headers, cookies: true })?;
            }
            Form::LoadBalancerMultiValue => {
                reply.serialize_field("statusDescription", &self.status.to_string())?;
                reply.serialize_field("multiValueHeaders", &Listed(&self.headers))?;
            }
        }
        if let Some(body) = &self.body {
            reply.serialize_field("body", body)?;
        }
        reply.serialize_field("isBase64Encoded", &self.is_base64_encoded)?;
        reply.end()
    }
}

/// One text for each name: several values are joined with commas, as HTTP allows for all but `set-cookie`.
struct Joined<'a> {
    headers: &'a HeaderMap,
    /// True if cookies go with them: then there can be one only, the last.
    cookies: bool,
}

impl Serialize for Joined<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for name in self.headers.keys() {
            let values = self.headers.get_all(name);
            if name == SET_COOKIE {
                if let Some(last) = values.iter().next_back().filter(|_| self.cookies) {
                    map.serialize_entry(name.as_str(), &text(last))?;
                }
                continue;
            }
            let mut each = values.iter();
            match (each.next(), each.next()) {
                (Some(only), None) => map.serialize_entry(name.as_str(), &text(only))?,
                _ => {
                    let all: Vec<_> = values.iter().map(text).collect();
                    map.serialize_entry(name.as_str(), &all.join(", "))?;
                }
            }
        }
        map.end()
    }
}

/// A list for each name.
struct Listed<'a>(&'a HeaderMap);

impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for name in self.0.keys() {
            map.serialize_entry(name.as_str(), &Values { headers: self.0, name })?;
        }
        map.end()
    }
}

/// The values of one name.
struct Values<'a> {
    headers: &'a HeaderMap,
    name: &'a HeaderName,
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for value in self.headers.get_all(self.name) {
            list.serialize_element(&text(value))?;
        }
        list.end()
    }
}

fn text(value: &HeaderValue) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde_json::{Value, json};

    use super::*;

    async fn replied(form: Form) -> Value {
        let response = Response::builder()
            .status(201)
            .header("vary", "accept")
            .header("vary", "origin")
            .header(SET_COOKIE, "a=1")
            .header(SET_COOKIE, "b=2")
            .body(Body::from("text"))
            .unwrap();
        serde_json::to_value(HttpReply::from_response(form, response).await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn payload_2_joins_headers_but_never_cookies() {
        let expected = json!({
            "statusCode": 201, "headers": {"vary": "accept, origin"}, "cookies": ["a=1", "b=2"],
            "body": "text", "isBase64Encoded": false,
        });
        assert_eq!(replied(Form::Payload2).await, expected);
    }

    #[tokio::test]
    async fn payload_1_lists_every_value() {
        let expected = json!({
            "statusCode": 201, "multiValueHeaders": {"vary": ["accept", "origin"], "set-cookie": ["a=1", "b=2"]},
            "body": "text", "isBase64Encoded": false,
        });
        assert_eq!(replied(Form::Payload1).await, expected);
    }

    #[tokio::test]
    async fn a_load_balancer_gets_a_description_and_headers_as_it_sent_them() {
        let mut expected = json!({
            "statusCode": 201, "statusDescription": "201 Created",
            "headers": {"vary": "accept, origin", "set-cookie": "b=2"}, "body": "text", "isBase64Encoded": false,
        });
        assert_eq!(replied(Form::LoadBalancer).await, expected);
        expected["multiValueHeaders"] = json!({"vary": ["accept", "origin"], "set-cookie": ["a=1", "b=2"]});
        expected.as_object_mut().unwrap().remove("headers");
        assert_eq!(replied(Form::LoadBalancerMultiValue).await, expected);
    }

    #[tokio::test]
    async fn bytes_travel_as_base64_and_nothing_as_nothing() {
        let reply =
            HttpReply::from_response(Form::Payload2, Response::new(Body::from(vec![0xff, 0x00]))).await.unwrap();
        assert_eq!((reply.body.as_deref(), reply.is_base64_encoded), (Some("/wA="), true));
        let empty = HttpReply::from_response(Form::Payload2, Response::new(Body::empty())).await.unwrap();
        assert_eq!(
            serde_json::to_value(empty).unwrap(),
            json!({"statusCode": 200, "headers": {}, "isBase64Encoded": false})
        );
    }
}
