//! The one error that an operation answers with: an AWS error code, a message and an HTTP status.

use serde_json::{Map, Value};

/// An AWS-shaped refusal. The wire layer writes it in the protocol of the service that was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ServiceError {
    /// The error code of the service's model, such as `ResourceNotFoundException`.
    pub code: String,
    /// The text a person reads.
    pub message: String,
    /// The HTTP status of the model: 400 unless it says otherwise.
    pub status: u16,
    /// Further members that the model gives this error, such as `CancellationReasons`.
    /// Boxed, because every operation's result has room for it.
    pub extras: Box<Map<String, Value>>,
}

impl ServiceError {
    /// An error of the caller's making (HTTP 400).
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: 400, extras: Box::default() }
    }

    /// The same error with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same error with a further member of its model.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extras.insert(name.to_owned(), value.into());
        self
    }

    /// The request lacks or misuses a parameter.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// The plane does not run this operation: it says so instead of pretending.
    pub fn not_implemented(service: &str, operation: &str) -> Self {
        Self::new("NotImplemented", format!("the local plane does not run {service}:{operation}; no work was done"))
            .with_status(501)
    }

    /// Something in the plane itself broke.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", message).with_status(500)
    }

    /// True if this is the error with that code.
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }
}
