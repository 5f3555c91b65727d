//! CloudWatch Logs: groups, streams and events, kept in memory for as long as the plane runs.
//!
//! Other services of the plane write through [`append`], which makes the group and the stream as it goes, as the
//! services of AWS do. Customers create both first, as on AWS. Metrics that a line carries go to CloudWatch.

mod append;
mod embedded_metrics;
mod events;
mod filter;
mod groups;
mod service;
mod store;
mod streams;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use append::append;

use crate::core::{Hub, Service};

/// The service `logs`.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(service::Logs::new(hub))
}
