//! API Gateway HTTP APIs and their front door.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("apigateway", Protocol::RestJson { lower_camel: true }))
}
