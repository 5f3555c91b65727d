//! The errors that several operations have in common.

use crate::core::ServiceError;

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterException", message)
}

pub(super) fn not_found(what: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", format!("The specified log {what} does not exist."))
}

pub(super) fn already_exists(what: &str) -> ServiceError {
    ServiceError::new("ResourceAlreadyExistsException", format!("The specified log {what} already exists"))
}

/// More of something than a group can have.
pub(super) fn limit_exceeded() -> ServiceError {
    ServiceError::new("LimitExceededException", "Resource limit exceeded.")
}
