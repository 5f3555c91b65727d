//! The triggers of a repository.

use serde::{Deserialize, Serialize};

use super::references::Change;

/// The triggers of a repository, with the id of this configuration of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Triggers {
    pub(super) id: String,
    pub(super) all: Vec<Trigger>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trigger {
    pub(super) name: String,
    pub(super) destination_arn: String,
    #[serde(default)]
    pub(super) custom_data: String,
    #[serde(default)]
    pub(super) branches: Vec<String>,
    pub(super) events: Vec<String>,
}

impl Trigger {
    pub(super) fn wants(&self, change: &Change) -> bool {
        let kind = self.events.iter().any(|event| event == "all" || event == change.kind());
        let named = |branch: &str| self.branches.is_empty() || self.branches.iter().any(|named| named == branch);
        kind && change.branch().map_or(self.branches.is_empty(), named)
    }
}
