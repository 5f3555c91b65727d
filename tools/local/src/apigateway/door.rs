//! The front door of an API: a loopback port where requests become invocations.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::answer::message;
use super::cors::{allow_origin, preflight};
use super::event::{self, Context};
use super::gate::{Gate, Identity};
use super::integration::Integration;
use super::issuer_keys::IssuerKeys;
use super::route::Access;
use super::routes;
use super::state::Apis;
use crate::core::Hub;

/// The largest request payload: 10 MB.
const PAYLOAD_LIMIT: usize = 10 * 1024 * 1024;

/// Which version of the function answered. Not AWS's: what a client of the plane needs to tell a canary's answers.
const EXECUTED_VERSION: &str = "x-slipway-executed-version";

/// An open door. It closes when it is dropped.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    server: AbortHandle,
}

impl Door {
    /// Where it is.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Clone)]
struct Behind {
    hub: Arc<Hub>,
    apis: Weak<std::sync::Mutex<BTreeMap<String, super::api::Api>>>,
    keys: Arc<IssuerKeys>,
    id: String,
}

/// Opens a door on a free loopback port.
pub(super) async fn open(hub: &Arc<Hub>, apis: &Apis, keys: &Arc<IssuerKeys>, id: &str) -> io::Result<Door> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let (hub, keys) = (Arc::clone(hub), Arc::clone(keys));
    let behind = Behind { hub, apis: Arc::downgrade(apis), keys, id: id.to_owned() };
    let router = Router::new().fallback(answer).with_state(behind);
    let server = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "an API's front door broke");
        }
    });
    Ok(Door { address, server: server.abort_handle() })
}

/// A request's way through the API, read in one look at its definition.
struct Way {
    route_key: String,
    gate: Gate,
    /// Whether the stage's limits let the request through.
    admitted: bool,
    integration: Integration,
    parameters: BTreeMap<String, String>,
    stage: String,
    stage_variables: BTreeMap<String, String>,
}

async fn answer(State(behind): State<Behind>, request: Request) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let cors = behind.cors();
    if let Some(preflight) = cors.as_ref().and_then(|cors| preflight(cors, &parts)) {
        return preflight;
    }
    let request_id = behind.hub.ids.hex(16);
    let mut response = match to_bytes(body, PAYLOAD_LIMIT).await {
        Err(_) => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"),
        Ok(body) => match behind.way(&parts) {
            None => message(StatusCode::NOT_FOUND, "Not Found"),
            Some(way) => behind.pass(way, &parts, &body, &request_id).await,
        },
    };
    if let Some(cors) = &cors {
        allow_origin(cors, &parts.headers, response.headers_mut());
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("apigw-requestid", value);
    }
    behind.measure(response.status(), started.elapsed());
    response
}

impl Behind {
    fn cors(&self) -> Option<Value> {
        let apis = self.apis.upgrade()?;
        let apis = apis.lock().unwrap_or_else(PoisonError::into_inner);
        apis.get(&self.id)?.cors.clone()
    }

    fn way(&self, parts: &Parts) -> Option<Way> {
        let apis = self.apis.upgrade()?;
        let mut apis = apis.lock().unwrap_or_else(PoisonError::into_inner);
        let api = apis.get_mut(&self.id)?;
        // A stage other than `$default` is the first segment of the path.
        let whole = parts.uri.path();
        let (first, rest) =
            whole.trim_start_matches('/').split_once('/').unwrap_or((whole.trim_start_matches('/'), ""));
        let (stage, path) = match api.stages.contains_key(first) {
            true => (first, format!("/{rest}")),
            false => ("$default", whole.to_owned()),
        };
        let candidates = api.routes.values().map(|route| (&route.key, route));
        let (key, route, parameters) = routes::select(candidates, parts.method.as_str(), &path)?;
        let integration = api.integrations.get(&route.integration)?.clone();
        let gate = match &route.access {
            Access::Open => Gate::Open,
            Access::Iam => Gate::Iam,
            Access::Jwt { authorizer, scopes } => match api.authorizers.get(authorizer) {
                Some(found) => Gate::Jwt { authorizer: found.clone(), scopes: scopes.clone() },
                None => Gate::Shut,
            },
        };
        let route_key = key.text().to_owned();
        let stage_name = stage.to_owned();
        let stage = api.stages.get_mut(&stage_name)?;
        Some(Way {
            admitted: stage.admits(&route_key, tokio::time::Instant::now()),
            route_key,
            gate,
            integration,
            parameters,
            stage: stage_name,
            stage_variables: stage.variables.clone(),
        })
    }

    /// Limits come before the authorizer, which they protect, too (an assumption: AWS does not say which is first).
    async fn pass(&self, way: Way, parts: &Parts, body: &Bytes, request_id: &str) -> Response {
        if !way.admitted {
            return message(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
        }
        match way.gate.admit(&self.keys, &self.hub.identity, parts).await {
            Ok(identity) => self.invoke(way, &identity, parts, body, request_id).await,
            Err(denial) => denial.into_response(),
        }
    }

    async fn invoke(&self, way: Way, identity: &Identity, parts: &Parts, body: &Bytes, request_id: &str) -> Response {
        let context = Context {
            account: &self.hub.identity.account,
            api_id: &self.id,
            stage: &way.stage,
            stage_variables: &way.stage_variables,
            route_key: &way.route_key,
            parameters: way.parameters,
            identity,
            request_id,
            at: self.hub.now(),
        };
        let payload = match way.integration.payload.as_str() {
            "1.0" => event::version_1(&context, parts, body),
            _ => event::version_2(&context, parts, body),
        };
        let input =
            json!({ "FunctionName": way.integration.function, "Payload": STANDARD.encode(payload.to_string()) });
        let limit = Duration::from_millis(way.integration.timeout_millis);
        match tokio::time::timeout(limit, self.hub.call("lambda", "Invoke", input)).await {
            Err(_) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            Ok(Err(error)) => {
                tracing::debug!(%error, "an API could not invoke its function");
                let status = if error.status == 429 {
                    StatusCode::SERVICE_UNAVAILABLE
                } else {
                    StatusCode::INTERNAL_SERVER_ERROR
                };
                message(status, status.canonical_reason().unwrap_or_default())
            }
            Ok(Ok(reply)) => respond(&reply, &way.integration.payload),
        }
    }

    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>, off the request's path.
    fn measure(&self, status: StatusCode, took: Duration) {
        let (hub, id) = (Arc::clone(&self.hub), self.id.clone());
        tokio::spawn(async move {
            let dimensions = [("ApiId", id.as_str())];
            let flag = |set: bool| if set { 1.0 } else { 0.0 };
            let values = [
                ("Count", "Count", 1.0),
                ("4xx", "Count", flag(status.is_client_error())),
                ("5xx", "Count", flag(status.is_server_error())),
                ("Latency", "Milliseconds", took.as_secs_f64() * 1000.0),
            ];
            for (name, unit, value) in values {
                hub.record_metric("AWS/ApiGateway", name, unit, value, &dimensions).await;
            }
        });
    }
}

/// The response to a function's reply; an error of the function is a 500 that says nothing of it.
fn respond(reply: &Value, format: &str) -> Response {
    let payload = reply["Payload"].as_str().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    let failed = reply["FunctionError"].is_string();
    let response = if failed { None } else { event::response(&payload, format) };
    let mut response = response.unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"));
    if let Some(version) = reply["ExecutedVersion"].as_str().and_then(|text| HeaderValue::from_str(text).ok()) {
        response.headers_mut().insert(EXECUTED_VERSION, version);
    }
    response
}
