//! IAM: roles and policies as stored state.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("iam", Protocol::Query { namespace: "https://iam.amazonaws.com/doc/2010-05-08/" }))
}
