//! What an invocation answers: for the log, for a person who invoked it, and for tests.

use serde::Serialize;
use slipway_shared::release::{ReleaseRecord, ReleaseState};

/// What was done about an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "did", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Report {
    /// The event concerns nothing here.
    Ignored {
        /// Why not.
        reason: String,
    },
    /// A release went on, or ended.
    Release {
        /// The pipeline execution.
        execution_id: String,
        /// Where the release is now.
        state: ReleaseState,
        /// Why it is there.
        reason: Option<String>,
    },
    /// What the event asks for was done before.
    Duplicate {
        /// The pipeline execution.
        execution_id: String,
        /// Where the release is.
        state: ReleaseState,
    },
    /// Every open release was looked after.
    Reconciled {
        /// How many releases were open.
        open: usize,
        /// How many went on or were closed.
        moved: usize,
    },
}

impl Report {
    pub(crate) fn ignored(reason: String) -> Self {
        Self::Ignored { reason }
    }

    pub(crate) fn release(record: &ReleaseRecord) -> Self {
        Self::Release { execution_id: record.execution_id.clone(), state: record.state, reason: record.reason.clone() }
    }

    pub(crate) fn duplicate(record: &ReleaseRecord) -> Self {
        Self::Duplicate { execution_id: record.execution_id.clone(), state: record.state }
    }
}
