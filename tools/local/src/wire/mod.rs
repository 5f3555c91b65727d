//! The AWS wire protocols: from an HTTP request to an operation over JSON values, and back.
//!
//! Which service is meant is read from the request's SigV4 credential scope, as AWS endpoints that share a host do;
//! signatures are not checked, any credentials will do on loopback. What no service of the plane runs is answered
//! with `NotImplemented` in the protocol it was asked in, or passed on to a backing endpoint.

mod cbor;
mod json;
mod passage;
mod query;
mod rest;
mod scope;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::core::{Hub, Protocol, Reply, Request, Service, ServiceError};
use crate::s3::S3Endpoint;

pub(crate) use passage::BackingEndpoint;
pub(crate) use scope::of as scope_of;

/// The largest request that is read: Lambda's direct upload of 50 MB as base64, with room.
const BODY_LIMIT: usize = 80 * 1024 * 1024;

/// What the endpoint needs to answer.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// The services.
    pub(crate) hub: Arc<Hub>,
    /// S3, which has a protocol of its own.
    pub(crate) s3: S3Endpoint,
    /// Who gets what the plane does not run.
    pub(crate) backing: Option<BackingEndpoint>,
}

/// The plane's one endpoint; `doors` are paths that are not AWS APIs (git, the issuer).
pub(crate) fn router(endpoint: Endpoint, doors: Router) -> Router {
    Router::new().fallback(answer).with_state(endpoint).merge(doors)
}

async fn answer(State(endpoint): State<Endpoint>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let mut scope = scope::of(&parts);
    if scope.service.is_none() && parts.uri.query().is_some_and(|query| query.contains("Action=")) {
        // The links in notifications (confirm, unsubscribe) are the only actions that nobody signs.
        scope.service = Some("sns".to_owned());
    }
    let is_target = parts.headers.contains_key("x-amz-target") || cbor::operation(&parts).is_some();
    if scope.service.as_deref() == Some("s3") || (scope.service.is_none() && !is_target && !is_form(&parts)) {
        return endpoint.s3.answer(parts, body).await;
    }
    let body = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(error) => return StatusCode::PAYLOAD_TOO_LARGE.into_response_with(error.to_string()),
    };
    let name = scope.service.or_else(|| named_by_target(&endpoint.hub, &parts)).unwrap_or_default();
    match endpoint.hub.service(&name) {
        Some(service) => speak(service.as_ref(), &parts, body, scope.access_key).await,
        None => match &endpoint.backing {
            Some(backing) => backing.pass_on(&parts, body).await,
            None => refuse_unknown(&name, &parts, &body),
        },
    }
}

/// Requests that are signed by nobody can still name a service by their target.
fn named_by_target(hub: &Hub, parts: &Parts) -> Option<String> {
    let prefix = parts.headers.get("x-amz-target")?.to_str().ok()?.split('.').next()?;
    hub.services().find_map(|service| match service.protocol() {
        Protocol::Json { target_prefix, .. } if target_prefix == prefix => Some(service.name().to_owned()),
        _ => None,
    })
}

/// Translates one request to a service's operation and its reply back.
async fn speak(service: &dyn Service, parts: &Parts, body: Bytes, access_key: String) -> Response {
    let ask = |operation: String, input: Value| {
        let request = Request { operation, input: input.into(), access_key: access_key.clone(), inside: false };
        async move { service.call(request).await }
    };
    if let Some(operation) = cbor::operation(parts) {
        return match cbor::decode(&body) {
            Ok(input) => cbor::encode(ask(operation, input).await),
            Err(error) => cbor::encode(Err(error)),
        };
    }
    if parts.headers.contains_key("x-amz-target") {
        return match json::decode(parts, &body) {
            Ok((operation, input)) => json::encode(parts, ask(operation, input).await),
            Err(error) => json::encode(parts, Err(error)),
        };
    }
    match service.protocol() {
        Protocol::RestJson { lower_camel } => match rest::decode(service, lower_camel, parts, &body) {
            Ok((route, input)) => rest::encode(route, lower_camel, ask(route.operation.to_owned(), input).await),
            Err(error) => rest::refuse(&error),
        },
        Protocol::Query { namespace } => {
            let (operation, input) = query::decode(parts, &body);
            query::encode(namespace, &operation, ask(operation.clone(), input).await)
        }
        Protocol::Json { .. } => json::encode(parts, Err(ServiceError::new("UnknownOperationException", "no target"))),
    }
}

/// `NotImplemented`, naming service and operation, in the protocol that was spoken.
fn refuse_unknown(service: &str, parts: &Parts, body: &Bytes) -> Response {
    if let Some(operation) = cbor::operation(parts) {
        return cbor::encode(Err(ServiceError::not_implemented(service, &operation)));
    }
    if let Some(target) = parts.headers.get("x-amz-target").and_then(|v| v.to_str().ok()) {
        let operation = target.rsplit('.').next().unwrap_or(target);
        return json::encode(parts, Err(ServiceError::not_implemented(service, operation)));
    }
    if is_form(parts) {
        let (operation, _) = query::decode(parts, body);
        return query::encode("", &operation, Err(ServiceError::not_implemented(service, &operation)));
    }
    let operation = format!("{} {}", parts.method, parts.uri.path());
    rest::refuse(&ServiceError::not_implemented(service, &operation))
}

fn is_form(parts: &Parts) -> bool {
    parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("application/x-www-form-urlencoded"))
}

/// An answer with a content type and a request id, which every AWS answer has.
fn respond(status: u16, content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id()) {
        response.headers_mut().insert("x-amzn-requestid", value);
    }
    response
}

fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

trait IntoResponseWith {
    fn into_response_with(self, text: String) -> Response;
}

impl IntoResponseWith for StatusCode {
    fn into_response_with(self, text: String) -> Response {
        (self, text).into_response()
    }
}

/// The reply as a JSON structure; operations without output reply null.
fn structure(reply: Reply) -> Reply {
    reply.map(|value| if value.is_null() { Value::Object(serde_json::Map::new()) } else { value })
}
