//! Making, executing and deleting change sets.

use std::sync::Arc;

use serde_json::json;

use super::request::{
    actor, is_retry, new_name, on_failure, refuse_rollback_configuration, required, settings, tags_of,
};
use super::state::{CloudFormation, Declared};
use crate::cloudformation::changeset::{ChangeSet, ExecutionStatus, NO_CHANGES};
use crate::cloudformation::diff::difference;
use crate::cloudformation::driver::StackDriver;
use crate::cloudformation::engine::{Begin, Input as EngineInput, Kind};
use crate::cloudformation::errors::{cannot_update, no_change_set, no_stack, validation};
use crate::cloudformation::plan::{Prepared, Refusal, StackIdentity};
use crate::cloudformation::roles::ROLES;
use crate::cloudformation::stack::Stack;
use crate::cloudformation::status::{OnFailure, StackStatus};
use crate::core::{Engine, Input, Reply, Request, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later(
        "CreateChangeSet",
        "StackName TemplateBody TemplateURL UsePreviousTemplate Parameters Capabilities ResourceTypes RoleARN \
         RollbackConfiguration NotificationARNs Tags ChangeSetName ClientToken Description \
         ChangeSetType=CREATE|UPDATE IncludeNestedStacks OnStackFailure",
        |service, request| Box::pin(service.create_change_set(request)),
    )
    .on_found(CloudFormation::stack_arn)
    .passing(ROLES),
    Declared::now(
        "ExecuteChangeSet",
        "ChangeSetName StackName ClientRequestToken DisableRollback RetainExceptOnCreate",
        CloudFormation::execute_change_set,
    )
    .on_found(CloudFormation::stack_arn),
    Declared::now("DeleteChangeSet", "ChangeSetName StackName", |service, request| {
        service.delete_change_set(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
];

impl CloudFormation {
    async fn create_change_set(&self, request: &Request) -> Reply {
        let input = &request.input;
        refuse_rollback_configuration(input)?;
        let (stack_name, name) = (required(input, "StackName")?, required(input, "ChangeSetName")?);
        new_name(name, "changeSetName")?;
        let driver = self.find(stack_name);
        let kind = change_set_type(input, driver.as_ref(), stack_name, name)?;
        let before = driver.as_ref().map_or_else(
            || Stack::new(self.new_identity(stack_name), self.hub.now()),
            |driver| driver.read(|engine| engine.stack.clone()),
        );
        // The name of a change set that was executed is free again.
        let taken = before.change_sets.get(name).filter(|one| one.execution != ExecutionStatus::Complete);
        if let Some(existing) = taken {
            return existing_change_set(existing, &before.identity, input.opt_str("ClientToken"));
        }
        if kind == Kind::Create {
            new_name(&before.identity.name, "stackName")?;
        }
        let prepared = self.prepare(request, &before, false).await;
        let change_set = self.change_set(input, name, &before, prepared)?;
        let id = change_set.id.clone();
        let driver = match driver {
            Some(driver) => driver,
            None => self.register(before.identity.clone())?,
        };
        let stack_id = driver.apply(|engine, now| {
            let stack = &mut engine.stack;
            if stack.status.is_busy() {
                return (Err(cannot_update(&stack.identity.id, stack.status.as_str())), Vec::new());
            }
            stack.change_sets.insert(name.to_owned(), change_set);
            let effects = if stack.events.is_empty() { engine.review(now) } else { Vec::new() };
            (Ok(engine.stack.identity.id.clone()), effects)
        })?;
        Ok(json!({ "Id": id, "StackId": stack_id }))
    }

    fn change_set(
        &self,
        input: &Input,
        name: &str,
        before: &Stack,
        prepared: Result<Arc<Prepared>, Refusal>,
    ) -> Result<ChangeSet, ServiceError> {
        let mut parameters = Vec::new();
        let (prepared, changes) = match prepared {
            Ok(prepared) => {
                parameters.clone_from(&prepared.parameters);
                let found = difference(before, &prepared, self.lookup).map_err(|fault| validation(fault.message()))?;
                // A stack may be made without resources, where conditions leave all of them out.
                if before.current.is_some() && found.is_empty() && prepared.settings.tags == tags_of(before) {
                    (Err(NO_CHANGES.to_owned()), Vec::new())
                } else {
                    (Ok(prepared), found.changes)
                }
            }
            Err(Refusal { error, transforming: true }) => (Err(error.message), Vec::new()),
            Err(Refusal { error, .. }) => return Err(error),
        };
        let id = self.hub.arn("cloudformation", &format!("changeSet/{name}/{}", self.hub.ids.uuid()));
        let execution = if prepared.is_ok() { ExecutionStatus::Available } else { ExecutionStatus::Unavailable };
        Ok(ChangeSet {
            name: name.to_owned(),
            id,
            description: input.opt_str("Description").map(str::to_owned),
            created: self.hub.now(),
            prepared,
            settings: settings(input, before.current.as_deref().map(|current| &current.settings), false)?,
            parameters,
            changes,
            on_failure: input
                .get("OnStackFailure")
                .map(|_| on_failure(input.opt_str("OnStackFailure"), "OnStackFailure"))
                .transpose()?,
            execution,
            include_nested_stacks: input.opt_bool("IncludeNestedStacks").unwrap_or(false),
            client_token: input.opt_str("ClientToken").map(str::to_owned),
        })
    }

    fn delete_change_set(&self, input: &Input) -> Reply {
        let (driver, name) = match self.find_change_set(input) {
            Ok(found) => found,
            // Deleting what is gone is no error, as long as its stack is there.
            Err(error) if error.is("ChangeSetNotFound") => return Ok(json!({})),
            Err(error) => return Err(error),
        };
        driver.apply(|engine, _| {
            let change_sets = &mut engine.stack.change_sets;
            match change_sets.get(&name).map(|change_set| (change_set.execution, change_set.id.clone())) {
                Some((ExecutionStatus::InProgress, id)) => {
                    let status = ExecutionStatus::InProgress.as_str();
                    (Err(invalid_status(&id, "deleted", "execution status", status)), Vec::new())
                }
                _ => {
                    change_sets.shift_remove(&name);
                    (Ok(json!({})), Vec::new())
                }
            }
        })
    }

    fn execute_change_set(&self, request: &Request) -> Reply {
        let input = &request.input;
        let (driver, name) = self.find_change_set(input)?;
        let token = input.opt_str("ClientRequestToken");
        let disable_rollback = input.opt_bool("DisableRollback").unwrap_or(false);
        let identity = driver.read(|engine| engine.stack.identity.clone());
        let exports = self.exports_but(&identity.id);
        driver.apply(|engine, now| {
            let stack = &mut engine.stack;
            let Some(change_set) = stack.change_sets.get(&name).cloned() else {
                return (Err(no_change_set(&name)), Vec::new());
            };
            match is_retry(stack, token, &format!("ExecuteChangeSet {}", change_set.id)) {
                Ok(false) => {}
                Ok(true) => return (Ok(json!({})), Vec::new()),
                Err(error) => return (Err(error), Vec::new()),
            }
            let begin = match begin(request, stack, &change_set) {
                Ok(begin) => begin,
                Err(error) => {
                    token.map(|token| stack.tokens.remove(token));
                    return (Err(error), Vec::new());
                }
            };
            let begin = Begin {
                token: token.map(str::to_owned),
                on_failure: if disable_rollback {
                    OnFailure::DoNothing
                } else {
                    change_set.on_failure.unwrap_or_default()
                },
                retain_except_on_create: input.opt_bool("RetainExceptOnCreate").unwrap_or(false),
                exports,
                ..begin
            };
            (Ok(json!({})), engine.step(Some(EngineInput::Begin(Box::new(begin))), now))
        })
    }

    /// The stack of a change set, and its name in it.
    pub(super) fn find_change_set(&self, input: &Input) -> Result<(StackDriver, String), ServiceError> {
        let asked = required(input, "ChangeSetName")?;
        let named = |driver: &StackDriver| {
            driver.read(|engine| {
                let mut all = engine.stack.change_sets.values();
                all.find(|one| one.name == asked || one.id == asked).map(|one| one.name.clone())
            })
        };
        let found = if asked.starts_with("arn:") {
            self.all().into_iter().find_map(|driver| named(&driver).map(|name| (driver, name)))
        } else {
            let Some(stack_name) = input.opt_str("StackName") else {
                return Err(validation("StackName must be specified if ChangeSetName is not specified as an ARN."));
            };
            let driver = self.find(stack_name).ok_or_else(|| no_stack(stack_name))?;
            named(&driver).map(|name| (driver, name))
        };
        found.ok_or_else(|| no_change_set(asked))
    }
}

/// The operation that executing a change set begins, where its status and its stack's allow that.
fn begin(request: &Request, stack: &Stack, change_set: &ChangeSet) -> Result<Begin, ServiceError> {
    let target = match (change_set.execution, &change_set.prepared) {
        (ExecutionStatus::Available, Ok(target)) => target,
        (_, Err(_)) => return Err(invalid_status(&change_set.id, "executed", "status", change_set.status())),
        (execution, _) => {
            return Err(invalid_status(&change_set.id, "executed", "execution status", execution.as_str()));
        }
    };
    let kind = match stack.status {
        StackStatus::ReviewInProgress => Kind::Create,
        status if status.can_update() => Kind::Update,
        status => return Err(cannot_update(&stack.identity.id, status.as_str())),
    };
    Ok(Begin {
        kind,
        target: Arc::clone(target),
        token: None,
        on_failure: change_set.on_failure.unwrap_or_default(),
        policy: stack.policy.clone().filter(|_| kind == Kind::Update),
        actor: actor(request, target.settings.role_arn.as_ref()),
        retain_except_on_create: false,
        timeout: None,
        exports: Default::default(),
        change_set: Some(change_set.name.clone()),
    })
}

fn invalid_status(id: &str, verb: &str, of: &str, status: &str) -> ServiceError {
    let message = format!("ChangeSet [{id}] cannot be {verb} in its current {of} of [{status}]");
    ServiceError::new("InvalidChangeSetStatus", message)
}

/// `CREATE` or `UPDATE`, where the stack is in a state for that.
fn change_set_type(
    input: &Input,
    driver: Option<&StackDriver>,
    stack_name: &str,
    name: &str,
) -> Result<Kind, ServiceError> {
    let status = driver.map(|driver| driver.read(|engine| (engine.stack.status, engine.stack.identity.id.clone())));
    match (input.opt_str("ChangeSetType").unwrap_or("UPDATE"), status) {
        ("CREATE", None | Some((StackStatus::ReviewInProgress, _))) => Ok(Kind::Create),
        ("CREATE", Some(_)) => Err(validation(format!(
            "Stack [{stack_name}] already exists and cannot be created again with the changeSet [{name}]."
        ))),
        ("UPDATE", None | Some((StackStatus::ReviewInProgress, _))) => Err(no_stack(stack_name)),
        ("UPDATE", Some((status, _))) if status.can_update() => Ok(Kind::Update),
        ("UPDATE", Some((status, id))) => Err(cannot_update(&id, status.as_str())),
        (other, _) => {
            Err(ServiceError::not_implemented("cloudformation", &format!("CreateChangeSet with ChangeSetType {other}")))
        }
    }
}

fn existing_change_set(existing: &ChangeSet, stack: &StackIdentity, token: Option<&str>) -> Reply {
    if token.is_some() && existing.client_token.as_deref() == token {
        return Ok(json!({ "Id": existing.id, "StackId": stack.id }));
    }
    let message = format!(
        "ChangeSet {} cannot be created: a change set of that name exists in stack {}",
        existing.name, stack.name
    );
    Err(ServiceError::new("AlreadyExistsException", message))
}
