//! Everything that can go wrong with a request, and the one place where that becomes an answer.

use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use slipway_shared::call::CallError;
use slipway_shared::telemetry::Chain;

use super::output::typed;
use super::problem::Problem;
use crate::domain::Fault;
use crate::store::{StoreError, WriteError};

/// Why a request was not answered as it asked. What is said in public and what is logged are apart.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No such route.
    #[error("the path does not exist")]
    NoSuchPath,
    /// The route exists, for other methods.
    #[error("the method is not allowed for the path")]
    MethodNotAllowed,
    /// No such contact, or another owner's: nobody is told which.
    #[error("the contact does not exist")]
    NoSuchContact,
    /// A query parameter cannot be used.
    #[error("query parameter {name} {reason}")]
    BadParameter {
        /// The parameter.
        name: &'static str,
        /// What it must be.
        reason: &'static str,
    },
    /// The body is no JSON.
    #[error("the body is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// The body does not claim to be JSON.
    #[error("the body is not of a JSON media type")]
    UnsupportedMediaType,
    /// The body is longer than a contact can be.
    #[error("the body is too large")]
    TooLarge,
    /// The body is JSON, but no contact.
    #[error("the contact is invalid")]
    Invalid(Vec<Fault>),
    /// A contact of a fresh identity exists: two ULIDs of one millisecond met.
    #[error("the contact exists already")]
    Exists,
    /// Another request wrote the contact meanwhile.
    #[error("another request wrote the contact meanwhile")]
    Conflict,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The store did not answer when it was asked how it is, or not in time.
    #[error("the store is not well")]
    Unwell(#[source] Option<StoreError>),
    /// The answer cannot be written.
    #[error("the answer cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// No authorizer has seen the request.
    #[error("the request has no credentials")]
    NoCredentials,
    /// Nobody says whose contacts these would be: an authorizer let somebody through whom it does not name.
    #[error("the request has no owner")]
    NoOwner,
    /// What should be a request cannot be one in HTTP.
    #[error("the request is malformed")]
    Malformed,
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Exists => Self::Exists,
            WriteError::Missing => Self::NoSuchContact,
            WriteError::Conflict => Self::Conflict,
            WriteError::KeyReused => Self::KeyReused,
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

impl ApiError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPath | Self::NoSuchContact => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadParameter { .. } | Self::NotJson(_) | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NoCredentials => StatusCode::UNAUTHORIZED,
            Self::NoOwner => StatusCode::FORBIDDEN,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid(_) | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Exists | Self::Conflict => StatusCode::CONFLICT,
            Self::Store(StoreError::Call(CallError::Throttled { .. } | CallError::Unavailable { .. })) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Unwell(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Unwritable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the user is told: of our own faults, only that they are ours.
    fn public_detail(&self, status: StatusCode) -> String {
        match self {
            // Where the text stops being JSON helps its author, and repeats nothing of it.
            Self::NotJson(error) => format!("the body is not JSON (line {}, column {})", error.line(), error.column()),
            _ if status == StatusCode::SERVICE_UNAVAILABLE => "try again in a moment".to_owned(),
            _ if status.is_server_error() => "something went wrong on this side".to_owned(),
            _ => self.to_string(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %Chain(&self), http.status = status.as_u16(), "request failed");
        }
        let problem = Problem::new(status, self.public_detail(status));
        let problem = if let Self::Invalid(faults) = self { problem.with_errors(faults) } else { problem };
        let mut response = typed(status, "application/problem+json", &problem).unwrap_or_else(|_| {
            let mut bare = Response::default();
            *bare.status_mut() = status;
            bare
        });
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 15.5.2: an answer of 401 says how to authenticate.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
