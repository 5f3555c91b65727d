//! CloudFormation: change sets, stacks, the SAM transform.

pub mod provider;
pub mod providers;
pub mod sam;

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new(
        "cloudformation",
        Protocol::Query { namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/" },
    ))
}
