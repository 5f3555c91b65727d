//! CloudWatch Logs: groups, streams and events.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("logs", Protocol::Json { target_prefix: "Logs_20140328", version: "1.1" }))
}
