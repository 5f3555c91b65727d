//! A release's states and the transitions between them.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The state of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseState {
    /// In the stage's queue: it is being prepared, or it waits for something; the reason says for which.
    Waiting,
    /// CloudFormation is executing the change set, or is about to.
    Executing,
    /// The artifact is what the stack already has: nothing was executed.
    Unchanged,
    /// The stack has the release.
    Succeeded,
    /// The stack does not have the release; the reason says why.
    Failed,
    /// A newer release is live: nothing was executed.
    Superseded,
    /// The execution is none that releases (a rollback of the pipeline): nothing was executed.
    Ignored,
}

/// A transition that no release makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a release that is {from} cannot become {to}")]
pub struct IllegalTransition {
    /// The state it has.
    pub from: ReleaseState,
    /// The state that was asked for.
    pub to: ReleaseState,
}

impl ReleaseState {
    /// Every state, in the order of a release's life.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Executing,
        Self::Unchanged,
        Self::Succeeded,
        Self::Failed,
        Self::Superseded,
        Self::Ignored,
    ];

    /// True if the release is over.
    pub fn is_closed(self) -> bool {
        !matches!(self, Self::Waiting | Self::Executing)
    }

    /// True if a release in this state may become `to`. Staying in an open state (with another reason) is allowed. An executing one
    /// waits again if CloudFormation has not begun.
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Waiting => to != Self::Succeeded,
            Self::Executing => matches!(to, Self::Waiting | Self::Executing | Self::Succeeded | Self::Failed),
            _ => false,
        }
    }

    /// The state's word, as in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Executing => "executing",
            Self::Unchanged => "unchanged",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::Ignored => "ignored",
        }
    }
}

impl std::fmt::Display for ReleaseState {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_release_never_changes_again() {
        for from in ReleaseState::ALL.into_iter().filter(|state| state.is_closed()) {
            for to in ReleaseState::ALL {
                assert!(!from.may_become(to), "{from} became {to}");
            }
        }
    }

    #[test]
    fn a_release_succeeds_only_by_executing() {
        let before: Vec<_> =
            ReleaseState::ALL.into_iter().filter(|from| from.may_become(ReleaseState::Succeeded)).collect();
        assert_eq!(before, [ReleaseState::Executing]);
    }

    #[test]
    fn an_executing_release_is_never_superseded() {
        assert!(!ReleaseState::Executing.may_become(ReleaseState::Superseded));
        assert!(!ReleaseState::Executing.may_become(ReleaseState::Ignored));
    }

    #[test]
    fn the_word_is_the_one_in_the_record() {
        for state in ReleaseState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
