//! A time in which no release enters a stage.

use jiff::Timestamp;
use serde::Serialize;

/// A time in which no release enters a stage, whatever its windows say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Freeze {
    /// Its first instant, with an offset from UTC: `2026-12-20T18:00:00+01:00`.
    pub from: Timestamp,
    /// The first instant that is no part of it; after `from`.
    pub until: Timestamp,
    /// The reason, for whoever waits for the end of it.
    pub reason: String,
}

impl Freeze {
    /// True if an instant is part of it.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        (self.from..self.until).contains(&at)
    }
}
