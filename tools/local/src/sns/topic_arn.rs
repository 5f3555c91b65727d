//! The account that a topic's ARN names.

/// The account of a topic.
pub(super) fn owner(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}
