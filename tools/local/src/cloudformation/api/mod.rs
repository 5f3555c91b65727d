//! The operations of CloudFormation's API, version 2010-05-15: one file per group, each with its declarations.

#[cfg(test)]
mod answers_tests;
mod change_json;
mod change_set_views;
mod change_sets;
mod endings;
mod exports;
mod operations;
mod pages;
mod protection;
mod request;
mod resources;
mod stacks;
mod state;
mod templates;
#[cfg(test)]
mod tests;

use super::provider::ProviderLookup;
use crate::core::{Hub, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use state::CloudFormation;
use std::sync::{Arc, Mutex};

static TABLE: Table<CloudFormation> = Table {
    denial: "AccessDenied",
    ..Table::new(
        "cloudformation",
        Dialect::Listed("ValidationError"),
        &[
            change_sets::OPERATIONS,
            change_set_views::OPERATIONS,
            endings::OPERATIONS,
            exports::OPERATIONS,
            operations::OPERATIONS,
            protection::OPERATIONS,
            resources::OPERATIONS,
            stacks::OPERATIONS,
            templates::OPERATIONS,
        ],
    )
};

/// A CloudFormation without stacks, over the resource types that `lookup` finds.
pub fn service(hub: &Arc<Hub>, lookup: ProviderLookup) -> Arc<dyn Service> {
    let state = CloudFormation { hub: Arc::clone(hub), lookup, stacks: Mutex::new(Vec::new()) };
    Arc::new(Modelled::new(hub, state, &TABLE))
}
