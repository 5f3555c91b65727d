//! What happened to a stack: data alone, which the publisher tells others.

use crate::core::Timestamp;

/// The type that a stack's own events carry.
pub const STACK_TYPE: &str = "AWS::CloudFormation::Stack";

/// One event of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackEvent {
    /// Unique in the stack.
    pub id: String,
    /// The resource, or the stack's name.
    pub logical_id: String,
    /// The physical id, or the stack's ARN.
    pub physical_id: String,
    /// The resource's type, or [`STACK_TYPE`].
    pub resource_type: String,
    /// The new status.
    pub status: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The token of the request that caused it.
    pub token: Option<String>,
    /// The resource's properties, as JSON.
    pub properties: Option<String>,
}
