//! A check of the target version's own log lines.

use serde::Serialize;

/// Looks for lines that must not be in the logs of the target version since the deployment began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Logs {
    /// Regular expressions; a line that matches one of them is an error. Unless said: `ERROR`, `panicked at` and `Task timed out`.
    #[cfg_attr(feature = "schema", schemars(default = "patterns", length(min = 1)))]
    pub patterns: Vec<String>,
    /// Regular expressions of lines that are none, whatever they match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// The number of errors that are let pass; none unless said.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub at_most: u32,
}

/// The patterns unless said.
pub(super) fn patterns() -> Vec<String> {
    ["\\bERROR\\b", "panicked at", "Task timed out"].map(str::to_owned).to_vec()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
