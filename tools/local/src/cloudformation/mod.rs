//! CloudFormation: change sets, stacks, the SAM transform.
//!
//! A request is prepared ([`plan`]: template, transform, parameters, conditions, graph; everything that can be refused
//! is refused there), compared with the live stack ([`diff`]), and decided by the stack's engine ([`engine`]), whose
//! effects the driver ([`driver`]) carries out by calling the resource types' providers ([`provider`], [`providers`]).
//! Imports go one way: template, intrinsics, plan, stack, engine, driver, api; a provider knows the provider's trait only.

mod api;
mod change;
mod changeset;
mod comparison;
mod conditions;
mod context;
mod diff;
mod driver;
mod engine;
mod errors;
mod events;
mod graph;
mod intrinsics;
mod modification;
mod parameters;
mod plan;
pub mod provider;
pub mod providers;
mod publisher;
mod roles;
pub mod sam;
mod schema;
mod stack;
mod stack_policy;
mod status;
mod template;
#[cfg(test)]
mod world;

use std::sync::Arc;

use crate::core::{Hub, Service};

/// The service for the plane, with the providers of every resource type that it runs.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    api::service(hub, providers::provider)
}
