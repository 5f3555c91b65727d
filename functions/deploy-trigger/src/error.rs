//! The errors that end an invocation before its work is done, and what Lambda should make of them.

use lambda_runtime::Diagnostic;
use slipway_shared::call::CallError;
use slipway_shared::pipeline_events::PipelineEventError;
use slipway_shared::release::{IllegalTransition, RecordError};
use slipway_shared::stack_events::StackEventError;
use slipway_shared::stacks::ChangeError;
use slipway_shared::telemetry::Chain;
use thiserror::Error;

/// An invocation that ends without having done its work. Lambda tries it again, and the scheduled reconcile after that.
#[derive(Debug, Error)]
pub enum TriggerError {
    /// The release waits for something that takes longer than an invocation.
    #[error("the release of {execution_id} cannot go on yet: {reason}")]
    NotYet {
        /// The release, by the pipeline execution that it comes from.
        execution_id: String,
        /// The event or the release that it waits for, in words.
        reason: String,
    },
    /// An AWS call failed.
    #[error("an AWS call failed")]
    Call(#[from] CallError),
    /// CloudFormation did not take a change.
    #[error("CloudFormation did not take a change")]
    Change(#[from] ChangeError),
    /// A stored record cannot be used.
    #[error("a release record cannot be used")]
    Record(#[from] RecordError),
    /// A release was to become what it cannot become.
    #[error("a release record was to change against its rules")]
    Transition(#[from] IllegalTransition),
    /// A pipeline's event cannot be read.
    #[error("the pipeline's event cannot be read")]
    PipelineEvent(#[from] PipelineEventError),
    /// A stack's event cannot be read.
    #[error("the stack's event cannot be read")]
    StackEvent(#[from] StackEventError),
    /// Some releases could not be reconciled; the others were.
    #[error("{failed} of {open} open releases could not be reconciled, the first ({execution_id})")]
    Reconcile {
        /// The number of releases that could not be looked after.
        failed: usize,
        /// The number of open releases.
        open: usize,
        /// The first that could not.
        execution_id: String,
        /// The error of that first one.
        #[source]
        source: Box<TriggerError>,
    },
}

impl TriggerError {
    /// The stable name that Lambda reports as `errorType`.
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::NotYet { .. } => "Trigger.NotYet",
            Self::Call(_) | Self::Change(_) => "Trigger.Call",
            Self::Record(_) | Self::Transition(_) => "Trigger.Record",
            Self::PipelineEvent(_) | Self::StackEvent(_) => "Trigger.BadEvent",
            Self::Reconcile { .. } => "Trigger.Reconcile",
        }
    }
}

impl From<TriggerError> for Diagnostic {
    fn from(error: TriggerError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: Chain(&error).to_string() }
    }
}
