//! The AWS wire protocols: from an HTTP request to an operation over JSON values, and back.
//!
//! The service is read from the request's SigV4 credential scope, as AWS endpoints that share a host do. Its model
//! says how the request is read and the answer written. A request that no service of the plane runs is answered with
//! `NotImplemented` in the protocol it was asked in, or passed on to a backing endpoint.

mod cbor;
mod codes;
mod document;
mod expectation;
mod json;
mod passage;
mod query;
mod response;
mod rest;
mod times;

use std::sync::Arc;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderName, StatusCode, header};
use serde_json::Value;

use crate::core::{Caller, Hub, Request, Service, ServiceError};
use crate::model::{self, Model, WireProtocol};
use crate::s3::S3Endpoint;
use crate::signing::{caller_of, scope_of, spelled};

pub(crate) use passage::BackingEndpoint;

/// The largest request that is read: Lambda's direct upload of 50 MB as base64, with room.
const BODY_LIMIT: usize = 80 * 1024 * 1024;
/// The limit that Lambda names.
const LAMBDA_LIMIT: usize = 70_167_211;

/// The parts that the endpoint needs to answer.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// The services, with their clock and credentials.
    pub(crate) hub: Arc<Hub>,
    /// S3, which has a protocol of its own.
    pub(crate) s3: S3Endpoint,
    /// The endpoint that gets what the plane does not run, if there is one.
    pub(crate) backing: Option<BackingEndpoint>,
}

/// The header in which the JSON protocols name an operation.
static TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// A request of one of the protocols, with what was found of it.
struct Spoken<'a> {
    parts: &'a Parts,
    /// The header that names the operation, if there is one.
    target: Option<&'a str>,
    model: Option<&'static Model>,
    body: Bytes,
}

impl<'a> Spoken<'a> {
    fn new(parts: &'a Parts, service: &str, body: Bytes) -> Self {
        let target = parts.headers.get(&TARGET).and_then(|target| target.to_str().ok());
        // A target names its service, whoever signed for what: DynamoDB's streams are signed for as DynamoDB.
        let named = target.and_then(|target| model::of_target(target.rsplit_once('.')?.0));
        Self { parts, target, model: named.or_else(|| model::of(service)), body }
    }
}

/// The plane's one endpoint; `doors` are paths that are not AWS APIs (git, the issuer).
pub(crate) fn router(endpoint: Endpoint, doors: Router) -> Router {
    Router::new().fallback(answer).with_state(endpoint).merge(doors)
}

async fn answer(State(endpoint): State<Endpoint>, request: HttpRequest) -> Response {
    match expectation::of(request.headers()) {
        true => expectation::close(answered(endpoint, request).await),
        false => answered(endpoint, request).await,
    }
}

async fn answered(endpoint: Endpoint, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let mut scope = scope_of(&parts);
    if scope.service.is_none() && parts.uri.query().is_some_and(|query| query.contains("Action=")) {
        // The links in notifications (confirm, unsubscribe) are the only actions that nobody signs.
        scope.service = Some("sns".to_owned());
    }
    let is_target = || parts.headers.contains_key(&TARGET) || cbor::operation(&parts).is_some();
    if scope.service.as_deref() == Some("s3") || (scope.service.is_none() && !is_target() && !is_form(&parts)) {
        let caller = caller_of(&endpoint.hub, &scope, &parts, None);
        return endpoint.s3.answer(parts, body, caller).await;
    }
    let body = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(error) if scope.service.as_deref() == Some("lambda") => {
            let spoken = Spoken::new(&parts, "lambda", Bytes::new());
            return refuse(&spoken, |_| too_large_for_lambda(&parts, &error));
        }
        Err(error) => return StatusCode::PAYLOAD_TOO_LARGE.into_response_with(error.to_string()),
    };
    let name = scope.service.as_deref().unwrap_or_default();
    let spoken = Spoken::new(&parts, name, body);
    let name = spoken.model.map_or(name, |model| model.service);
    match endpoint.hub.service(name) {
        Some(service) => match caller_of(&endpoint.hub, &scope, &parts, Some(&spoken.body)) {
            Ok(caller) => speak(service.as_ref(), spoken, caller).await,
            Err(error) => refuse(&spoken, |_| spelled(spoken.model, error)),
        },
        None => match &endpoint.backing {
            Some(backing) => backing.pass_on(&parts, spoken.body).await,
            None => {
                let unknown = Spoken { model: None, ..spoken };
                refuse(&unknown, |operation| ServiceError::not_implemented(name, operation))
            }
        },
    }
}

/// The refusal of a request that is not even read to its end. Lambda says how much it would have taken.
fn too_large_for_lambda(parts: &Parts, error: &axum::Error) -> ServiceError {
    let known = model::of("lambda").and_then(|model| rest::decode(model, parts, &Bytes::new()).ok());
    let message = known.map_or_else(
        || error.to_string(),
        |(operation, _)| {
            format!("Request must be smaller than {LAMBDA_LIMIT} bytes for the {} operation", operation.name)
        },
    );
    ServiceError::new("RequestEntityTooLargeException", message).with_status(413)
}

/// Translates one request to a service's operation and its reply back.
async fn speak(service: &dyn Service, spoken: Spoken<'_>, caller: Caller) -> Response {
    let Spoken { parts, target, model, body } = spoken;
    let ask = |operation: String, input: Value| service.call(Request::from_wire(operation, input, caller));
    if let Some(operation) = cbor::operation(parts) {
        let known = model.and_then(|model| Some((model, model.operation(&operation)?)));
        return match cbor::decode(&body) {
            Ok(input) => cbor::encode(known, ask(operation, input).await),
            Err(error) => cbor::encode(known, Err(error)),
        };
    }
    if let Some(target) = target {
        return match json::decode(model, target, &body) {
            Ok(json::Decoded { operation, known, input }) => json::encode(known, parts, ask(operation, input).await),
            Err(error) => json::encode(None, parts, Err(error)),
        };
    }
    match model {
        Some(model) if model.protocol == WireProtocol::RestJson => match rest::decode(model, parts, &body) {
            Ok((operation, input)) => rest::encode(model, operation, ask(operation.name.clone(), input).await),
            Err(error) => rest::refuse(Some(model), &error),
        },
        model if is_form(parts) || model.is_some_and(|model| model.protocol == WireProtocol::Query) => {
            let (operation, input) = query::decode(model, parts, &body);
            query::encode(model, &operation, ask(operation.clone(), input).await)
        }
        _ => json::encode(None, parts, Err(ServiceError::new("UnknownOperationException", "no target"))),
    }
}

/// A refusal in the protocol that was spoken; `error` is told the operation.
fn refuse(spoken: &Spoken<'_>, error: impl FnOnce(&str) -> ServiceError) -> Response {
    let &Spoken { parts, target, model, ref body } = spoken;
    if let Some(operation) = cbor::operation(parts) {
        return cbor::encode(None, Err(error(&operation)));
    }
    if let Some(target) = target {
        let operation = target.rsplit('.').next().unwrap_or(target);
        return json::encode(None, parts, Err(error(operation)));
    }
    if is_form(parts) {
        let (operation, _) = query::decode(model, parts, body);
        return query::encode(model, &operation, Err(error(&operation)));
    }
    let operation = format!("{} {}", parts.method, parts.uri.path());
    rest::refuse(model, &error(&operation))
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    parts.method == http::Method::POST && kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

trait IntoResponseWith {
    fn into_response_with(self, text: String) -> Response;
}

impl IntoResponseWith for StatusCode {
    fn into_response_with(self, text: String) -> Response {
        (self, text).into_response()
    }
}
