//! CloudFormation: change sets, stacks, the SAM transform.
//!
//! A request is prepared ([`plan`]: template, transform, parameters, conditions, graph; everything that can be refused
//! is refused there), compared with the live stack ([`diff`]), and carried out by the stack's engine ([`engine`]), which
//! calls the resource types' providers ([`provider`], [`providers`]).

mod api;
mod changeset;
mod conditions;
mod diff;
mod engine;
mod errors;
mod events;
mod graph;
mod intrinsics;
mod parameters;
mod plan;
pub mod provider;
pub mod providers;
pub mod sam;
mod stack;
mod status;
mod template;
#[cfg(test)]
mod world;

use std::sync::Arc;

use crate::core::{Hub, Service};

/// The service.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(api::CloudFormation::new(hub, providers::provider))
}
