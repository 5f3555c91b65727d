//! CloudWatch: metrics that are kept with their values, so that percentiles are exact, and alarms that really evaluate
//! on plane time. Dashboards are documents that are kept.
//!
//! Everything is held in memory and bounded; a plane that ends forgets it.

mod alarm;
mod alarms;
mod dashboard;
mod dashboards;
mod data;
mod expression;
mod metrics;
mod notify;
mod put;
mod query;
mod service;
mod state;
mod statistic;
mod store;
mod tag_set;
mod tags;
#[cfg(test)]
mod tests;
mod values;

use std::sync::Arc;

use crate::core::{Hub, Service};
use crate::operations::Modelled;

/// CloudWatch as a service of the plane, with its alarms running.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Modelled::new(hub, state::CloudWatch::start(hub), &service::TABLE))
}
