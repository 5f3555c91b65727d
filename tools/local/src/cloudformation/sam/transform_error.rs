//! The error of a template that cannot be transformed.

/// The reason why a template cannot be transformed: the resource, and its fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("resource {logical_id} cannot be transformed: {message}")]
pub struct TransformError {
    /// The logical id of the resource at fault.
    pub logical_id: String,
    /// The fault, naming the property.
    pub message: String,
}
