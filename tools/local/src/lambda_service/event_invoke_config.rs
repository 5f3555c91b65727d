//! The configuration of asynchronous invocations that a function, a version or an alias has.

use crate::core::Timestamp;

/// A stored configuration. What is not set has Lambda's default: two retries, six hours, no destination.
#[derive(Clone, Debug)]
pub(super) struct EventInvokeConfig {
    pub(super) retries: Option<u32>,
    /// The longest age of an event, in seconds of plane time.
    pub(super) age: Option<u64>,
    pub(super) on_success: Option<String>,
    pub(super) on_failure: Option<String>,
    pub(super) modified: Timestamp,
}
