//! A subscription to a group's lines.

use super::pattern::FilterPattern;
use crate::core::Timestamp;

/// A subscription as it was put.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) text: String,
    pub(super) pattern: FilterPattern,
    pub(super) function: String,
    pub(super) distribution: String,
    pub(super) created: Timestamp,
}
