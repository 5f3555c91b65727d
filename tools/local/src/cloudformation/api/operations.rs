//! Creating, updating and deleting stacks directly.

use std::time::Duration;

use serde_json::json;

use super::change_sets::{on_failure, tags_of};
use super::request::{is_retry, new_name, refuse, required};
use super::{CloudFormation, already_exists};
use crate::cloudformation::diff::difference;
use crate::cloudformation::engine::{Begin, Delete, Input as EngineInput, Kind};
use crate::cloudformation::errors::{cannot_update, no_stack, validation};
use crate::cloudformation::stack::Stack;
use crate::cloudformation::status::{OnFailure, StackStatus};
use crate::core::{Engine, Input, Reply, ServiceError};

/// Members that the plane does not run.
const NOT_RUN: [&str; 8] = [
    "RollbackConfiguration",
    "ResourceTypes",
    "StackPolicyBody",
    "StackPolicyURL",
    "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL",
    "DeploymentConfig",
    "EnableTerminationProtection",
];

impl CloudFormation {
    pub(super) async fn create_stack(&self, input: &Input) -> Reply {
        refuse(input, &NOT_RUN)?;
        let name = required(input, "StackName")?;
        new_name(name, "stackName")?;
        let token = input.opt_str("ClientRequestToken");
        if let Some(driver) = self.find(name) {
            let (id, is_retry) = driver.read(|engine| {
                let taken = token.and_then(|token| engine.stack.tokens.get(token));
                (engine.stack.identity.id.clone(), taken.is_some_and(|what| what == "CreateStack"))
            });
            return if is_retry { Ok(json!({ "StackId": id })) } else { Err(already_exists(name)) };
        }
        let failing = failure_mode(input)?;
        let before = Stack::new(self.new_identity(name), self.hub.now());
        let target = self.prepare(input, &before, true).await.map_err(|refusal| refusal.error)?;
        let id = before.identity.id.clone();
        let begin = Begin {
            kind: Kind::Create,
            target,
            token: token.map(str::to_owned),
            on_failure: failing,
            retain_except_on_create: input.opt_bool("RetainExceptOnCreate").unwrap_or(false),
            timeout: minutes(input.opt_i64("TimeoutInMinutes")),
            exports: self.exports_but(&id),
            change_set: None,
        };
        let driver = self.register(before.identity)?;
        driver.apply(|engine, now| {
            token.map(|token| engine.stack.tokens.insert(token.to_owned(), "CreateStack".to_owned()));
            ((), engine.step(Some(EngineInput::Begin(Box::new(begin))), now))
        });
        Ok(json!({ "StackId": id }))
    }

    pub(super) async fn update_stack(&self, input: &Input) -> Reply {
        refuse(input, &NOT_RUN)?;
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let before = driver.read(|engine| engine.stack.clone());
        let token = input.opt_str("ClientRequestToken");
        if token.and_then(|token| before.tokens.get(token)).is_some_and(|what| what == "UpdateStack") {
            return Ok(json!({ "StackId": before.identity.id }));
        }
        check_updatable(&before)?;
        let target = self.prepare(input, &before, true).await.map_err(|refusal| refusal.error)?;
        let found = difference(&before, &target, self.lookup).map_err(|fault| validation(fault.message()))?;
        if found.is_empty() && target.settings.tags == tags_of(&before) {
            return Err(validation("No updates are to be performed."));
        }
        let disabled = input.opt_bool("DisableRollback").unwrap_or(false);
        let begin = Begin {
            kind: Kind::Update,
            target,
            token: token.map(str::to_owned),
            on_failure: if disabled { OnFailure::DoNothing } else { OnFailure::Rollback },
            retain_except_on_create: input.opt_bool("RetainExceptOnCreate").unwrap_or(false),
            timeout: None,
            exports: self.exports_but(&before.identity.id),
            change_set: None,
        };
        driver.apply(|engine, now| {
            if let Err(error) = check_updatable(&engine.stack) {
                return (Err(error), Vec::new());
            }
            match is_retry(&mut engine.stack, token, "UpdateStack") {
                Ok(_) => {}
                Err(error) => return (Err(error), Vec::new()),
            }
            (Ok(()), engine.step(Some(EngineInput::Begin(Box::new(begin))), now))
        })?;
        Ok(json!({ "StackId": before.identity.id }))
    }

    pub(super) fn delete_stack(&self, input: &Input) -> Reply {
        refuse(input, &["DeletionMode", "DeploymentConfig"])?;
        let name = required(input, "StackName")?;
        // Deleting what is not there succeeds.
        let Some(driver) = self.find(name) else { return Ok(json!({})) };
        let token = input.opt_str("ClientRequestToken");
        let identity = driver.read(|engine| engine.stack.identity.clone());
        let delete = Delete {
            retain: input.strings("RetainResources"),
            token: token.map(str::to_owned),
            exports: self.exports_but(&identity.id),
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

    pub(super) fn cancel_update_stack(&self, input: &Input) -> Reply {
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

    pub(super) fn continue_update_rollback(&self, input: &Input) -> Reply {
        refuse(input, &["ForceRollback"])?;
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
}

fn check_updatable(stack: &Stack) -> Result<(), ServiceError> {
    match stack.status {
        status if status.can_update() => Ok(()),
        StackStatus::ReviewInProgress => Err(no_stack(&stack.identity.name)),
        status => Err(cannot_update(&stack.identity.id, status.as_str())),
    }
}

/// Whether a deletion begins; not when one is running or done already.
fn may_delete(stack: &Stack, delete: &Delete) -> Result<bool, ServiceError> {
    let status = stack.status;
    match status {
        StackStatus::DeleteInProgress | StackStatus::DeleteComplete => Ok(false),
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
        _ => Ok(true),
    }
}

fn failure_mode(input: &Input) -> Result<OnFailure, ServiceError> {
    match (input.opt_bool("DisableRollback"), input.opt_str("OnFailure")) {
        (Some(_), Some(_)) => Err(validation("Either DisableRollback or OnFailure can be specified, not both.")),
        (Some(true), None) => Ok(OnFailure::DoNothing),
        (_, name) => on_failure(name, "OnFailure"),
    }
}

fn minutes(count: Option<i64>) -> Option<Duration> {
    count.and_then(|count| u64::try_from(count).ok()).map(|count| Duration::from_secs(count * 60))
}
