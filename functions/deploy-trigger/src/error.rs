//! The errors that end an invocation before its work is done, and what Lambda should make of them.

use lambda_runtime::Diagnostic;
use slipway_shared::call::CallError;
use slipway_shared::pipeline_events::PipelineEventError;
use slipway_shared::release::{IllegalTransition, LockLost};
use slipway_shared::stack_events::StackEventError;
use slipway_shared::stacks::ChangeError;
use slipway_shared::telemetry::Chain;
use thiserror::Error;

/// An invocation that ends without having done its work. Lambda tries it again, and the scheduled reconcile after that.
#[derive(Debug, Error)]
pub enum TriggerError {
    /// An AWS call failed.
    #[error("an AWS call failed")]
    Call(#[from] CallError),
    /// CloudFormation did not take a change.
    #[error("CloudFormation did not take a change")]
    Change(#[from] ChangeError),
    /// A release was to become what it cannot become.
    #[error("a release record was to change against its rules")]
    Transition(#[from] IllegalTransition),
    /// A pipeline's event cannot be read.
    #[error("the pipeline's event cannot be read")]
    PipelineEvent(#[from] PipelineEventError),
    /// A stack's event cannot be read.
    #[error("the stack's event cannot be read")]
    StackEvent(#[from] StackEventError),
    /// The lock of the stage was held for too long.
    #[error("the attempt took longer than its lock")]
    LockLost(#[from] LockLost),
    /// Others wrote the stage's state at every try.
    #[error("the state of the stage could not be written: others wrote it at each try")]
    Contended,
    /// The live release could not be written as JSON.
    #[error("the live release could not be written as JSON")]
    Unwritable(#[source] serde_json::Error),
}

impl TriggerError {
    /// The stable name that Lambda reports as `errorType`.
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::Call(_) | Self::Change(_) => "Trigger.Call",
            Self::Transition(_) | Self::Unwritable(_) => "Trigger.Record",
            Self::LockLost(_) | Self::Contended => "Trigger.Lock",
            Self::PipelineEvent(_) | Self::StackEvent(_) => "Trigger.BadEvent",
        }
    }
}

impl From<TriggerError> for Diagnostic {
    fn from(error: TriggerError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: Chain(&error).to_string() }
    }
}
