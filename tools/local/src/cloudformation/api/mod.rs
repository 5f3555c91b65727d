//! The operations of CloudFormation's API, version 2010-05-15: one file per group.

mod change_sets;
mod exports;
mod operations;
mod request;
mod resources;
mod stacks;
mod templates;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;

use super::driver::{self, StackDriver};
use super::plan::StackIdentity;
use super::provider::ProviderLookup;
use super::stack::Stack;
use super::status::StackStatus;
use crate::core::{Hub, Reply, Request, Service, ServiceError};

/// CloudFormation.
pub struct CloudFormation {
    hub: Arc<Hub>,
    lookup: ProviderLookup,
    /// Every stack that there ever was, the deleted ones too: those are found by their ARN.
    stacks: Mutex<Vec<StackDriver>>,
}

impl CloudFormation {
    /// A CloudFormation without stacks, over the resource types that `lookup` finds.
    pub fn new(hub: &Arc<Hub>, lookup: ProviderLookup) -> Self {
        Self { hub: Arc::clone(hub), lookup, stacks: Mutex::new(Vec::new()) }
    }

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

    async fn dispatch(&self, request: Request) -> Reply {
        let input = &request.input;
        match request.operation.as_str() {
            "CreateChangeSet" => self.create_change_set(input).await,
            "DescribeChangeSet" => self.describe_change_set(input),
            "ExecuteChangeSet" => self.execute_change_set(input),
            "DeleteChangeSet" => self.delete_change_set(input),
            "ListChangeSets" => self.list_change_sets(input),
            "CreateStack" => self.create_stack(input).await,
            "UpdateStack" => self.update_stack(input).await,
            "DeleteStack" => self.delete_stack(input),
            "CancelUpdateStack" => self.cancel_update_stack(input),
            "ContinueUpdateRollback" => self.continue_update_rollback(input),
            "DescribeStacks" => self.describe_stacks(input),
            "ListStacks" => Ok(self.list_stacks(input)),
            "DescribeStackEvents" => self.describe_stack_events(input),
            "DescribeStackResource" => self.describe_stack_resource(input),
            "DescribeStackResources" => self.describe_stack_resources(input),
            "ListStackResources" => self.list_stack_resources(input),
            "GetTemplate" => self.get_template(input),
            "GetTemplateSummary" => self.get_template_summary(input).await,
            "ValidateTemplate" => self.validate_template(input).await,
            "ListExports" => Ok(self.list_exports()),
            "ListImports" => self.list_imports(input),
            other => Err(ServiceError::not_implemented("cloudformation", other)),
        }
    }
}

impl std::fmt::Debug for CloudFormation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudFormation").finish_non_exhaustive()
    }
}

impl Service for CloudFormation {
    fn name(&self) -> &'static str {
        "cloudformation"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(self.dispatch(request))
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
