//! The answer of an invocation: for the log, for a person who invoked it, and for tests.

use serde::Serialize;
use slipway_shared::release::{ReleaseRecord, ReleaseState};

/// The work that was done about an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "did", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Report {
    /// The event concerns nothing here.
    Ignored {
        /// The reason, in words.
        reason: String,
    },
    /// A release went on, or ended.
    Release {
        /// The pipeline execution that the release comes from.
        execution_id: String,
        /// The release's state after this invocation.
        state: ReleaseState,
        /// The reason for the state, where it has one.
        reason: Option<String>,
    },
    /// The event's work was done before.
    Duplicate {
        /// The pipeline execution that the release comes from.
        execution_id: String,
        /// The release's state, which this invocation left as it was.
        state: ReleaseState,
    },
    /// Every open release was looked after.
    Reconciled {
        /// The number of open releases.
        open: usize,
        /// The number of releases that went on or were closed.
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
