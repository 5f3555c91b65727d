//! EventBridge: rules, patterns, schedules, targets.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("events", Protocol::Json { target_prefix: "AWSEvents", version: "1.1" }))
}
