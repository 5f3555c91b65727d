//! CloudWatch Logs: groups, streams and events, kept in memory for as long as the plane runs.
//!
//! Other services of the plane write through [`append()`], which makes the group and the stream as it goes, as the
//! services of AWS do. Customers create both first, as on AWS. The effects of lines go to other services: metrics that
//! a line carries and those of metric filters to CloudWatch, the lines of subscriptions to functions.

mod append;
mod destinations;
mod embedded_metrics;
mod errors;
mod events;
mod groups;
mod ingest;
mod log_event;
mod metric_filter;
mod metric_filters;
mod page;
mod pattern;
mod resource_policies;
mod resource_policy;
mod service;
mod state;
mod store;
mod streams;
mod subscription;
mod subscriptions;
mod tags;
mod window;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use append::{append, may_append};

use crate::core::{Hub, Service};
use crate::operations::Modelled;

/// CloudWatch Logs as a service of the plane: `logs`.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Modelled::new(hub, state::Logs::new(hub), &service::TABLE))
}
