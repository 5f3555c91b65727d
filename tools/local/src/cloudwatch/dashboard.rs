//! The dashboards of a plane by name.

use std::collections::BTreeMap;

use crate::core::Timestamp;

/// Dashboards by name.
#[derive(Debug, Default)]
pub(super) struct Dashboards(pub(super) BTreeMap<String, Dashboard>);

#[derive(Debug)]
pub(super) struct Dashboard {
    pub(super) body: String,
    pub(super) modified: Timestamp,
}
