//! The errors with which SNS refuses.

use crate::core::ServiceError;

/// `InvalidParameter` with the beginning that nearly all its texts have.
pub(super) fn invalid(what: impl std::fmt::Display) -> ServiceError {
    ServiceError::new("InvalidParameter", format!("Invalid parameter: {what}"))
}

/// A value of a message attribute that is not what its type says.
pub(super) fn invalid_value(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ParameterValueInvalid", message)
}

/// That there is no such topic.
pub(super) fn no_topic() -> ServiceError {
    not_found("Topic does not exist")
}

/// That something else is not there.
pub(super) fn not_found(message: &str) -> ServiceError {
    ServiceError::new("NotFound", message).with_status(404)
}
