//! Lambda's Runtime API for one process, as far as a function needs it
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>, runtimes-extensions-api.html).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// The invocations differ in nothing that a function could see, but their answers come back under this name.
const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// The Runtime API of one process.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<Bytes>,
    happenings: mpsc::UnboundedReceiver<Happening>,
    patience: Duration,
    server: JoinHandle<()>,
}

/// One act of a process.
#[derive(Debug)]
enum Happening {
    /// It asked for an event.
    Waits,
    Answered(Bytes, Instant),
    Failed(Bytes),
}

/// An answer of the function.
#[derive(Debug)]
pub struct Answer {
    /// The result that the function returned.
    pub body: Bytes,
    /// From handing the event over to having the answer, wall time.
    pub took: Duration,
}

#[derive(Debug)]
struct Served {
    events: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    happenings: mpsc::UnboundedSender<Happening>,
}

impl RuntimeApi {
    /// Listens; a process that does nothing for as long as `patience` is given up.
    ///
    /// # Errors
    /// Fails if it cannot listen.
    pub async fn start(patience: Duration) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (events, waiting_events) = mpsc::unbounded_channel();
        let (sender, happenings) = mpsc::unbounded_channel();
        let served = Arc::new(Served { events: Mutex::new(waiting_events), happenings: sender });
        let server = tokio::spawn(async move {
            // It ends when it is aborted.
            let _ = axum::serve(listener, router(served)).await;
        });
        Ok(Self { address, events, happenings, patience, server })
    }

    /// For `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the process asks for an event.
    ///
    /// # Errors
    /// Fails if the process says that it failed, or says nothing.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        match self.happens().await? {
            Happening::Waits => Ok(()),
            Happening::Answered(..) => anyhow::bail!("it answered without having been asked"),
            Happening::Failed(error) => anyhow::bail!("it failed: {}", String::from_utf8_lossy(&error)),
        }
    }

    /// Hands an event to the waiting process; afterwards it waits again.
    ///
    /// # Errors
    /// Fails if the process fails or does not answer.
    pub async fn invoke(&mut self, event: &Bytes) -> anyhow::Result<Answer> {
        let begin = Instant::now();
        self.events.send(event.clone()).context("the process waits no longer")?;
        let answer = match self.happens().await? {
            Happening::Answered(body, end) => Answer { body, took: end - begin },
            Happening::Waits => anyhow::bail!("it asked for the next event without an answer"),
            Happening::Failed(error) => anyhow::bail!("it failed: {}", String::from_utf8_lossy(&error)),
        };
        self.ready().await?;
        Ok(answer)
    }

    async fn happens(&mut self) -> anyhow::Result<Happening> {
        let happening = tokio::time::timeout(self.patience, self.happenings.recv()).await;
        happening.context("it does not answer")?.context("the server ended")
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn router(served: Arc<Served>) -> Router {
    let invocation = "/2018-06-01/runtime/invocation";
    Router::new()
        .route(&format!("{invocation}/next"), get(next))
        .route(&format!("{invocation}/{REQUEST_ID}/response"), post(answered))
        .route(&format!("{invocation}/{REQUEST_ID}/error"), post(failed))
        .route("/2018-06-01/runtime/init/error", post(failed))
        .route("/2020-01-01/extension/register", post(register))
        .route("/2020-01-01/extension/event/next", get(std::future::pending::<StatusCode>))
        .with_state(served)
}

async fn next(State(served): State<Arc<Served>>) -> Response {
    let mut events = served.events.lock().await;
    let _ = served.happenings.send(Happening::Waits);
    let Some(event) = events.recv().await else { return StatusCode::GONE.into_response() };
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", REQUEST_ID),
        // Far enough away that no function gives up: 2286.
        ("lambda-runtime-deadline-ms", "9999999999999"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:benchmark:1"),
        ("lambda-runtime-trace-id", "Root=1-65f9e0a1-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0"),
    ];
    (headers, event).into_response()
}

async fn answered(State(served): State<Arc<Served>>, body: Bytes) -> StatusCode {
    let _ = served.happenings.send(Happening::Answered(body, Instant::now()));
    StatusCode::ACCEPTED
}

async fn failed(State(served): State<Arc<Served>>, error: Bytes) -> StatusCode {
    let _ = served.happenings.send(Happening::Failed(error));
    StatusCode::ACCEPTED
}

/// An extension inside the process, which wants to be told of its end; that never comes as an event here.
async fn register() -> Response {
    let function = json!({"functionName": "benchmark", "functionVersion": "1", "handler": "bootstrap"});
    ([("lambda-extension-identifier", REQUEST_ID)], axum::Json(function)).into_response()
}
