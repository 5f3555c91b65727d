//! A change set: what was asked for, what it would change, and whether it was executed.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::change::Change;
use super::parameters::ParameterValue;
use super::plan::{Prepared, Settings};
use super::status::OnFailure;
use crate::core::Timestamp;

/// The reason that CloudFormation gives for a change set without changes.
pub const NO_CHANGES: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

/// The execution status of a change set: if it can be executed, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionStatus {
    Unavailable,
    Available,
    InProgress,
    Complete,
    Failed,
    /// The stack has become another one since.
    Obsolete,
}

impl ExecutionStatus {
    /// The status as AWS names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "UNAVAILABLE",
            Self::Available => "AVAILABLE",
            Self::InProgress => "EXECUTE_IN_PROGRESS",
            Self::Complete => "EXECUTE_COMPLETE",
            Self::Failed => "EXECUTE_FAILED",
            Self::Obsolete => "OBSOLETE",
        }
    }
}

/// A change set of a stack.
#[derive(Clone, Debug)]
pub struct ChangeSet {
    /// The name of the change set, unique in its stack.
    pub name: String,
    /// The ARN of the change set.
    pub id: String,
    /// The text that the request gave for people.
    pub description: Option<String>,
    /// The time of the request.
    pub created: Timestamp,
    /// The form that the stack is to take, or the reason why that cannot be.
    pub prepared: Result<Arc<Prepared>, String>,
    /// The rest of the request: tags, capabilities, role and topics.
    pub settings: Settings,
    /// The values of its parameters, where the template could be read.
    pub parameters: Vec<ParameterValue>,
    /// The changes that it would make.
    pub changes: Vec<Change>,
    /// The end of a stack that it fails to create, where the request said it.
    pub on_failure: Option<OnFailure>,
    /// The execution status, which tells if it can be executed.
    pub execution: ExecutionStatus,
    /// True if the request asked for nested stacks, of which there are none.
    pub include_nested_stacks: bool,
    /// The idempotency token of the request.
    pub client_token: Option<String>,
}

impl ChangeSet {
    /// `CREATE_COMPLETE` or `FAILED`.
    pub fn status(&self) -> &'static str {
        if self.prepared.is_ok() { "CREATE_COMPLETE" } else { "FAILED" }
    }

    /// The members that summaries and descriptions share.
    pub fn summary(&self, stack_id: &str, stack_name: &str) -> Map<String, Value> {
        let mut summary = Map::new();
        summary.insert("StackId".into(), json!(stack_id));
        summary.insert("StackName".into(), json!(stack_name));
        summary.insert("ChangeSetId".into(), json!(self.id));
        summary.insert("ChangeSetName".into(), json!(self.name));
        summary.insert("ExecutionStatus".into(), json!(self.execution.as_str()));
        summary.insert("Status".into(), json!(self.status()));
        if let Err(reason) = &self.prepared {
            summary.insert("StatusReason".into(), json!(reason));
        }
        summary.insert("CreationTime".into(), json!(self.created.epoch_seconds()));
        if let Some(description) = &self.description {
            summary.insert("Description".into(), json!(description));
        }
        summary.insert("IncludeNestedStacks".into(), json!(self.include_nested_stacks));
        summary
    }
}
