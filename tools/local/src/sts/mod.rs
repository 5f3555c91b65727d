//! STS: who the caller is.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("sts", Protocol::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/" }))
}
