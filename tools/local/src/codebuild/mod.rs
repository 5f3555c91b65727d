//! CodeBuild: runs a buildspec in a clean checkout.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("codebuild", Protocol::Json { target_prefix: "CodeBuild_20161006", version: "1.1" }))
}
