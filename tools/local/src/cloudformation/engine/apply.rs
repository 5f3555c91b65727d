//! The apply phase: every resource becomes what the template wants, after those that it needs.

use serde_json::Value;

use super::call::{Call, CallAction, Effect};
use super::operation::Kind;
use super::record::Told;
use super::run::{Change, End, Flight, Phase, Run, TaskState, Touched};
use super::stack_engine::StackEngine;
use crate::cloudformation::comparison::changed_properties;
use crate::cloudformation::intrinsics::{Fault, Scope, resolve_or_null};
use crate::cloudformation::provider::Resource;
use crate::cloudformation::stack::{Live, Output, as_object, outputs};
use crate::cloudformation::stack_policy::UpdateAction;
use crate::cloudformation::status::{OnFailure, Progress, ResourceStatus, StackStatus, Verb};
use crate::core::Timestamp;

const REPLACES: &str = "Requested update requires the creation of a new physical resource; hence creating one.";

impl StackEngine {
    pub(super) fn launch_apply(&mut self, run: &mut Run, id: &str, now: Timestamp, out: &mut Vec<Effect>) {
        let (wanted, kind) = match self.wanted(run, id) {
            Ok(Some(wanted)) => wanted,
            Ok(None) => return run.set(id, TaskState::Done),
            Err(fault) => return self.fail_apply(run, id, fault.message(), None, now, out),
        };
        let before = self.stack.live(id).cloned();
        let change = self.change(&kind, before.as_ref(), &wanted);
        if let Some(reason) = denial(run, change, id, &kind) {
            return self.fail_apply(run, id, reason, Some(&wanted.properties), now, out);
        }
        let touched = Touched {
            change,
            before: before.clone(),
            attempted: wanted.properties.clone(),
            done: change == Change::Keep,
        };
        let (verb, reason) = match change {
            Change::Keep => {
                if before.as_ref() != Some(&wanted) {
                    run.journal.insert(id.to_owned(), touched);
                    self.set_live(id, Some(wanted));
                }
                return run.set(id, TaskState::Done);
            }
            Change::Create => (Verb::Create, None),
            Change::Replace => (Verb::Update, Some(REPLACES.to_owned())),
            Change::Update => (Verb::Update, None),
        };
        run.journal.insert(id.to_owned(), touched);
        let told = Told {
            logical_id: id,
            resource_type: &kind,
            physical_id: before.as_ref().map(|live| live.resource.physical_id.as_str()),
            status: ResourceStatus(verb, Progress::Started),
            reason,
            properties: Some(&wanted.properties),
        };
        self.tell(run, told, now);
        let action = match (change, before) {
            (Change::Update, Some(before)) => {
                CallAction::Update { current: before.resource, old: before.properties, new: wanted.properties.clone() }
            }
            _ => CallAction::Create { properties: wanted.properties.clone() },
        };
        self.fly(run, id, &kind, action, Some(wanted), out);
    }

    /// The resource as it is wanted, without what only its creation can tell; and its type.
    fn wanted(&self, run: &Run, id: &str) -> Result<Option<(Live, String)>, Fault> {
        let Some(target) = &run.target else { return Ok(None) };
        let Some(declaration) = target.template.resources.get(id) else { return Ok(None) };
        let scope = Scope { fixed: &target.fixed, resources: &self.stack };
        let (deletion_policy, update_replace_policy) = target.policies(id, declaration)?;
        let live = Live {
            resource: self.stack.live(id).map(|live| live.resource.clone()).unwrap_or_default(),
            properties: as_object(resolve_or_null(&declaration.properties, scope)?),
            declared: as_object(resolve_or_null(
                &declaration.properties,
                Scope { fixed: &target.undisturbed(), ..scope },
            )?),
            update_policy: resolve_or_null(&declaration.update_policy, scope)?,
            deletion_policy,
            update_replace_policy,
            tags: target.settings.tags.clone(),
            dirty: false,
        };
        Ok(Some((live, declaration.resource_type.clone())))
    }

    fn change(&self, kind: &str, before: Option<&Live>, wanted: &Live) -> Change {
        let Some(before) = before else { return Change::Create };
        let provider = (self.lookup)(kind);
        let changed = changed_properties(&before.declared, &wanted.declared);
        let replaces = provider.is_some_and(|one| changed.iter().any(|name| one.replaced_by().contains(name)));
        let retagged =
            before.tags != wanted.tags && provider.is_some_and(|provider| provider.properties().contains(&"Tags"));
        if replaces {
            Change::Replace
        } else if !changed.is_empty() || before.dirty || retagged {
            Change::Update
        } else {
            Change::Keep
        }
    }

    /// Calls the provider.
    pub(super) fn fly(
        &mut self,
        run: &mut Run,
        key: &str,
        kind: &str,
        action: CallAction,
        pending: Option<Live>,
        out: &mut Vec<Effect>,
    ) {
        self.calls += 1;
        let logical_id = key.split('#').next().unwrap_or(key).to_owned();
        let call = Call {
            id: self.calls,
            logical_id,
            resource_type: kind.to_owned(),
            action,
            update_policy: pending.as_ref().map(|live| live.update_policy.clone()).unwrap_or_default(),
            rolling_back: matches!(
                run.phase,
                Phase::Restore
                    | Phase::Cleanup(StackStatus::UpdateRollbackComplete)
                    | Phase::Delete(StackStatus::RollbackComplete)
            ),
            tags: pending.as_ref().map(|live| live.tags.clone()).unwrap_or_default(),
            actor: run.actor.clone(),
        };
        run.set(key, TaskState::Running);
        run.flights.insert(call.id, Flight { key: key.to_owned(), call: call.clone(), pending, cancelled: false });
        out.push(Effect::Call(call));
    }

    pub(super) fn settle_apply(
        &mut self,
        run: &mut Run,
        flight: Flight,
        result: Result<Option<Resource>, String>,
        now: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        let id = flight.key.clone();
        match (result, flight.pending) {
            (Ok(resource), Some(pending)) => {
                let live = Live { resource: resource.unwrap_or_default(), ..pending };
                self.applied(run, &id, live, flight.cancelled, now);
            }
            (Ok(_), None) => run.set(&id, TaskState::Done),
            (Err(reason), pending) => {
                self.undo_failed_attempt(run, &id);
                if flight.cancelled {
                    run.set(&id, TaskState::Failed);
                } else {
                    self.fail_apply(run, &id, reason, pending.as_ref().map(|live| &live.properties), now, out);
                }
            }
        }
    }

    fn applied(&mut self, run: &mut Run, id: &str, live: Live, cancelled: bool, now: Timestamp) {
        let change = run.journal.get(id).map_or(Change::Create, |touched| touched.change);
        let (physical_id, properties) = (live.resource.physical_id.clone(), live.properties.clone());
        if change == Change::Replace
            && let Some(old) = self.stack.live(id).cloned()
        {
            self.leave_over(id, old);
        }
        self.set_live(id, Some(live));
        if let Some(resource) = self.stack.resources.get_mut(id) {
            resource.physical_id = Some(physical_id.clone());
        }
        if let Some(touched) = run.journal.get_mut(id) {
            touched.done = true;
        }
        run.set(id, TaskState::Done);
        if cancelled {
            return;
        }
        let verb = if change == Change::Create { Verb::Create } else { Verb::Update };
        let kind = self.stack.resources.get(id).map(|resource| resource.resource_type.clone()).unwrap_or_default();
        let told = |progress, reason| Told {
            logical_id: id,
            resource_type: &kind,
            physical_id: Some(&physical_id),
            status: ResourceStatus(verb, progress),
            reason,
            properties: Some(&properties),
        };
        if change != Change::Update {
            let initiated = Some("Resource creation Initiated".to_owned());
            self.tell(run, told(Progress::Started, initiated), now);
        }
        self.tell(run, told(Progress::Complete, None), now);
    }

    /// A creation that failed leaves nothing; an update that failed leaves who knows what.
    fn undo_failed_attempt(&mut self, run: &mut Run, id: &str) {
        match run.journal.get(id).map(|touched| touched.change) {
            Some(Change::Create) => drop(run.journal.shift_remove(id)),
            Some(Change::Update) => {
                if let Some(live) = self.stack.resources.get_mut(id).and_then(|resource| resource.live.as_mut()) {
                    live.dirty = true;
                }
            }
            _ => {}
        }
    }

    pub(super) fn fail_apply(
        &mut self,
        run: &mut Run,
        id: &str,
        reason: String,
        properties: Option<&Value>,
        now: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        let verb = if self.stack.live(id).is_some() { Verb::Update } else { Verb::Create };
        let declared = run.target.as_ref().and_then(|target| target.template.resources.get(id));
        let kind = declared.map_or_else(|| self.kind_of(id), |resource| resource.resource_type.clone());
        let told = Told {
            logical_id: id,
            resource_type: &kind,
            physical_id: None,
            status: ResourceStatus(verb, Progress::Failed),
            reason: Some(reason),
            properties,
        };
        self.tell(run, told, now);
        run.set(id, TaskState::Failed);
        run.failed.push((verb, id.to_owned()));
        // With the rollback disabled, what does not depend on the failure is still done.
        if run.on_failure != OnFailure::DoNothing && !run.aborting {
            self.give_up(run, now, out);
            let reason = run.failure_reason();
            self.enter_failure(run, reason, now);
        }
    }

    /// The status of a stack whose operation has failed and is being undone.
    pub(super) fn enter_failure(&mut self, run: &Run, reason: String, now: Timestamp) {
        let (status, who) = match (run.kind, run.on_failure) {
            (Kind::Create, OnFailure::Delete) => (StackStatus::DeleteInProgress, "Delete requested by user."),
            (Kind::Create, _) => (StackStatus::RollbackInProgress, "Rollback requested by user."),
            _ => (StackStatus::UpdateRollbackInProgress, ""),
        };
        self.set_status(status, Some(reason + who), run.token.as_ref(), now);
    }

    pub(super) fn end_apply(&mut self, run: &mut Run, now: Timestamp) -> End {
        let failed_status =
            if run.kind == Kind::Create { StackStatus::CreateFailed } else { StackStatus::UpdateFailed };
        if run.aborting {
            self.undo(run);
            return End::Next;
        }
        if !run.failed.is_empty() {
            self.finish(run, failed_status, Some(run.failure_reason()), now);
            return End::Finished;
        }
        match self.new_outputs(run) {
            Ok(outputs) => self.stack.outputs = outputs,
            Err(reason) if run.on_failure == OnFailure::DoNothing => {
                self.finish(run, failed_status, Some(reason), now);
                return End::Finished;
            }
            Err(reason) => {
                self.enter_failure(run, reason + ". ", now);
                self.undo(run);
                return End::Next;
            }
        }
        if run.kind == Kind::Create {
            self.finish(run, StackStatus::CreateComplete, None, now);
            return End::Finished;
        }
        self.set_status(StackStatus::UpdateCompleteCleanupInProgress, None, run.token.as_ref(), now);
        self.enter_cleanup_of_success(run);
        End::Next
    }

    fn undo(&mut self, run: &mut Run) {
        match run.kind {
            Kind::Update => self.enter_restore(run),
            Kind::Create if run.on_failure != OnFailure::Delete => {
                self.enter_delete(run, StackStatus::RollbackComplete, &[]);
            }
            Kind::Create | Kind::Delete => self.enter_delete(run, StackStatus::DeleteComplete, &[]),
        }
    }

    /// The outputs that the stack will have, unless an export of them is not allowed.
    fn new_outputs(&self, run: &Run) -> Result<Vec<Output>, String> {
        let Some(target) = &run.target else { return Ok(Vec::new()) };
        let new = outputs(target, &self.stack).map_err(|fault| fault.message())?;
        for output in &new {
            if let Some(owner) = output.export.as_ref().and_then(|name| run.exports.taken.get(name)) {
                let name = output.export.as_deref().unwrap_or_default();
                return Err(format!("Export with name {name} is already exported by stack {owner}"));
            }
        }
        for old in &self.stack.outputs {
            let Some((name, users)) = old.export.as_ref().and_then(|name| run.exports.used.get_key_value(name)) else {
                continue;
            };
            let users = users.join(", ");
            match new.iter().find(|output| output.export.as_ref() == Some(name)) {
                None => return Err(format!("Export {name} cannot be deleted as it is in use by {users}")),
                Some(output) if output.value != old.value => {
                    return Err(format!("Export {name} cannot be updated as it is in use by {users}"));
                }
                Some(_) => {}
            }
        }
        Ok(new)
    }

    pub(super) fn set_live(&mut self, id: &str, live: Option<Live>) {
        if let Some(resource) = self.stack.resources.get_mut(id) {
            resource.live = live;
        }
    }

    /// The properties as they are shown with an event.
    pub(super) fn properties_of(&self, id: &str) -> Option<Value> {
        self.stack.live(id).map(|live| live.properties.clone())
    }
}

/// The reason why the stack policy forbids the change, if it does.
fn denial(run: &Run, change: Change, id: &str, kind: &str) -> Option<String> {
    let action = match change {
        Change::Update => UpdateAction::Modify,
        Change::Replace => UpdateAction::Replace,
        Change::Create | Change::Keep => return None,
    };
    run.policy.as_ref()?.denial(action, id, kind)
}
