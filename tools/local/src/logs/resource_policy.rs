//! A resource policy of CloudWatch Logs.

use crate::core::Timestamp;

/// A policy as it was put.
#[derive(Clone, Debug)]
pub(super) struct ResourcePolicy {
    pub(super) document: String,
    pub(super) updated: Timestamp,
}
