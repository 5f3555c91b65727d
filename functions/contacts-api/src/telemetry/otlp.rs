//! OTLP over HTTP with JSON: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>.
//!
//! Written here, because the official crates bring an SDK, a queue with a thread, and protocol buffers: more than the rest of the
//! function's own code. The collector is an extension of the function or another thing nearby, so it is reached without TLS.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::CONTENT_TYPE;
use http::uri::{InvalidUriParts, PathAndQuery};
use http::{Request, Uri};
use lambda_runtime_api_client::PooledClient;
use lambda_runtime_api_client::body::Body;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::tracer::{Call, Step};

/// A collector that does not answer must not fill the memory.
const LIMIT: Duration = Duration::from_secs(5);
/// `SPAN_KIND_SERVER` and `SPAN_KIND_CLIENT` of `opentelemetry/proto/trace/v1/trace.proto`.
const SERVER: u8 = 2;
const CLIENT: u8 = 3;
/// `STATUS_CODE_ERROR` of the same.
const ERROR: u8 = 2;

/// A collector of traces.
#[derive(Debug)]
pub(super) struct Collector {
    client: PooledClient,
    /// The path at which the collector takes traces.
    place: PathAndQuery,
    service: String,
    /// The traces on their way. A request does not wait for its trace, and the process may be frozen before it has arrived.
    sending: Mutex<Vec<JoinHandle<()>>>,
}

impl Collector {
    /// The collector whose endpoint for traces is given.
    ///
    /// # Errors
    /// Fails if the endpoint has no host.
    pub(super) fn new(endpoint: Uri, service: &str) -> Result<Self, InvalidUriParts> {
        let mut base = endpoint.into_parts();
        // The client puts the path of its base before each request's.
        let place =
            base.path_and_query.replace(PathAndQuery::from_static("/")).unwrap_or(PathAndQuery::from_static("/"));
        let client = PooledClient::builder().with_endpoint(Uri::from_parts(base)?).build();
        Ok(Self { client, place, service: service.to_owned(), sending: Mutex::default() })
    }

    /// Sends a request and its calls.
    pub(super) fn send(&self, step: &Step<'_>) {
        let body = Body::from(document(&self.service, step).to_string());
        let request = Request::post(self.place.as_str()).header(CONTENT_TYPE, "application/json").body(body);
        let Ok(request) = request else { return };
        let answer = self.client.call(request);
        let sent = tokio::spawn(async move {
            match tokio::time::timeout(LIMIT, answer).await {
                Ok(Ok(answer)) if answer.status().is_success() => {}
                Ok(Ok(answer)) => tracing::debug!(http.status = answer.status().as_u16(), "a trace was not taken"),
                Ok(Err(error)) => tracing::debug!(%error, "a trace was not sent"),
                Err(_) => tracing::debug!("a trace was not taken in time"),
            }
        });
        let mut sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        sending.retain(|other| !other.is_finished());
        sending.push(sent);
    }

    /// Waits for what is on its way.
    pub(super) async fn flush(&self) {
        let sending = std::mem::take(&mut *self.sending.lock().unwrap_or_else(PoisonError::into_inner));
        for sent in sending {
            // It has told of its own failure.
            let _ = sent.await;
        }
    }
}

fn document(service: &str, step: &Step<'_>) -> Value {
    let (request, calls) = (step.request, step.calls.iter().map(|call| call_span(step, call)));
    let mut attributes = vec![text("http.request.method", request.method), text("http.route", &request.route)];
    attributes.extend(request.status.map(|status| {
        // 64-bit integers are texts in the JSON of protocol buffers.
        json!({ "key": "http.response.status_code", "value": { "intValue": status.to_string() } })
    }));
    let mut span = span(step, step.id, SERVER, (step.begun, step.ended));
    span["name"] = format!("{} {}", request.method, request.route).into();
    span["attributes"] = attributes.into();
    if let Some(parent) = step.context.parent {
        span["parentSpanId"] = format!("{parent:016x}").into();
    }
    if request.status.is_none_or(|status| status >= 500) {
        span["status"] = json!({ "code": ERROR });
    }
    let spans: Vec<Value> = std::iter::once(span).chain(calls).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": [text("service.name", service), text("cloud.platform", "aws_lambda")] },
        "scopeSpans": [{ "scope": { "name": "contacts-api" }, "spans": spans }],
    }] })
}

fn call_span(step: &Step<'_>, call: &Call) -> Value {
    let mut span = span(step, call.id, CLIENT, (call.begun, call.ended));
    span["name"] = format!("{}.{}", call.service, call.operation).into();
    span["parentSpanId"] = format!("{:016x}", step.id).into();
    span["attributes"] =
        json!([text("rpc.system", "aws-api"), text("rpc.service", &call.service), text("rpc.method", &call.operation)]);
    if call.failed {
        span["status"] = json!({ "code": ERROR });
    }
    span
}

fn span(step: &Step<'_>, id: u64, kind: u8, (begun, ended): (SystemTime, SystemTime)) -> Value {
    json!({
        "traceId": format!("{:032x}", step.context.trace), "spanId": format!("{id:016x}"), "kind": kind,
        "startTimeUnixNano": nanoseconds(begun), "endTimeUnixNano": nanoseconds(ended),
    })
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn nanoseconds(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::post;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::super::{Answered, Tracer};
    use super::*;
    use crate::settings::TracingSettings;

    /// A collector that hands over what it takes, and a tracer that sends to it.
    async fn traced() -> (mpsc::UnboundedReceiver<Value>, Tracer) {
        let (sender, taken) = mpsc::unbounded_channel();
        let take = post(async move |body: String| {
            sender.send(serde_json::from_str(&body).unwrap()).unwrap();
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/traces", take)).await });
        let endpoint = format!("http://{address}/v1/traces").parse().unwrap();
        (taken, Tracer::new(TracingSettings::Otlp(endpoint), "contacts").unwrap())
    }

    fn answered(status: u16) -> Answered {
        Answered { method: "GET", route: "/contacts".to_owned(), status: Some(status) }
    }

    #[tokio::test]
    async fn a_callers_trace_goes_on_and_has_arrived_when_flushed() {
        let (mut taken, tracer) = traced().await;
        tracer.begin(None, Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        let (begun, ended) = (SystemTime::now(), SystemTime::now());
        let (service, operation) = ("DynamoDB".to_owned(), "Query".to_owned());
        tracer.called(Call { id: 7, service, operation, begun, ended, failed: false });
        tracer.finish(&answered(503));
        tracer.flush().await;
        let document = taken.try_recv().unwrap();
        let spans = &document["resourceSpans"][0]["scopeSpans"][0]["spans"];
        assert_eq!(spans[0]["traceId"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(spans[0]["parentSpanId"], "b7ad6b7169203331");
        assert_eq!((&spans[0]["name"], &spans[0]["status"]["code"]), (&json!("GET /contacts"), &json!(ERROR)));
        assert_eq!(spans[1]["parentSpanId"], spans[0]["spanId"]);
        assert_eq!((&spans[1]["name"], spans[1].get("status")), (&json!("DynamoDB.Query"), None));
        assert_eq!(document["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"], "contacts");
    }

    #[tokio::test]
    async fn a_trace_begins_where_the_caller_has_none_and_ends_where_the_caller_wants_none() {
        let (mut taken, tracer) = traced().await;
        tracer.begin(None, Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"));
        tracer.finish(&answered(200));
        tracer.begin(Some("Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=0"), None);
        tracer.finish(&answered(200));
        tracer.flush().await;
        let span = taken.try_recv().unwrap()["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone();
        assert_eq!(span["traceId"], "67891233abcdef012345678912345678");
        assert_eq!((span.get("parentSpanId"), span.get("status")), (None, None));
        assert!(taken.try_recv().is_err());
    }
}
