//! Change sets.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::request::{is_retry, new_name, refuse, required, settings};
use super::stacks::{parameters_json, tags_json};
use super::{CloudFormation, StackDriver};
use crate::cloudformation::changeset::{ChangeSet, ExecutionStatus, NO_CHANGES, change_json};
use crate::cloudformation::diff::difference;
use crate::cloudformation::engine::{Begin, Input as EngineInput, Kind};
use crate::cloudformation::errors::{cannot_update, no_change_set, no_stack, validation};
use crate::cloudformation::parameters::Given;
use crate::cloudformation::plan::{Draft, Prepared, Refusal, StackIdentity};
use crate::cloudformation::stack::Stack;
use crate::cloudformation::status::{OnFailure, StackStatus};
use crate::core::{Engine, Input, Reply, ServiceError};

/// Members of `CreateChangeSet` that the plane does not run.
const NOT_RUN: [&str; 6] = [
    "RollbackConfiguration",
    "ResourceTypes",
    "ResourcesToImport",
    "ImportExistingResources",
    "DeploymentMode",
    "DeploymentConfig",
];

impl CloudFormation {
    pub(super) async fn create_change_set(&self, input: &Input) -> Reply {
        refuse(input, &NOT_RUN)?;
        let (stack_name, name) = (required(input, "StackName")?, required(input, "ChangeSetName")?);
        new_name(name, "changeSetName")?;
        let driver = self.find(stack_name);
        let kind = change_set_type(input, driver.as_ref(), stack_name, name)?;
        let before = driver.as_ref().map_or_else(
            || Stack::new(self.new_identity(stack_name), self.hub.now()),
            |driver| driver.read(|engine| engine.stack.clone()),
        );
        if let Some(existing) = before.change_sets.get(name) {
            return existing_change_set(existing, &before.identity, input.opt_str("ClientToken"));
        }
        if kind == Kind::Create {
            new_name(&before.identity.name, "stackName")?;
        }
        let prepared = self.prepare(input, &before, false).await;
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

    /// What the request makes of the stack.
    pub(super) async fn prepare(&self, input: &Input, before: &Stack, direct: bool) -> Result<Arc<Prepared>, Refusal> {
        let current = before.current.as_deref();
        let draft = Draft {
            stack: before.identity.clone(),
            source: self.source(input, current.map(|current| &current.source)).await?,
            given: Given::list(input),
            previous: current.map(|current| current.parameters.clone()).unwrap_or_default(),
            settings: settings(input, current.map(|current| &current.settings)),
            exports: self.exported_values(),
            live: before
                .resources
                .iter()
                .filter_map(|(id, resource)| Some((id.clone(), resource.live.as_ref()?.properties.clone())))
                .collect(),
            direct,
        };
        let prepared = Prepared::of(&self.hub, self.lookup, draft).await?;
        check_types(before, &prepared)?;
        Ok(prepared)
    }

    fn change_set(
        &self,
        input: &Input,
        name: &str,
        before: &Stack,
        prepared: Result<Arc<Prepared>, Refusal>,
    ) -> Result<ChangeSet, ServiceError> {
        let (prepared, changes) = match prepared {
            Ok(prepared) => {
                let found = difference(before, &prepared, self.lookup).map_err(|fault| validation(fault.message()))?;
                if found.is_empty() && prepared.settings.tags == tags_of(before) {
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
            changes,
            on_failure: on_failure(input.opt_str("OnStackFailure"), "OnStackFailure")?,
            execution,
            client_token: input.opt_str("ClientToken").map(str::to_owned),
        })
    }

    pub(super) fn describe_change_set(&self, input: &Input) -> Reply {
        let (driver, name) = self.find_change_set(input)?;
        driver.read(|engine| {
            let stack = &engine.stack;
            let change_set = stack.change_sets.get(&name).ok_or_else(|| no_change_set(&name))?;
            Ok(describe(change_set, &stack.identity))
        })
    }

    pub(super) fn list_change_sets(&self, input: &Input) -> Reply {
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let summaries: Vec<Value> = driver.read(|engine| {
            let identity = &engine.stack.identity;
            // "Each active change set": one that was executed is described still, but not listed.
            let executed =
                |one: &&ChangeSet| matches!(one.execution, ExecutionStatus::Complete | ExecutionStatus::Failed);
            let active = engine.stack.change_sets.values().filter(|one| !executed(one));
            active.map(|change_set| Value::Object(change_set.summary(&identity.id, &identity.name))).collect()
        });
        Ok(json!({ "Summaries": summaries }))
    }

    pub(super) fn delete_change_set(&self, input: &Input) -> Reply {
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
                    (Err(invalid_status(&id, "deleted", ExecutionStatus::InProgress)), Vec::new())
                }
                _ => {
                    change_sets.shift_remove(&name);
                    (Ok(json!({})), Vec::new())
                }
            }
        })
    }

    pub(super) fn execute_change_set(&self, input: &Input) -> Reply {
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
            let begin = match begin(stack, &change_set) {
                Ok(begin) => begin,
                Err(error) => {
                    token.map(|token| stack.tokens.remove(token));
                    return (Err(error), Vec::new());
                }
            };
            let begin = Begin {
                token: token.map(str::to_owned),
                on_failure: if disable_rollback { OnFailure::DoNothing } else { change_set.on_failure },
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

/// What executing a change set begins, where its status and its stack's allow that.
fn begin(stack: &Stack, change_set: &ChangeSet) -> Result<Begin, ServiceError> {
    let (ExecutionStatus::Available, Ok(target)) = (change_set.execution, &change_set.prepared) else {
        return Err(invalid_status(&change_set.id, "executed", change_set.execution));
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
        on_failure: change_set.on_failure,
        retain_except_on_create: false,
        timeout: None,
        exports: Default::default(),
        change_set: Some(change_set.name.clone()),
    })
}

fn invalid_status(id: &str, verb: &str, status: ExecutionStatus) -> ServiceError {
    let message = format!("ChangeSet [{id}] cannot be {verb} in its current execution status of [{}]", status.as_str());
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

/// What a failure leads to, by the name in a request.
pub(super) fn on_failure(name: Option<&str>, member: &str) -> Result<OnFailure, ServiceError> {
    match name {
        None | Some("ROLLBACK") => Ok(OnFailure::Rollback),
        Some("DO_NOTHING") => Ok(OnFailure::DoNothing),
        Some("DELETE") => Ok(OnFailure::Delete),
        Some(other) => Err(validation(format!("{other} is not a value of {member}"))),
    }
}

fn check_types(before: &Stack, wanted: &Prepared) -> Result<(), ServiceError> {
    let changed: Vec<&str> = wanted
        .graph
        .ids()
        .filter(|id| {
            let old = before.resources.get(*id).filter(|resource| resource.live.is_some());
            let new = wanted.template.resources.get(*id);
            old.zip(new).is_some_and(|(old, new)| old.resource_type != new.resource_type)
        })
        .map(String::as_str)
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(validation(format!(
        "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{}]",
        changed.join(", ")
    )))
}

pub(super) fn tags_of(stack: &Stack) -> Vec<(String, String)> {
    stack.current.as_ref().map(|current| current.settings.tags.clone()).unwrap_or_default()
}

fn describe(change_set: &ChangeSet, stack: &StackIdentity) -> Value {
    let mut json: Map<String, Value> = change_set.summary(&stack.id, &stack.name);
    if let Ok(prepared) = &change_set.prepared {
        json.insert("Parameters".into(), parameters_json(prepared));
        json.insert("Capabilities".into(), json!(prepared.settings.capabilities));
        json.insert("Tags".into(), tags_json(&prepared.settings.tags));
        json.insert("NotificationARNs".into(), json!(prepared.settings.notification_arns));
    }
    json.insert("Changes".into(), change_set.changes.iter().map(change_json).collect());
    let on_failure = match change_set.on_failure {
        OnFailure::Rollback => "ROLLBACK",
        OnFailure::DoNothing => "DO_NOTHING",
        OnFailure::Delete => "DELETE",
    };
    json.insert("OnStackFailure".into(), json!(on_failure));
    Value::Object(json)
}
