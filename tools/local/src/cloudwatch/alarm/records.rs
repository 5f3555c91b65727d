//! Alarms with the state they have, and what is remembered of them.

use serde_json::{Value, json};

use super::super::values::alarm_time;
use super::definition::Definition;
use super::evaluation::State;
use crate::core::Timestamp;

/// A state with the reason for it.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) struct Standing {
    pub state: State,
    pub reason: String,
    /// JSON, when the state was evaluated.
    pub data: Option<String>,
    pub since: Timestamp,
    /// The time at which the reason was written: a state can be confirmed without a transition.
    pub updated: Timestamp,
}

/// An alarm with its state and the time of its last configuration.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) struct Alarm {
    pub definition: Definition,
    pub standing: Standing,
    pub configured: Timestamp,
}

/// A change of an alarm's state: the alarm afterwards, and its standing before.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) struct Transition {
    pub alarm: Alarm,
    pub previous: Standing,
}

/// An entry of the history.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) struct HistoryItem {
    pub alarm: String,
    pub alarm_kind: &'static str,
    pub at: Timestamp,
    pub kind: &'static str,
    pub summary: String,
    pub data: String,
}

impl Standing {
    /// The standing in the JSON of the history.
    pub(super) fn in_history(&self) -> Value {
        json!({
            "stateValue": self.state.as_str(),
            "stateReason": self.reason,
            "stateReasonData": self.data.as_deref().and_then(|data| serde_json::from_str::<Value>(data).ok()),
            "stateUpdatedTimestamp": alarm_time(self.updated),
        })
    }
}
