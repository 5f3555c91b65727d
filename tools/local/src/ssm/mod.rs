//! SSM Parameter Store.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("ssm", Protocol::Json { target_prefix: "AmazonSSM", version: "1.1" }))
}
