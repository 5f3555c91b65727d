//! Everything that can go wrong with a request, and the one place where that becomes an answer.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, ACCEPT_ENCODING, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use slipway_shared::call::CallError;
use slipway_shared::telemetry::Chain;

use super::body::MERGE_PATCH;
use super::output::typed;
use super::problem::Problem;
use crate::domain::Fault;
use crate::interchange::{self, BadHeader};
use crate::store::{StoreError, WriteError};

/// Names the media types of patches (RFC 5789, section 3.1).
pub(super) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// The reason why a request was not answered as it asked. The public text and the logged text are apart.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No route of the API has the path.
    #[error("the path does not exist")]
    NoSuchPath,
    /// The route exists, for other methods.
    #[error("the method is not allowed for the path")]
    MethodNotAllowed,
    /// No such contact, or another owner's: nobody is told which.
    #[error("the contact does not exist")]
    NoSuchContact,
    /// A query parameter that the resource does not know: a misspelt search must not find everything.
    #[error("the query may have {known}, and nothing else")]
    UnknownParameter {
        /// The parameters that it knows, in words.
        known: &'static str,
    },
    /// A query parameter cannot be used.
    #[error("query parameter {name} {reason}")]
    BadParameter {
        /// Its name in the query.
        name: &'static str,
        /// The rule that it breaks: `must be …`.
        reason: &'static str,
    },
    /// A header cannot be used.
    #[error("header {name} {reason}")]
    BadHeader {
        /// Its name, as HTTP spells it.
        name: &'static str,
        /// The rule that it breaks: `must be …`.
        reason: &'static str,
    },
    /// The client takes nothing that the answer could be.
    #[error("the answer would be {available}, which the request does not accept")]
    NotAcceptable {
        /// The forms that the answer could have, in words.
        available: &'static str,
    },
    /// The contact is in another state than the client demands.
    #[error("the contact is not in the state that the request demands")]
    PreconditionFailed,
    /// The owner asks too often.
    #[error("too many requests")]
    TooManyRequests {
        /// The time until the next request is welcome.
        wait: Duration,
    },
    /// The body is no JSON.
    #[error("the body is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// The body does not claim to be of the media type that the method takes.
    #[error("the body must be of the media type {accepted}")]
    UnsupportedMediaType {
        /// The media types that the method takes, in words.
        accepted: &'static str,
    },
    /// The body is of a content coding that is not known here.
    #[error("the body must be as it is, or compressed by gzip")]
    UnsupportedEncoding,
    /// The body claims to be compressed by gzip.
    #[error("the body is not compressed by gzip")]
    NotGzip,
    /// The body is longer than a contact can be.
    #[error("the body is too large")]
    TooLarge,
    /// The body is a text that is not in UTF-8.
    #[error("the body is not in UTF-8")]
    NotUtf8,
    /// The first row of a CSV names no columns of a contact.
    #[error("{0}")]
    BadHeaderRow(BadHeader),
    /// There is nothing to import.
    #[error("the body has no contact")]
    NoContacts,
    /// More than one request may import.
    #[error("the body has more than {most} contacts; send them in several requests")]
    TooManyContacts {
        /// The most contacts that a body may have.
        most: usize,
    },
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
    /// The store could not be asked, or holds something that cannot be read.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The store did not answer when it was asked how it is, or not in time.
    #[error("the store is not well")]
    Unwell(#[source] Option<StoreError>),
    /// The answer cannot be written.
    #[error("the answer cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// An export cannot be written.
    #[error("the export cannot be written")]
    NotExported(#[source] interchange::Unwritable),
    /// No authorizer has seen the request.
    #[error("the request has no credentials")]
    NoCredentials,
    /// Nobody says whose contacts these would be: an authorizer let somebody through whom it does not name.
    #[error("the request has no owner")]
    NoOwner,
    /// The event is a request that HTTP cannot carry.
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
            Self::UnknownParameter { .. }
            | Self::BadParameter { .. }
            | Self::BadHeader { .. }
            | Self::NotJson(_)
            | Self::NotGzip
            | Self::NotUtf8
            | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NotAcceptable { .. } => StatusCode::NOT_ACCEPTABLE,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NoCredentials => StatusCode::UNAUTHORIZED,
            Self::NoOwner => StatusCode::FORBIDDEN,
            Self::UnsupportedMediaType { .. } | Self::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge | Self::TooManyContacts { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid(_) | Self::KeyReused | Self::BadHeaderRow(_) | Self::NoContacts => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Exists | Self::Conflict => StatusCode::CONFLICT,
            // The table's capacity is the service's to manage: 503, as 429 would blame the client (RFC 6585, section 4). API
            // Gateway and `rate` answer 429 when it is this client that asks too often.
            Self::Store(StoreError::Call(CallError::Throttled { .. } | CallError::Unavailable { .. })) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Unwell(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Unwritable(_) | Self::NotExported(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The text for the user: of our own faults, it says only that they are ours.
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

impl ApiError {
    /// The header that says what would be accepted, or when.
    fn hint(&self, status: StatusCode) -> Option<(HeaderName, HeaderValue)> {
        match self {
            // RFC 9110, section 15.5.2: an answer of 401 says how to authenticate.
            Self::NoCredentials => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::UnsupportedMediaType { accepted: MERGE_PATCH } => {
                Some((ACCEPT_PATCH, HeaderValue::from_static(MERGE_PATCH)))
            }
            Self::UnsupportedMediaType { accepted } => Some((ACCEPT, HeaderValue::from_static(accepted))),
            Self::UnsupportedEncoding => Some((ACCEPT_ENCODING, HeaderValue::from_static("gzip"))),
            // Whole seconds, and no sooner than welcome.
            Self::TooManyRequests { wait } => Some((RETRY_AFTER, HeaderValue::from(wait.as_secs().saturating_add(1)))),
            _ if status == StatusCode::SERVICE_UNAVAILABLE => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
            _ => None,
        }
    }
}

impl ApiError {
    /// The answer to the user. A fault on this side is logged.
    pub(super) fn into_problem(self) -> Problem {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %Chain(&self), http.status = status.as_u16(), "request failed");
        }
        let detail = self.public_detail(status);
        let errors = if let Self::Invalid(faults) = self { faults } else { Vec::new() };
        Problem::new(status, detail).with_errors(errors)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let hint = self.hint(status);
        let mut response = typed(status, "application/problem+json", &self.into_problem()).unwrap_or_else(|_| {
            let mut bare = Response::default();
            *bare.status_mut() = status;
            bare
        });
        response.headers_mut().extend(hint);
        response
    }
}
