//! A request's way through an API: its stage, its route, and what both say of it.

use std::collections::BTreeMap;

use super::gate::Gate;
use super::integration::Integration;
use super::routes::RouteKey;

/// The way of a request that a route takes.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) api_id: String,
    pub(super) stage: String,
    pub(super) stage_variables: BTreeMap<String, String>,
    pub(super) route_key: RouteKey,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) gate: Gate,
    /// True if the stage's limits let the request through.
    pub(super) admitted: bool,
    pub(super) integration: Option<Integration>,
    pub(super) detailed_metrics: bool,
}
