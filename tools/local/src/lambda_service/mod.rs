//! Lambda: functions, versions, aliases, invocation, the Runtime API.
//!
//! A function's `bootstrap` really runs, as a process on this machine, one environment per invocation at a time.
//! Only OS-only runtimes (`provided.al2`, `provided.al2023`) are run. The memory limit and the architecture are not
//! enforced, `/tmp` is a directory of the environment's own that `TMPDIR` names, and the application log level is
//! passed on to the process, which filters its own lines. Everything that would need more than that (layers, images,
//! VPCs, SnapStart, function URLs, event source mappings, provisioned concurrency) is refused as not implemented.

mod aliases;
mod code;
mod concurrency;
mod credentials;
mod destinations;
mod download;
mod errors;
mod event_invoke;
mod event_invoke_config;
mod event_queue;
mod execution;
mod functions;
mod invoke;
mod metrics;
mod names;
mod paging;
mod policy;
mod registry;
mod resource_policy;
mod runtime_management;
mod service;
mod settings;
mod state;
mod tags;
mod versions;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::core::{Hub, Service};
use crate::operations::Modelled;
pub use download::package_router;
use execution::Limits;
use service::TABLE;
use state::Lambda;

/// The service `lambda`, with AWS's limits.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    with(hub, Lambda::start(hub, Limits::default()))
}

/// The service around its state, which ends its environments with the plane.
fn with(hub: &Arc<Hub>, lambda: Arc<Lambda>) -> Arc<dyn Service> {
    Arc::new(Modelled::new(hub, lambda, &TABLE).ending(|lambda| Box::pin(lambda.host.shut_down())))
}
