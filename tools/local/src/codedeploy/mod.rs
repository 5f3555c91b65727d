//! CodeDeploy for the Lambda compute platform.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("codedeploy", Protocol::Json { target_prefix: "CodeDeploy_20141006", version: "1.1" }))
}
