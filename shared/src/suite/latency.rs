//! A check of how long the target version takes.

use serde::Serialize;
use serde_json::Value;

use super::placeholder;
use super::time_limit::TimeLimit;

/// Invokes the target version several times, one call after the other, and holds its durations against a budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// The event of each call. It must change nothing: it is sent many times.
    pub event: Value,
    /// The number of calls that are measured; 20 unless said.
    #[cfg_attr(feature = "schema", schemars(default = "calls", range(min = 1, max = 1000)))]
    pub calls: u16,
    /// The longest time that 95 of 100 calls may take, the first one left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95: Option<TimeLimit>,
    /// The longest time that the first call of a new environment may take, its start included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold_start: Option<TimeLimit>,
}

impl Latency {
    pub(super) fn edit(&mut self, change: &mut impl FnMut(&mut String)) {
        placeholder::each_text(&mut self.event, change);
    }
}

/// The number of calls unless said.
pub(super) const fn calls() -> u16 {
    20
}
