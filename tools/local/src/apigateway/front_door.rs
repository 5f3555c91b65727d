//! The front door of an API: requests come in and answers go out.

use std::io;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use reqwest::Client;
use tokio::net::TcpListener;

use super::access_log::{Record, Sent};
use super::answer::{Message, message};
use super::door::Door;
use super::event::Asked;
use super::invocation::Invocation;
use super::reception::{Reception, receive};
use super::request::{Incoming, is_too_large, request_id};
use super::state::Shared;
use super::way::Way;
use super::{access_log, cors};
use crate::core::Hub;

/// The largest request payload: 10 MB.
const PAYLOAD_LIMIT: usize = 10 * 1024 * 1024;

/// The state behind a door. The APIs are held weakly: they hold their doors.
#[derive(Clone)]
struct Behind {
    hub: Arc<Hub>,
    apis: Weak<std::sync::Mutex<std::collections::BTreeMap<String, super::api::Api>>>,
    shared: Shared,
    client: Client,
    id: String,
}

/// Opens a door on a free loopback port.
pub(super) async fn open(hub: &Arc<Hub>, shared: &Shared, id: &str) -> io::Result<Door> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let (hub, apis) = (Arc::clone(hub), Arc::downgrade(&shared.apis));
    // The door needs the keys and verdicts only.
    let shared = Shared { apis: Arc::default(), ..shared.clone() };
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().map_err(io::Error::other)?;
    let behind = Behind { hub, apis, shared, client, id: id.to_owned() };
    let router = Router::new().fallback(answer).with_state(behind);
    let server = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "an API's front door broke");
        }
    });
    Ok(Door { address, server: server.abort_handle() })
}

async fn answer(State(behind): State<Behind>, request: Request) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let id = request_id(&behind.hub.ids);
    let mut response = if is_too_large(&parts) {
        message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
    } else {
        match to_bytes(body, PAYLOAD_LIMIT).await {
            Err(_) => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Ok(body) => behind.take(Incoming::new(&behind.hub, parts, body, id.clone()), started).await,
        }
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("apigw-requestid", value);
    }
    response
}

impl Behind {
    pub(super) fn receive(&self, parts: &Parts, path: &str) -> Option<Reception> {
        let apis = self.apis.upgrade()?;
        let mut apis = apis.lock().unwrap_or_else(PoisonError::into_inner);
        Some(receive(apis.get_mut(&self.id)?, parts, path))
    }

    async fn take(&self, incoming: Incoming, started: Instant) -> Response {
        let not_found = || message(StatusCode::NOT_FOUND, "Not Found");
        let Some(reception) = self.receive(&incoming.parts, &incoming.path) else { return not_found() };
        let mut record = Record::default();
        let mut response = match (&reception.way, &reception.cors) {
            (None, Some(cors)) if reception.is_preflight => cors::preflight(cors, &incoming.parts),
            (None, _) => not_found(),
            (Some(way), cors) => {
                let asked = Asked { account: &self.hub.identity.account, incoming: &incoming, way };
                match self.admit(asked, &mut record).await {
                    Err(refusal) => refusal,
                    Ok(()) => match cors.as_ref().filter(|_| reception.is_preflight) {
                        Some(cors) => cors::preflight(cors, &incoming.parts),
                        None => Invocation { hub: &self.hub, client: &self.client, asked }.run(&mut record).await,
                    },
                }
            }
        };
        if let Some(cors) = reception.cors.as_ref().filter(|_| !reception.is_preflight) {
            cors::speak_for(cors, &incoming.parts.headers, response.headers_mut());
        }
        self.note(&reception, &incoming, &record, &response, started.elapsed());
        response
    }

    /// Limits come before the authorizer, which they protect, too (assumed: AWS does not say which is first).
    async fn admit(&self, asked: Asked<'_>, record: &mut Record) -> Result<(), Response> {
        if !asked.way.admitted {
            return Err(message(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"));
        }
        match asked.way.gate.admit(&self.hub, &self.shared, asked).await {
            Ok(identity) => {
                record.identity = identity;
                Ok(())
            }
            Err(denial) => {
                record.authorizer_error = Some(denial.reason());
                Err(denial.into_response())
            }
        }
    }

    /// Writes the access log and the metrics, off the request's path.
    fn note(&self, reception: &Reception, incoming: &Incoming, record: &Record, response: &Response, took: Duration) {
        let Some(stage) = &reception.stage else { return };
        self.measure(stage, reception.way.as_ref(), response.status(), took, record.integration_latency);
        let (Some((destination, format)), Some(way)) = (&reception.access_log, &reception.way) else { return };
        let asked = Asked { account: &self.hub.identity.account, incoming, way };
        let sent = Sent {
            status: response.status().as_u16(),
            length: response.body().size_hint().exact().unwrap_or_default(),
            latency: took,
            message: response.extensions().get::<Message>().map(|message| message.0),
        };
        let request = access_log::of_the_request(asked, &record.identity);
        let line = access_log::line(format, &request, record, sent);
        access_log::write(&self.hub, destination, format!("{}/{stage}", self.id), incoming.at, line);
    }

    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>
    fn measure(
        &self,
        stage: &str,
        way: Option<&Way>,
        status: StatusCode,
        took: Duration,
        integration: Option<Duration>,
    ) {
        let (hub, id, stage) = (Arc::clone(&self.hub), self.id.clone(), stage.to_owned());
        let route = way.filter(|way| way.detailed_metrics).map(|way| way.route_key.text().to_owned());
        tokio::spawn(async move {
            let flag = |set: bool| if set { 1.0 } else { 0.0 };
            let millis = |took: Duration| took.as_secs_f64() * 1000.0;
            let mut values = vec![
                ("Count", "Count", 1.0),
                ("4xx", "Count", flag(status.is_client_error())),
                ("5xx", "Count", flag(status.is_server_error())),
                ("Latency", "Milliseconds", millis(took)),
            ];
            values.extend(integration.map(|took| ("IntegrationLatency", "Milliseconds", millis(took))));
            let mut dimensions = vec![("ApiId", id.as_str()), ("Stage", stage.as_str())];
            dimensions.extend(route.as_deref().map(|route| ("Route", route)));
            for (name, unit, value) in values {
                for count in 1..=dimensions.len() {
                    hub.record_metric("AWS/ApiGateway", name, unit, value, &dimensions[..count]).await;
                }
            }
        });
    }
}
