//! The operations of CloudFormation's API, version 2010-05-15: one file per group, each with its declarations.

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
mod templates;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::driver::{self, StackDriver};
use super::plan::StackIdentity;
use super::provider::ProviderLookup;
use super::stack::Stack;
use super::status::StackStatus;
use crate::core::{Hub, Input, Service, ServiceError};
use crate::model::Dialect;
use crate::operations::{Modelled, Operation, Table};

/// An operation of CloudFormation, with the state that it works on.
type Declared = Operation<CloudFormation>;

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

/// The state of CloudFormation: every stack, and the resource types.
pub struct CloudFormation {
    hub: Arc<Hub>,
    lookup: ProviderLookup,
    /// Every stack that there ever was, the deleted ones too: those are found by their ARN.
    stacks: Mutex<Vec<StackDriver>>,
}

/// A CloudFormation without stacks, over the resource types that `lookup` finds.
pub fn service(hub: &Arc<Hub>, lookup: ProviderLookup) -> Arc<dyn Service> {
    let state = CloudFormation { hub: Arc::clone(hub), lookup, stacks: Mutex::new(Vec::new()) };
    Arc::new(Modelled::new(hub, state, &TABLE))
}

impl CloudFormation {
    fn lock(&self) -> MutexGuard<'_, Vec<StackDriver>> {
        self.stacks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stack of that name or ARN. A deleted stack has no name any more.
    fn find(&self, name: &str) -> Option<StackDriver> {
        find(&self.lock(), name)
    }

    /// All stacks, newest last.
    fn all(&self) -> Vec<StackDriver> {
        self.lock().clone()
    }

    fn new_identity(&self, name: &str) -> StackIdentity {
        let id = self.hub.arn("cloudformation", &format!("stack/{name}/{}", self.hub.ids.uuid()));
        StackIdentity { name: name.to_owned(), id }
    }

    /// Registers a stack, unless one of its name has appeared meanwhile.
    fn register(&self, identity: StackIdentity) -> Result<StackDriver, ServiceError> {
        let mut stacks = self.lock();
        if find(&stacks, &identity.name).is_some() {
            return Err(already_exists(&identity.name));
        }
        let driver = driver::start(&self.hub, Stack::new(identity, self.hub.now()), self.lookup);
        stacks.push(driver.clone());
        Ok(driver)
    }

    /// The ARN of the stack that the input names, as IAM sees it.
    fn stack_arn(&self, input: &Input) -> Vec<String> {
        let named = input.opt_str("StackName").map(|name| match self.find(name) {
            Some(driver) => driver.read(|engine| engine.stack.identity.id.clone()),
            None if name.starts_with("arn:") => name.to_owned(),
            None => self.hub.arn("cloudformation", &format!("stack/{name}/*")),
        });
        let of_change_set = || {
            let (driver, _) = self.find_change_set(input).ok()?;
            Some(driver.read(|engine| engine.stack.identity.id.clone()))
        };
        vec![named.or_else(of_change_set).unwrap_or_else(|| "*".to_owned())]
    }
}

fn find(stacks: &[StackDriver], name: &str) -> Option<StackDriver> {
    let is = |driver: &&StackDriver| {
        driver.read(|engine| {
            let stack = &engine.stack;
            stack.identity.id == name || (stack.identity.name == name && stack.status != StackStatus::DeleteComplete)
        })
    };
    stacks.iter().rev().find(is).cloned()
}

fn already_exists(name: &str) -> ServiceError {
    ServiceError::new("AlreadyExistsException", format!("Stack [{name}] already exists"))
}
