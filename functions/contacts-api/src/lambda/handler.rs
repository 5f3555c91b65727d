//! One invocation: from an event to a reply.

use axum::Router;
use axum::response::IntoResponse as _;
use lambda_runtime::Diagnostic;
use slipway_shared::telemetry::Chain;
use tower::ServiceExt as _;

use super::event::{HttpEvent, RequestError};
use super::reply::HttpReply;
use crate::http::ApiError;

/// The reason why an invocation has no answer at all: Lambda counts it as an error of the function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The event cannot be read.
    #[error("the event is not one of those that stand for a request")]
    Event(#[source] serde_json::Error),
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
            HandlerError::Event(_) | HandlerError::Request(_) => "BadEvent",
            HandlerError::Answer(_) => "BadAnswer",
        };
        Self { error_type: error_type.to_owned(), error_message: Chain(&error).to_string() }
    }
}

/// Answers one event through the router, in the form in which it was asked. A user's request is never an error of the function:
/// whoever could cause one could stop a deployment.
///
/// # Errors
/// Fails if the event is of another kind, or the answer cannot be made a reply.
pub async fn handle(app: &Router, base_path: Option<&str>, event: HttpEvent) -> Result<HttpReply, HandlerError> {
    let form = event.form()?;
    let response = match event.into_request(base_path) {
        Ok(request) => app.clone().oneshot(request).await.unwrap_or_else(|never| match never {}),
        Err(error @ RequestError::NotHttp) => return Err(error.into()),
        Err(RequestError::Body(_) | RequestError::Malformed) => ApiError::Malformed.into_response(),
    };
    HttpReply::from_response(form, response).await.map_err(HandlerError::Answer)
}
