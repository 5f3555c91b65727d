//! CloudWatch metrics and alarms.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new(
        "monitoring",
        Protocol::Query { namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/" },
    ))
}
