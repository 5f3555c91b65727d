//! The end of the process.
//!
//! Lambda kills a process without a word, unless an extension is registered with it: then SIGTERM comes first, and half a second
//! for what is left to do. <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown>.
//! So the function registers an internal extension that wants no events. (`lambda_runtime` has one behind a feature; it panics
//! where it cannot register, and brings a crate of its own.)

use std::io;

use http::{HeaderValue, Request, StatusCode, Uri};
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{BoxError, PooledClient};
use slipway_shared::telemetry::Chain;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>.
const EXTENSIONS: &str = "/2020-01-01/extension";
const NAME: &str = "contacts-api-shutdown";
const IDENTIFIER: &str = "lambda-extension-identifier";

/// The reason why there is no extension.
#[derive(Debug, thiserror::Error)]
enum ExtensionError {
    #[error("the request cannot be made")]
    Request(#[from] http::Error),
    #[error("the Extensions API cannot be reached")]
    Call(#[source] BoxError),
    #[error("the Extensions API answered with status {0}")]
    Refused(StatusCode),
    #[error("the Extensions API gave no identifier")]
    NoIdentifier,
}

/// The signal that the process is to end.
#[derive(Debug)]
pub(super) struct Shutdown(Signal);

impl Shutdown {
    /// Listens for SIGTERM, and has Lambda send it. Without an extension nothing is lost but what would be written at the end, so a
    /// failure to register is no reason not to start.
    ///
    /// # Errors
    /// Fails if the process can have no handler for the signal.
    pub(super) async fn announced(runtime_api: &str) -> io::Result<Self> {
        let listening = Self(signal(SignalKind::terminate())?);
        if let Err(error) = register(runtime_api).await {
            tracing::warn!(error = %Chain(&error), "no extension is registered: the end will come unannounced");
        }
        Ok(listening)
    }

    /// Returns when the process is to end.
    pub(super) async fn wait(&mut self) {
        self.0.recv().await;
    }
}

/// Registers the extension, and asks for its next event to say that it is ready; there is none, and the answer never comes.
async fn register(runtime_api: &str) -> Result<(), ExtensionError> {
    let base = Uri::builder().scheme("http").authority(runtime_api).path_and_query("/").build()?;
    let client = PooledClient::builder().with_endpoint(base).build();
    let registration = Request::post(format!("{EXTENSIONS}/register"))
        .header("Lambda-Extension-Name", HeaderValue::from_static(NAME))
        .body(Body::from(r#"{"events":[]}"#))?;
    let answer = client.call(registration).await.map_err(ExtensionError::Call)?;
    if !answer.status().is_success() {
        return Err(ExtensionError::Refused(answer.status()));
    }
    let identifier = answer.headers().get(IDENTIFIER).ok_or(ExtensionError::NoIdentifier)?;
    let next = Request::get(format!("{EXTENSIONS}/event/next")).header(IDENTIFIER, identifier).body(Body::empty())?;
    tokio::spawn(client.call(next));
    Ok(())
}
