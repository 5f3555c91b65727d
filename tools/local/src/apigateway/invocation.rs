//! Calling what a route leads to, and what the client gets when that fails.

use std::time::{Duration, Instant};

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode};
use reqwest::Client;
use serde_json::{Value, json};
use slipway_shared::telemetry::Chain;

use super::access_log::Record;
use super::answer::message;
use super::event::Asked;
use super::http_proxy;
use super::integration::{Integration, Payload, Target, function_of, with_stage_variables};
use super::permission::{self, NOT_ALLOWED};
use super::response::response;
use crate::core::{Caller, Hub, ServiceError};

/// The header with the version of the function that answered. Not AWS's: a client of the plane tells a canary's answers by it.
const EXECUTED_VERSION: &str = "x-slipway-executed-version";

/// A request that has been let through.
pub(super) struct Invocation<'a> {
    pub(super) hub: &'a Hub,
    pub(super) client: &'a Client,
    pub(super) asked: Asked<'a>,
}

fn unavailable() -> Response {
    message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
}

fn broken() -> Response {
    message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

impl Invocation<'_> {
    /// Calls the integration within its time.
    pub(super) async fn run(&self, record: &mut Record) -> Response {
        // Assumed: a route that leads nowhere is as good as none.
        let Some(integration) = &self.asked.way.integration else { return message(StatusCode::NOT_FOUND, "Not Found") };
        let started = Instant::now();
        let limit = Duration::from_millis(integration.timeout_millis);
        let answered = tokio::time::timeout(limit, self.call(integration, record)).await;
        record.integration_latency = Some(started.elapsed());
        answered.unwrap_or_else(|_| {
            record.integration_error = Some("Network error communicating with endpoint".to_owned());
            unavailable()
        })
    }

    async fn call(&self, integration: &Integration, record: &mut Record) -> Response {
        match &integration.target {
            Target::Lambda(uri) => self.invoke(uri, integration.payload, record).await,
            Target::Http { url, method } => {
                match http_proxy::ask(self.client, url, method, self.asked.incoming, self.asked.way).await {
                    Ok(response) => {
                        record.integration_status = Some(response.status().as_u16());
                        response
                    }
                    Err(error) => {
                        record.integration_error = Some(Chain(&error).to_string());
                        unavailable()
                    }
                }
            }
        }
    }

    async fn invoke(&self, uri: &str, payload: Payload, record: &mut Record) -> Response {
        let uri = with_stage_variables(uri, &self.asked.way.stage_variables);
        let function = function_of(&uri).unwrap_or(&uri);
        let source = self.source();
        if !permission::allows(self.hub, function, &source).await {
            tracing::warn!(function, "API Gateway has no permission to invoke the function");
            record.integration_error = Some(NOT_ALLOWED.to_owned());
            return broken();
        }
        let event = match payload {
            Payload::V1 => self.asked.version_1(&record.identity),
            Payload::V2 => self.asked.version_2(&record.identity),
        };
        let input = json!({ "FunctionName": function, "Payload": STANDARD.encode(event.to_string()) });
        let caller = Caller::service_for(permission::SERVICE, source);
        match self.hub.call_as(&caller, "lambda", "Invoke", input).await {
            Err(error) => refused(&error, record),
            Ok(reply) => {
                record.lambda_status = Some(200);
                answered(&reply, payload, record)
            }
        }
    }

    /// The route that calls: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path`, or `…/$default`.
    /// Assumed: a route of `ANY` calls with the method of the request.
    fn source(&self) -> String {
        let way = self.asked.way;
        let route = match way.route_key.is_default() {
            true => way.route_key.text().to_owned(),
            false => format!("{}{}", self.asked.incoming.parts.method, way.route_key.path()),
        };
        self.hub.arn("execute-api", &format!("{}/{}/{route}", way.api_id, way.stage))
    }
}

/// The response to the client if Lambda does not run the function.
fn refused(error: &ServiceError, record: &mut Record) -> Response {
    tracing::debug!(%error, "an API could not invoke its function");
    record.lambda_status = Some(error.status);
    record.integration_error = Some(error.message.clone());
    match error.status {
        403 => {
            record.integration_error = Some(NOT_ALLOWED.to_owned());
            broken()
        }
        429 => unavailable(),
        413 => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
        _ => broken(),
    }
}

/// The response to a function's reply; an error of the function is a 500 that says nothing of it.
fn answered(reply: &Value, payload: Payload, record: &mut Record) -> Response {
    let answer = reply["Payload"].as_str().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    let failed = reply["FunctionError"].is_string();
    let read = if failed { None } else { response(&answer, payload) };
    record.integration_status = read.as_ref().map(|response| response.status().as_u16());
    let mut response = read.unwrap_or_else(|| {
        let why = match failed {
            true => "The Lambda function returned an error",
            false => "The response from the Lambda function doesn't match the format that API Gateway expects",
        };
        record.integration_error = Some(why.to_owned());
        broken()
    });
    if let Some(version) = reply["ExecutedVersion"].as_str().and_then(|text| HeaderValue::from_str(text).ok()) {
        response.headers_mut().insert(EXECUTED_VERSION, version);
    }
    response
}
