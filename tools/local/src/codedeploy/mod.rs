//! CodeDeploy for the Lambda compute platform: applications, deployment groups and configurations, revisions, and
//! deployments that really move an alias, ask hooks, heed alarms and roll back.
//!
//! The decisions are in `engine`, which is pure; `act` carries them out through Lambda's, CloudWatch's and SNS's own
//! operations. The other compute platforms are refused.

mod act;
mod announce;
mod applications;
mod appspec;
mod catalog;
mod configs;
mod deployments;
mod describe;
mod engine;
mod groups;
mod names;
mod revisions;
mod roles;
mod service;
mod tags;
#[cfg(test)]
mod tests;
mod traffic;

use std::sync::Arc;

use crate::core::{Hub, Service, ServiceError};

/// The service.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(service::CodeDeploy::start(hub))
}

fn other_platform(operation: &str) -> ServiceError {
    ServiceError::new(
        "NotImplemented",
        format!("the local plane runs codedeploy:{operation} for the Lambda platform alone; no work was done"),
    )
    .with_status(501)
}

fn unknown_platform() -> ServiceError {
    ServiceError::new("InvalidComputePlatformException", "The compute platform must be Lambda, Server or ECS")
}
