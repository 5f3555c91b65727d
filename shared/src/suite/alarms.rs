//! A check of alarms that burned before the deployment began.

use serde::Serialize;

/// Looks at alarms before the shift begins: one that is in `ALARM` already would stop the deployment whatever the target version
/// does, and is said to have burned before it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alarms {
    /// The names of the alarms. Unless said, those of the deployment group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}
