//! The Lambda Runtime API of one environment, on a port of its own, and beside it the Extensions API.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>: `next`, `response` (buffered or streamed),
//! `error` and `init/error`. It carries bytes; what they mean is decided by the environment.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::extensions::{self, Extensions};
use super::replies::{accepted, refusal};

/// The most bytes of an answer: 6 MB and a little, as on AWS.
pub(super) const MAX_RESPONSE: usize = 6_291_556;
const PREFIX: &str = "/2018-06-01/runtime/";

/// One event for the runtime, with the headers of `next`.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) request_id: String,
    /// Milliseconds since the epoch, wall clock.
    pub(super) deadline_ms: u128,
    pub(super) function_arn: String,
    pub(super) trace_id: String,
    /// JSON, where the caller gave one.
    pub(super) client_context: Option<String>,
    pub(super) payload: Bytes,
}

/// A step of the runtime.
#[derive(Debug)]
pub(super) enum RuntimeEvent {
    /// It asked for the next invocation.
    Polled,
    /// It was handed an invocation.
    Delivered,
    /// It answered the invocation.
    Response(Bytes),
    /// It answered more than Lambda carries.
    ResponseTooLarge,
    /// The handler failed, and the runtime reported it.
    Failed(RuntimeFailure),
    /// The runtime could not start.
    InitFailed(RuntimeFailure),
}

/// An error that the runtime reported.
#[derive(Clone, Debug)]
pub(super) struct RuntimeFailure {
    pub(super) error_type: Option<String>,
    /// The JSON that the caller gets.
    pub(super) body: Bytes,
}

/// The listener of one environment. Dropping it closes the port.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    pub(super) address: SocketAddr,
    pub(super) jobs: mpsc::Sender<Job>,
    pub(super) events: mpsc::UnboundedReceiver<RuntimeEvent>,
    pub(super) extensions: Arc<Extensions>,
    server: AbortHandle,
}

impl RuntimeApi {
    /// Listens on a free port of loopback.
    pub(super) async fn listen(extensions: Extensions) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let (jobs, waiting) = mpsc::channel(1);
        let (happened, events) = mpsc::unbounded_channel();
        let extensions = Arc::new(extensions);
        let shared = Arc::new(Shared {
            jobs: tokio::sync::Mutex::new(waiting),
            events: happened,
            current: Mutex::default(),
            extensions: Arc::clone(&extensions),
        });
        let server = tokio::spawn(serve(listener, shared)).abort_handle();
        Ok(Self { address, jobs, events, extensions, server })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Shared {
    jobs: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    events: mpsc::UnboundedSender<RuntimeEvent>,
    /// The request that may be answered.
    current: Mutex<Option<String>>,
    extensions: Arc<Extensions>,
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // Small answers must not wait for the runtime's acknowledgements.
                let _ = stream.set_nodelay(true);
                let shared = Arc::clone(&shared);
                let service = service_fn(move |request| {
                    let shared = Arc::clone(&shared);
                    async move { Ok::<_, Infallible>(shared.answer(request).await) }
                });
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        if let Some(path) = path.strip_prefix(extensions::PREFIX) {
            return self.extension(path, request).await;
        }
        let Some(path) = path.strip_prefix(PREFIX) else {
            return refusal(StatusCode::NOT_FOUND, "NotFound", "no such path");
        };
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => self.response(id, request).await,
            (&Method::POST, ["invocation", id, "error"]) => self.error(id, request).await,
            (&Method::POST, ["init", "error"]) => {
                let failure = failure_of(request).await;
                self.tell(RuntimeEvent::InitFailed(failure));
                accepted()
            }
            _ => refusal(StatusCode::NOT_FOUND, "NotFound", "no such path"),
        }
    }

    async fn extension(&self, path: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        match read_body(body).await {
            Ok(Received::Whole(body)) => self.extensions.answer(&parts.method, path, &parts.headers, &body).await,
            Ok(Received::BrokenOff(_)) | Err(TooLarge) => {
                refusal(StatusCode::BAD_REQUEST, "InvalidRequestFormat", "the body cannot be read")
            }
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        self.tell(RuntimeEvent::Polled);
        // A runtime that hangs up while it waits leaves the job for its next request.
        let Some(job) = self.jobs.lock().await.recv().await else {
            return refusal(StatusCode::GONE, "Container.Ended", "the environment has ended");
        };
        *self.current() = Some(job.request_id.clone());
        self.tell(RuntimeEvent::Delivered);
        let mut response = Response::builder()
            .header("Content-Type", "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", &job.request_id)
            .header("Lambda-Runtime-Deadline-Ms", job.deadline_ms.to_string())
            .header("Lambda-Runtime-Invoked-Function-Arn", &job.function_arn)
            .header("Lambda-Runtime-Trace-Id", &job.trace_id);
        if let Some(context) = &job.client_context {
            response = response.header("Lambda-Runtime-Client-Context", context);
        }
        response
            .body(Full::new(job.payload))
            .unwrap_or_else(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "BadJob", "a header cannot be written"))
    }

    async fn response(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if !self.is_current(id) {
            return unknown_request();
        }
        let event = match read_body(request.into_body()).await {
            Ok(Received::Whole(body)) => RuntimeEvent::Response(body),
            // A streamed answer that fails half-way ends with the error in its trailers.
            Ok(Received::BrokenOff(failure)) => RuntimeEvent::Failed(failure),
            Err(TooLarge) => RuntimeEvent::ResponseTooLarge,
        };
        let too_large = matches!(event, RuntimeEvent::ResponseTooLarge);
        if !self.conclude(id, event) {
            return unknown_request();
        }
        if too_large {
            return refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                &format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."),
            );
        }
        accepted()
    }

    async fn error(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if !self.is_current(id) {
            return unknown_request();
        }
        let failure = failure_of(request).await;
        if self.conclude(id, RuntimeEvent::Failed(failure)) { accepted() } else { unknown_request() }
    }

    fn is_current(&self, id: &str) -> bool {
        self.current().as_deref() == Some(id)
    }

    /// Takes the answer to a request, once.
    fn conclude(&self, id: &str, event: RuntimeEvent) -> bool {
        let taken = self.current().take_if(|current| current == id).is_some();
        if taken {
            self.tell(event);
        }
        taken
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: RuntimeEvent) {
        // Nobody listens once the environment is being ended.
        let _ = self.events.send(event);
    }
}

enum Received {
    Whole(Bytes),
    BrokenOff(RuntimeFailure),
}

struct TooLarge;

/// Reads a body to its end; a streamed one may carry an error in its trailers.
async fn read_body(mut body: Incoming) -> Result<Received, TooLarge> {
    let mut bytes = BytesMut::with_capacity(usize::try_from(body.size_hint().lower()).unwrap_or(0).min(MAX_RESPONSE));
    while let Some(Ok(frame)) = body.frame().await {
        match frame.into_data() {
            Ok(data) => bytes.extend_from_slice(&data),
            Err(frame) => {
                let Ok(trailers) = frame.into_trailers() else { continue };
                let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
                if let Some(error_type) = text("lambda-runtime-function-error-type") {
                    let body = text("lambda-runtime-function-error-body").and_then(decode).unwrap_or_else(|| {
                        json!({ "errorType": error_type, "errorMessage": "the streamed response broke off" })
                            .to_string()
                            .into()
                    });
                    return Ok(Received::BrokenOff(RuntimeFailure { error_type: Some(error_type), body }));
                }
            }
        }
        if bytes.len() > MAX_RESPONSE {
            // The rest is read and dropped, so that the runtime gets to read the refusal.
            while let Some(Ok(_)) = body.frame().await {}
            return Err(TooLarge);
        }
    }
    Ok(Received::Whole(bytes.freeze()))
}

fn decode(text: String) -> Option<Bytes> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok().map(Bytes::from)
}

async fn failure_of(request: Request<Incoming>) -> RuntimeFailure {
    let header = request.headers().get("lambda-runtime-function-error-type");
    let header = header.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = match read_body(request.into_body()).await {
        Ok(Received::Whole(body)) => body,
        Ok(Received::BrokenOff(failure)) => return failure,
        Err(TooLarge) => Bytes::new(),
    };
    let named = || serde_json::from_slice::<Value>(&body).ok()?["errorType"].as_str().map(str::to_owned);
    RuntimeFailure { error_type: header.or_else(named), body }
}

fn unknown_request() -> Response<Full<Bytes>> {
    refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
}
