//! The answer of an invocation: for the log, for a person who invoked it, and for tests.

use jiff::Timestamp;
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
    /// A release went on, waits, or ended.
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
    /// Another invocation works on the stage and sees to this event as well.
    InHand,
    /// The stage was looked after.
    Reconciled {
        /// The number of successful executions of which no event had told.
        found: usize,
    },
}

impl Report {
    pub(crate) fn ignored(reason: impl Into<String>) -> Self {
        Self::Ignored { reason: reason.into() }
    }

    /// The report about a release that an attempt worked on since `begun`.
    pub(crate) fn since(begun: Timestamp, record: &ReleaseRecord) -> Self {
        let was_over = record.closed_at.is_some_and(|closed| closed < begun);
        if was_over { Self::duplicate(record) } else { Self::release(record) }
    }

    fn release(record: &ReleaseRecord) -> Self {
        Self::Release { execution_id: record.execution_id.clone(), state: record.state, reason: record.reason.clone() }
    }

    pub(crate) fn duplicate(record: &ReleaseRecord) -> Self {
        Self::Duplicate { execution_id: record.execution_id.clone(), state: record.state }
    }
}
