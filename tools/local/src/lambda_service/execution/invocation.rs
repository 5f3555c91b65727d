//! An invocation of a version, and its outcome.

use std::time::Duration;

use bytes::Bytes;

/// One invocation of a version.
#[derive(Clone, Debug)]
pub(in crate::lambda_service) struct Invocation {
    pub(in crate::lambda_service) request_id: String,
    /// The ARN the function was called by, with the caller's qualifier.
    pub(in crate::lambda_service) function_arn: String,
    pub(in crate::lambda_service) payload: Bytes,
    /// The client context of the caller, as JSON.
    pub(in crate::lambda_service) client_context: Option<String>,
    /// True if the caller wants the end of the log (`LogType: Tail`).
    pub(in crate::lambda_service) tail: bool,
}

/// A finished invocation, successful or not.
#[derive(Clone, Debug)]
pub(in crate::lambda_service) struct Completed {
    /// The answer, or the error's JSON.
    pub(in crate::lambda_service) payload: Bytes,
    /// True if the payload is an error.
    pub(in crate::lambda_service) failed: bool,
    /// The time that the invocation took, without initialization.
    pub(in crate::lambda_service) duration: Duration,
    /// The last 4 KB of its log, if they were asked for.
    pub(in crate::lambda_service) log_tail: Option<String>,
}
