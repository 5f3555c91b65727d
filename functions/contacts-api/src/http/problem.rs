//! RFC 9457 problem details.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::Fault;

/// The body of every answer that is not a success. Its `type` is the default, `about:blank`: the title says what the status says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// The kind of the problem.
    pub title: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// An account of this occurrence.
    pub detail: String,
    /// Every fault of a body, each with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

impl Problem {
    /// A problem without faults.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// The same with the faults of a body.
    #[must_use]
    pub fn with_errors(self, errors: Vec<Fault>) -> Self {
        Self { errors, ..self }
    }
}
