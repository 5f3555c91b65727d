//! The reasons why a release does not get to an executing change set.

use slipway_shared::call::CallError;
use slipway_shared::release::ReleaseState;
use slipway_shared::stacks::ChangeError;
use slipway_shared::telemetry::Chain;

use crate::TriggerError;

/// The reason why an attempt does not end in an executing change set.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The release is over.
    Close(ReleaseState, String),
    /// Something takes longer than this invocation.
    Later(String),
    /// A call failed; trying again may help.
    Error(TriggerError),
}

impl Halt {
    /// The end of a release that is at fault itself, so that trying again is useless.
    pub(super) fn refused(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Close(ReleaseState::Failed, Chain(error).to_string())
    }
}

impl From<CallError> for Halt {
    fn from(error: CallError) -> Self {
        Self::Error(error.into())
    }
}

impl From<TriggerError> for Halt {
    fn from(error: TriggerError) -> Self {
        Self::Error(error)
    }
}

impl From<ChangeError> for Halt {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Busy { message, .. } => Self::Later(format!("the stack is busy: {message}")),
            ChangeError::Refused { .. } => Self::refused(&error),
            ChangeError::Call(error) => error.into(),
        }
    }
}
