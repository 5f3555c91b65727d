//! Deleting stacks, giving updates up, going on with rollbacks, and signals that nobody waits for.

use serde_json::json;

use super::request::{actor, is_retry, required};
use super::state::{CloudFormation, Declared};
use crate::cloudformation::engine::{Delete, Input as EngineInput};
use crate::cloudformation::errors::{no_stack, validation};
use crate::cloudformation::roles::ROLES;
use crate::cloudformation::stack::Stack;
use crate::cloudformation::status::StackStatus;
use crate::core::{Engine, Input, Reply, Request, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now(
        "DeleteStack",
        "StackName RetainResources RoleARN ClientRequestToken DeletionMode=STANDARD",
        CloudFormation::delete_stack,
    )
    .on_found(CloudFormation::stack_arn)
    .passing(ROLES),
    Declared::now("CancelUpdateStack", "StackName ClientRequestToken", |service, request| {
        service.cancel_update_stack(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
    Declared::now("ContinueUpdateRollback", "StackName ResourcesToSkip ClientRequestToken", |service, request| {
        service.continue_update_rollback(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
    Declared::now("SignalResource", "StackName LogicalResourceId UniqueId Status", |service, request| {
        service.signal_resource(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
];

impl CloudFormation {
    fn delete_stack(&self, request: &Request) -> Reply {
        let input = &request.input;
        let name = required(input, "StackName")?;
        // Deleting what is not there succeeds.
        let Some(driver) = self.find(name) else { return Ok(json!({})) };
        let token = input.opt_str("ClientRequestToken");
        let (identity, role) = driver.read(|engine| {
            let role = engine.stack.current.as_ref().and_then(|current| current.settings.role_arn.clone());
            (engine.stack.identity.clone(), role)
        });
        let role = input.opt_str("RoleARN").map(str::to_owned).or(role);
        let delete = Delete {
            retain: input.strings("RetainResources"),
            token: token.map(str::to_owned),
            exports: self.exports_but(&identity.id),
            actor: actor(request, role.as_ref()),
        };
        driver.apply(|engine, now| {
            match is_retry(&mut engine.stack, token, "DeleteStack") {
                Ok(false) => {}
                Ok(true) => return (Ok(json!({})), Vec::new()),
                Err(error) => return (Err(error), Vec::new()),
            }
            match may_delete(&engine.stack, &delete) {
                Ok(true) => (Ok(json!({})), engine.step(Some(EngineInput::Delete(delete)), now)),
                Ok(false) => (Ok(json!({})), Vec::new()),
                Err(error) => {
                    token.map(|token| engine.stack.tokens.remove(token));
                    (Err(error), Vec::new())
                }
            }
        })
    }

    fn cancel_update_stack(&self, input: &Input) -> Reply {
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let token = input.opt_str("ClientRequestToken").map(str::to_owned);
        driver.apply(|engine, now| {
            if engine.stack.status != StackStatus::UpdateInProgress {
                let error = validation("CancelUpdateStack cannot be called from current stack status");
                return (Err(error), Vec::new());
            }
            (Ok(json!({})), engine.step(Some(EngineInput::CancelUpdate { token }), now))
        })
    }

    fn continue_update_rollback(&self, input: &Input) -> Reply {
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let (skip, token) = (input.strings("ResourcesToSkip"), input.opt_str("ClientRequestToken").map(str::to_owned));
        driver.apply(|engine, now| {
            let stack = &engine.stack;
            if stack.status != StackStatus::UpdateRollbackFailed {
                let (id, status) = (&stack.identity.id, stack.status.as_str());
                let error = validation(format!("Stack:{id} is in {status} state and can not continue its rollback."));
                return (Err(error), Vec::new());
            }
            (Ok(json!({})), engine.step(Some(EngineInput::ContinueRollback { skip, token }), now))
        })
    }

    /// A resource can be signalled while it waits for that, and the plane runs none that does.
    fn signal_resource(&self, input: &Input) -> Reply {
        let (name, id) = (required(input, "StackName")?, required(input, "LogicalResourceId")?);
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        driver.read(|engine| {
            let stack = &engine.stack;
            let Some(resource) = stack.resources.get(id) else {
                return Err(validation(format!("Resource {id} does not exist for stack {}", stack.identity.name)));
            };
            let status = resource.status.as_str();
            Err(validation(format!("Resource {id} is in {status} state and cannot be signaled")))
        })
    }
}

/// True if a deletion begins; false if one is running or done already.
fn may_delete(stack: &Stack, delete: &Delete) -> Result<bool, ServiceError> {
    let status = stack.status;
    match status {
        StackStatus::DeleteInProgress | StackStatus::DeleteComplete => Ok(false),
        _ if stack.termination_protection => Err(validation(format!(
            "Stack [{}] cannot be deleted while TerminationProtection is enabled",
            stack.identity.name
        ))),
        StackStatus::CreateInProgress | StackStatus::RollbackInProgress => Ok(true),
        busy if busy.is_busy() => Err(validation(format!(
            "Stack [{}] cannot be deleted while in status {}",
            stack.identity.id,
            status.as_str()
        ))),
        _ if !delete.retain.is_empty() && status != StackStatus::DeleteFailed => Err(validation(format!(
            "Invalid operation on stack [{}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.",
            stack.identity.id
        ))),
        _ => match delete.retain.iter().find(|id| !stack.resources.contains_key(*id)) {
            Some(id) => Err(validation(format!("Resource {id} does not exist for stack {}", stack.identity.name))),
            None => Ok(true),
        },
    }
}
