//! The refusal of a draft.

use crate::core::ServiceError;

/// The reason why something cannot be prepared.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The error that the request or the change set gets.
    pub error: ServiceError,
    /// True if it only showed when the transform was done. CloudFormation transforms in the background, so that a
    /// change set then fails instead of the request.
    pub transforming: bool,
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self { error, transforming: false }
    }
}
