//! DynamoDB, from a library.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("dynamodb", Protocol::Json { target_prefix: "DynamoDB_20120810", version: "1.0" }))
}
