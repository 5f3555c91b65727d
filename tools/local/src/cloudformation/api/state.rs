//! The state of CloudFormation: the stacks that there ever were.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::driver::{self, StackDriver};
use super::super::plan::StackIdentity;
use super::super::provider::ProviderLookup;
use super::super::stack::Stack;
use super::super::status::StackStatus;
use crate::core::{Hub, Input, ServiceError};
use crate::operations::Operation;

/// An operation of CloudFormation, with the state that it works on.
pub(super) type Declared = Operation<CloudFormation>;

/// The state of CloudFormation: every stack, and the resource types.
pub struct CloudFormation {
    pub(super) hub: Arc<Hub>,
    pub(super) lookup: ProviderLookup,
    /// Every stack that there ever was, the deleted ones too: those are found by their ARN.
    pub(super) stacks: Mutex<Vec<StackDriver>>,
}

impl CloudFormation {
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<StackDriver>> {
        self.stacks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stack of that name or ARN. A deleted stack has no name any more.
    pub(super) fn find(&self, name: &str) -> Option<StackDriver> {
        find(&self.lock(), name)
    }

    /// All stacks, newest last.
    pub(super) fn all(&self) -> Vec<StackDriver> {
        self.lock().clone()
    }

    pub(super) fn new_identity(&self, name: &str) -> StackIdentity {
        let id = self.hub.arn("cloudformation", &format!("stack/{name}/{}", self.hub.ids.uuid()));
        StackIdentity { name: name.to_owned(), id }
    }

    /// Registers a stack, unless one of its name has appeared meanwhile.
    pub(super) fn register(&self, identity: StackIdentity) -> Result<StackDriver, ServiceError> {
        let mut stacks = self.lock();
        if find(&stacks, &identity.name).is_some() {
            return Err(already_exists(&identity.name));
        }
        let driver = driver::start(&self.hub, Stack::new(identity, self.hub.now()), self.lookup);
        stacks.push(driver.clone());
        Ok(driver)
    }

    /// The ARN of the stack that the input names, as IAM sees it.
    pub(super) fn stack_arn(&self, input: &Input) -> Vec<String> {
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

pub(super) fn find(stacks: &[StackDriver], name: &str) -> Option<StackDriver> {
    let is = |driver: &&StackDriver| {
        driver.read(|engine| {
            let stack = &engine.stack;
            stack.identity.id == name || (stack.identity.name == name && stack.status != StackStatus::DeleteComplete)
        })
    };
    stacks.iter().rev().find(is).cloned()
}

pub(super) fn already_exists(name: &str) -> ServiceError {
    ServiceError::new("AlreadyExistsException", format!("Stack [{name}] already exists"))
}
