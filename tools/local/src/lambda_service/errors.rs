//! Lambda's errors, with the statuses of its model.

use serde_json::Value;

use crate::core::ServiceError;

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterValueException", message)
}

/// The same without the `Type` that Lambda's errors have: AWS leaves it out of some.
pub(super) fn untyped(message: impl Into<String>) -> ServiceError {
    invalid(message).with_member("Type", Value::Null)
}

/// A value that the model's constraints do not take.
pub(super) fn constraint(value: &str, member: &str, rule: &str) -> ServiceError {
    ServiceError::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"
    ))
}

pub(super) fn not_found(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", message).with_status(404)
}

pub(super) fn function_not_found(arn: &str) -> ServiceError {
    not_found(format!("Function not found: {arn}"))
}

pub(super) fn conflict(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ResourceConflictException", message).with_status(409)
}

pub(super) fn stale_revision(what: &str) -> ServiceError {
    ServiceError::new(
        "PreconditionFailedException",
        format!(
            "The Revision Id provided does not match the latest Revision Id. Call the {what} API to retrieve the latest Revision Id"
        ),
    )
    .with_status(412)
}

/// No concurrency is left; `reason` is one of the model's `ThrottleReason`s.
pub(super) fn throttled(reason: &str) -> ServiceError {
    ServiceError::new("TooManyRequestsException", "Rate Exceeded.").with_status(429).with_member("Reason", reason)
}

pub(super) fn too_large(most: usize) -> ServiceError {
    ServiceError::new(
        "RequestTooLargeException",
        format!("Request must be smaller than {most} bytes for the InvokeFunction operation"),
    )
    .with_status(413)
}

/// Something a function may have on AWS and the plane does not run.
pub(super) fn not_run(what: &str) -> ServiceError {
    ServiceError::new("NotImplemented", format!("the local plane does not run {what} of Lambda; no work was done"))
        .with_status(501)
}
