//! CodeCommit: repositories over git's HTTP protocol.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("codecommit", Protocol::Json { target_prefix: "CodeCommit_20150413", version: "1.1" }))
}

/// The git door, not yet open.
pub fn git_router(_hub: &Arc<Hub>) -> axum::Router {
    axum::Router::new()
}
