//! One invocation.

use axum::Router;
use lambda_runtime::Diagnostic;
use slipway_shared::telemetry::Chain;
use tower::ServiceExt as _;

use super::event::{HttpEvent, RequestError};
use super::reply::HttpReply;

/// Why an invocation has no answer at all: Lambda counts it as an error of the function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The event is no request.
    #[error("the event is no HTTP request")]
    Request(#[from] RequestError),
    /// The router's answer cannot be read.
    #[error("the answer cannot be read")]
    Answer(#[source] axum::Error),
}

/// A stable `errorType`, for alarms and searches that outlive a refactoring.
impl From<HandlerError> for Diagnostic {
    fn from(error: HandlerError) -> Self {
        let error_type = match error {
            HandlerError::Request(_) => "BadEvent",
            HandlerError::Answer(_) => "BadAnswer",
        };
        Self { error_type: error_type.to_owned(), error_message: Chain(&error).to_string() }
    }
}

/// Answers one event through the router.
///
/// # Errors
/// When the event cannot be made a request, or the answer cannot be made a reply.
pub async fn handle(app: &Router, event: HttpEvent) -> Result<HttpReply, HandlerError> {
    let request = event.into_request()?;
    let response = app.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
    HttpReply::from_response(response).await.map_err(HandlerError::Answer)
}
