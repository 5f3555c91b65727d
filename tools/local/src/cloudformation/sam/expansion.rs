//! The template around a resource that is expanded.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::deployment::Deployments;
use super::references::{Links, Parameters};

/// The state that the expansion of one resource shares with the others.
pub(super) struct Expansion<'a> {
    pub(super) parameters: Parameters,
    pub(super) mappings: Value,
    /// The template's resources; functions write their routes into the bodies of the APIs among them.
    pub(super) resources: &'a mut Map<String, Value>,
    /// The APIs whose bodies SAM writes.
    pub(super) managed_apis: BTreeSet<String>,
    pub(super) deployments: Deployments,
    pub(super) links: Links,
}
