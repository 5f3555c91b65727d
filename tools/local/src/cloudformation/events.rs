//! The events of a stack: data alone, which the publisher tells others.

use crate::core::Timestamp;

/// The type that a stack's own events carry.
pub const STACK_TYPE: &str = "AWS::CloudFormation::Stack";

/// One event of a stack or of a resource in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackEvent {
    /// The id of the event, unique in the stack; of a resource, `Logical-STATUS-time`.
    pub id: String,
    /// The resource, or the stack's name.
    pub logical_id: String,
    /// The physical id, or the stack's ARN.
    pub physical_id: String,
    /// The resource's type, or [`STACK_TYPE`].
    pub resource_type: String,
    /// The new status of the resource or stack.
    pub status: &'static str,
    /// The reason for the status, where there is one.
    pub reason: Option<String>,
    /// The time of the event.
    pub at: Timestamp,
    /// The token of the request that caused it.
    pub token: Option<String>,
    /// The resource's properties, as JSON.
    pub properties: Option<String>,
}
