//! The facts of a repository that git does not keep.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::trigger::Triggers;
use crate::core::Timestamp;

/// The description of a repository, beside its git objects.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Metadata {
    /// The name in URLs and ARNs.
    pub name: String,
    /// A UUID that survives nothing but the repository itself.
    pub id: String,
    /// The owner's words about it.
    pub description: Option<String>,
    /// The tags of the resource, by key.
    pub tags: BTreeMap<String, String>,
    /// The time of its creation.
    pub created: Timestamp,
    /// The time of its last change; none if it has not changed since its creation.
    #[serde(default)]
    pub changed: Option<Timestamp>,
    /// The receivers of its changes.
    #[serde(default)]
    pub triggers: Triggers,
}
