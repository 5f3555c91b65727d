//! Lambda: functions, versions, aliases, invocation, the Runtime API.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("lambda", Protocol::RestJson { lower_camel: false }))
}
