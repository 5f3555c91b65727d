//! IAM's errors, with the texts that its operations share.

use crate::authorization::validate::Malformed;
use crate::core::ServiceError;

/// 404, with IAM's usual text: `The role with name x cannot be found.`
pub(super) fn no_such(kind: &str, name: &str) -> ServiceError {
    missing(format!("The {kind} with name {name} cannot be found."))
}

/// 404 with a text of its own.
pub(super) fn missing(text: impl Into<String>) -> ServiceError {
    ServiceError::new("NoSuchEntity", text).with_status(404)
}

/// 409: the name is taken.
pub(super) fn exists(text: impl Into<String>) -> ServiceError {
    ServiceError::new("EntityAlreadyExists", text).with_status(409)
}

/// 409: something still holds on to it.
pub(super) fn conflict(text: &str) -> ServiceError {
    ServiceError::new("DeleteConflict", text).with_status(409)
}

/// 409: a quota by its name.
pub(super) fn quota(name: &str, most: usize) -> ServiceError {
    limit(format!("Cannot exceed quota for {name}: {most}"))
}

/// 409 with a text of its own.
pub(super) fn limit(text: impl Into<String>) -> ServiceError {
    ServiceError::new("LimitExceeded", text).with_status(409)
}

/// 400: what the model cannot know.
pub(super) fn invalid(text: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidInput", text)
}

/// 400: a value that is refused as the model's own constraints are.
pub(super) fn validation(text: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationError", text)
}

impl From<Malformed> for ServiceError {
    fn from(fault: Malformed) -> Self {
        Self::new("MalformedPolicyDocument", fault.0)
    }
}
