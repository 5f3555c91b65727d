//! The errors of API Gateway's own model, as it words them.

use crate::core::ServiceError;

/// `BadRequestException`, with the reason in its message.
pub(super) fn bad_request(message: impl Into<String>) -> ServiceError {
    ServiceError::new("BadRequestException", message)
}

/// `ConflictException`, with status 409.
pub(super) fn conflict(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ConflictException", message).with_status(409)
}

/// `NotFoundException`: nothing of that kind has the identifier.
pub(super) fn no_such(kind: &str, id: &str) -> ServiceError {
    not_found(format!("Invalid {kind} identifier specified {id}"))
}

/// `NotFoundException` in other words.
pub(super) fn not_found(message: impl Into<String>) -> ServiceError {
    ServiceError::new("NotFoundException", message).with_status(404)
}

/// `TooManyRequestsException`: an API may hold no more of that kind.
/// Assumed: the quotas are documented, how a full API is told of them is not.
pub(super) fn too_many(kind: &str) -> ServiceError {
    let message =
        format!("Maximum number of {kind} for this API has been reached. Please contact AWS if you need more.");
    ServiceError::new("TooManyRequestsException", message).with_status(429)
}

/// The refusal of a feature that AWS has and the plane does not run.
pub(super) fn not_run(what: &str) -> ServiceError {
    ServiceError::not_implemented("apigateway", what)
}
