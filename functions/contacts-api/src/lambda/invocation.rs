//! An invocation as Lambda sends it, and what is told of it: ids on every line of its log, a metric, a trace.

use std::time::Instant;

use axum::Router;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::value::RawValue;
use tracing::{Instrument as _, Span};

use super::event::HttpEvent;
use super::handler::{HandlerError, handle};
use super::reply::HttpReply;
use crate::telemetry::{Answered, Metrics, Tracer};

/// Everything that an invocation needs.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) app: Router,
    pub(super) base_path: Option<String>,
    pub(super) metrics: Metrics,
    pub(super) tracer: Tracer,
}

impl Function {
    /// Answers one event. It is read here, and not by the runtime, which keeps account of where in an event it is for the sake of an
    /// error that nobody but AWS could cause.
    ///
    /// # Errors
    /// Fails if the event cannot be read, or as [`handle`] does.
    pub(super) async fn invoke(&self, event: LambdaEvent<Box<RawValue>>) -> Result<HttpReply, HandlerError> {
        let LambdaEvent { payload, context } = event;
        let event: HttpEvent = serde_json::from_str(payload.get()).map_err(HandlerError::Event)?;
        let span = span(&context, &event);
        self.answer(event, &context).instrument(span).await
    }

    async fn answer(&self, event: HttpEvent, context: &Context) -> Result<HttpReply, HandlerError> {
        let begun = Instant::now();
        let method = Answered::method_name(event.method());
        self.tracer.begin(context.xray_trace_id.as_deref(), event.header("traceparent"));
        let outcome = handle(&self.app, self.base_path.as_deref(), event).await;
        let reply = outcome.as_ref().ok();
        let route = reply.and_then(HttpReply::route).unwrap_or(Answered::NO_ROUTE);
        let status = reply.map(|reply| reply.status().as_u16());
        let answered = Answered { method, route: route.to_owned(), status };
        let latency = begun.elapsed();
        self.tracer.finish(&answered);
        self.metrics.record(&answered, resource(&context.invoked_function_arn), latency);
        tracing::debug!(
            http.method = method,
            http.route = route,
            http.status = status,
            duration_ms = latency.as_secs_f64() * 1000.0,
            "request answered"
        );
        outcome
    }

    /// True if metrics or traces are told later than they happen.
    pub(super) const fn gathers(&self) -> bool {
        self.metrics.are_on() || self.tracer.is_on()
    }

    /// Writes and sends what is left.
    pub(super) async fn flush(&self) {
        self.metrics.flush();
        self.tracer.flush().await;
    }
}

/// The span of a request. Of level `error`, so that its ids are on every line that is written at all. The names are those of
/// Lambda's own JSON logs, so that one search finds the lines of both; the trace is the one that X-Ray shows.
fn span(context: &Context, event: &HttpEvent) -> Span {
    tracing::error_span!(
        "request",
        requestId = context.request_id,
        // With the others: what is recorded later makes the formatter write all of them again.
        xrayTraceId = context.xray_trace_id.as_deref().and_then(root),
        apiRequestId = event.request_id()
    )
}

/// The function as it was invoked, `name:alias` or `name:version`: what Lambda's own metrics call its resource.
fn resource(arn: &str) -> &str {
    arn.split_once(":function:").map_or(arn, |(_, resource)| resource)
}

/// The trace of `Root=1-…;Parent=…;Sampled=0`.
fn root(header: &str) -> Option<&str> {
    header.split(';').find_map(|part| part.trim().strip_prefix("Root="))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use http::HeaderMap;
    use serde_json::{Value, json};
    use slipway_shared::fakes::is_alone;
    use tracing_subscriber::filter::LevelFilter;

    use super::*;
    use crate::http::app;
    use crate::settings::{About, TracingSettings};
    use crate::store::Memory;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Lines {
        fn read(&self) -> Vec<Value> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    fn function() -> Function {
        let about = About { commit: "c".into(), release: "r".into(), function_version: "1".into() };
        let tracer = Tracer::new(TracingSettings::Off, "contacts").unwrap();
        Function { app: app(Memory::default(), about), base_path: None, metrics: Metrics::new(None), tracer }
    }

    fn invocation(event: &Value) -> LambdaEvent<Box<RawValue>> {
        let mut headers = HeaderMap::new();
        headers.insert("lambda-runtime-deadline-ms", "0".parse().unwrap());
        headers.insert("lambda-runtime-invoked-function-arn", "arn".parse().unwrap());
        headers.insert("lambda-runtime-trace-id", "Root=1-abc-def;Parent=x;Sampled=0".parse().unwrap());
        let context = Context::new("request-of-lambda", Arc::default(), &headers).unwrap();
        LambdaEvent { payload: serde_json::value::to_raw_value(event).unwrap(), context }
    }

    async fn logged(level: &str, event: Value) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        let level: LevelFilter = level.parse().unwrap();
        let logs = tracing_subscriber::fmt().json().with_max_level(level).with_writer(move || writer.clone()).finish();
        let guard = tracing::subscriber::set_default(logs);
        function().invoke(invocation(&event)).await.unwrap();
        drop(guard);
        lines.read()
    }

    #[tokio::test]
    async fn a_request_has_one_line_for_whoever_looks_closely_with_its_ids_and_nothing_of_a_person() {
        if !is_alone().unwrap() {
            return;
        }
        let event = json!({
            "rawPath": "/contacts/01ARZ3NDEKTSV4RRFFQ69G5FAV", "rawQueryString": "email=ada@example.com",
            "requestContext": {
                "http": {"method": "GET"}, "requestId": "request-of-the-gateway",
                "authorizer": {"jwt": {"claims": {"iss": "i", "sub": "ada"}}},
            },
        });
        let lines = logged("debug", event.clone()).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        let (fields, span) = (&lines[0]["fields"], &lines[0]["span"]);
        assert_eq!((&fields["http.route"], &fields["http.status"]), (&json!("/contacts/{id}"), &json!(404)));
        assert_eq!((&fields["http.method"], &fields["message"]), (&json!("GET"), &json!("request answered")));
        assert_eq!((&span["requestId"], &span["xrayTraceId"]), (&json!("request-of-lambda"), &json!("1-abc-def")));
        assert_eq!(span["apiRequestId"], "request-of-the-gateway");
        assert!(!lines[0].to_string().contains("ada") && !lines[0].to_string().contains("01ARZ"));
        assert!(logged("info", event).await.is_empty());
    }
}
