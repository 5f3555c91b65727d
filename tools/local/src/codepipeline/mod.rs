//! CodePipeline: executions, actions, jobs.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("codepipeline", Protocol::Json { target_prefix: "CodePipeline_20150709", version: "1.1" }))
}
