//! The beginning of operations, and their cancellation.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::call::Effect;
use super::operation::{Begin, Delete, Exports, Kind};
use super::record::Told;
use super::run::{Phase, Run, Task, TaskState, Work};
use super::stack_engine::StackEngine;
use crate::cloudformation::changeset::ExecutionStatus;
use crate::cloudformation::provider::Actor;
use crate::cloudformation::stack_policy::UpdateAction;
use crate::cloudformation::status::{OnFailure, Progress, ResourceStatus, StackStatus, Verb};
use crate::core::Timestamp;

const USER_INITIATED: &str = "User Initiated";

impl StackEngine {
    /// Tells that the stack is under review: it was made for a change set that is to create it.
    pub fn review(&mut self, now: Timestamp) -> Vec<Effect> {
        self.set_status(StackStatus::ReviewInProgress, Some(USER_INITIATED.to_owned()), None, now);
        vec![Effect::Logged]
    }

    pub(super) fn begin(&mut self, begin: Begin, now: Timestamp, out: &mut Vec<Effect>) {
        let task = |id: &String| {
            let needs = begin.target.graph.needs(id).cloned().collect();
            (id.clone(), Task { needs, state: TaskState::Waiting, work: Work::Apply })
        };
        let tasks: IndexMap<String, Task> = begin.target.graph.ids().map(task).collect();
        let mut run = empty(begin.kind, begin.token, begin.actor);
        run.policy = begin.policy;
        run.tasks = tasks;
        run.previous = self.stack.current.replace(Arc::clone(&begin.target));
        run.target = Some(begin.target);
        run.exports = begin.exports;
        run.on_failure = begin.on_failure;
        run.retain_except_on_create = begin.retain_except_on_create;
        run.deadline = begin.timeout.map(|timeout| now + timeout);
        run.change_set = begin.change_set;
        self.stack.disable_rollback = run.on_failure == OnFailure::DoNothing;
        self.choose_change_set(run.change_set.as_deref());
        let status =
            if run.kind == Kind::Create { StackStatus::CreateInProgress } else { StackStatus::UpdateInProgress };
        if run.kind == Kind::Update || run.change_set.is_some() {
            self.stack.updated = Some(now);
        }
        self.set_status(status, Some(USER_INITIATED.to_owned()), run.token.as_ref(), now);
        self.refuse_removals(&mut run, now, out);
        self.run = Some(run);
    }

    /// The change set that is executed ends the others, which were made for a stack that is about to become another
    /// one. A direct operation leaves them behind, obsolete.
    fn choose_change_set(&mut self, executed: Option<&str>) {
        match executed {
            Some(executed) => self.stack.change_sets.retain(|name, _| name == executed),
            None => self.stack.change_sets.values_mut().for_each(|one| one.execution = ExecutionStatus::Obsolete),
        }
        self.stack.change_set_id = None;
        if let Some(change_set) = executed.and_then(|name| self.stack.change_sets.get_mut(name)) {
            change_set.execution = ExecutionStatus::InProgress;
            self.stack.change_set_id = Some(change_set.id.clone());
        }
    }

    /// Fails an update that would remove what the stack policy keeps, before it touches anything.
    fn refuse_removals(&mut self, run: &mut Run, now: Timestamp, out: &mut Vec<Effect>) {
        let (Some(policy), Some(target), Kind::Update) = (run.policy.clone(), run.target.clone(), run.kind) else {
            return;
        };
        let live = self.stack.resources.iter().filter(|(id, one)| one.live.is_some() && !target.graph.contains(id));
        let denied = live
            .filter_map(|(id, one)| Some((id.clone(), policy.denial(UpdateAction::Delete, id, &one.resource_type)?)));
        for (id, reason) in denied.collect::<Vec<_>>() {
            self.fail_apply(run, &id, reason, None, now, out);
        }
    }

    pub(super) fn begin_delete(&mut self, delete: Delete, now: Timestamp, out: &mut Vec<Effect>) {
        let refused = self.stack.outputs.iter().find_map(|output| {
            let name = output.export.as_ref()?;
            let users = delete.exports.used.get(name)?;
            Some(format!("Export {name} cannot be deleted as it is in use by {}", users.join(", ")))
        });
        if refused.is_some() && self.run.as_ref().is_none_or(|run| run.paused) {
            // CloudFormation takes the request, and the stack stays what it is: only the reason tells.
            return self.set_status(self.stack.status, refused, delete.token.as_ref(), now);
        }
        let reason = Some(USER_INITIATED.to_owned());
        self.set_status(StackStatus::DeleteInProgress, reason, delete.token.as_ref(), now);
        match self.run.take().filter(|run| !run.paused) {
            // A creation or its rollback is running: what runs is given up, and everything deleted.
            Some(mut run) => {
                run.kind = Kind::Delete;
                run.token = delete.token;
                run.actor = delete.actor;
                if run.phase == Phase::Apply {
                    self.give_up(&mut run, now, out);
                } else {
                    run.phase = Phase::Delete(StackStatus::DeleteComplete);
                }
                self.run = Some(run);
            }
            None => {
                let mut run = empty(Kind::Delete, delete.token, delete.actor);
                self.enter_delete(&mut run, StackStatus::DeleteComplete, &delete.retain);
                self.run = Some(run);
            }
        }
    }

    pub(super) fn cancel_update(&mut self, token: Option<String>, now: Timestamp, out: &mut Vec<Effect>) {
        let Some(mut run) = self.run.take() else { return };
        if run.kind == Kind::Update && run.phase == Phase::Apply && !run.aborting {
            run.token = token.or(run.token);
            self.give_up(&mut run, now, out);
            let reason = Some(USER_INITIATED.to_owned());
            self.set_status(StackStatus::UpdateRollbackInProgress, reason, run.token.as_ref(), now);
        }
        self.run = Some(run);
    }

    pub(super) fn continue_rollback(&mut self, skip: &[String], token: Option<String>, now: Timestamp) {
        let Some(mut run) = self.run.take() else { return };
        if run.paused {
            run.paused = false;
            run.token = token;
            run.failed.clear();
            let failed = run.tasks.iter_mut().filter(|(_, task)| task.state == TaskState::Failed);
            for (id, task) in failed {
                let skipped = skip.contains(id);
                task.state = if skipped { TaskState::Done } else { TaskState::Waiting };
            }
            let reason = Some(USER_INITIATED.to_owned());
            self.set_status(StackStatus::UpdateRollbackInProgress, reason, run.token.as_ref(), now);
        }
        self.run = Some(run);
    }

    pub(super) fn check_deadline(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let Some(mut run) = self.run.take() else { return };
        if run.deadline.is_some_and(|deadline| deadline <= now) && run.phase == Phase::Apply && !run.aborting {
            self.give_up(&mut run, now, out);
            let reason = "Stack creation time exceeded the specified timeout. ";
            self.enter_failure(&run, reason.to_owned(), now);
        }
        self.run = Some(run);
    }

    /// Begins nothing more, and asks what runs to end. What is cancelled is told at once, as AWS does; what became
    /// of it shows when its call is answered, and the rollback waits for that.
    pub(super) fn give_up(&mut self, run: &mut Run, now: Timestamp, out: &mut Vec<Effect>) {
        run.aborting = true;
        let mut running: Vec<u64> = run.flights.keys().copied().collect();
        running.retain(|call| run.flights.get(call).is_some_and(|flight| !flight.cancelled));
        for call in running {
            let Some(flight) = run.flights.get_mut(&call) else { continue };
            flight.cancelled = true;
            let flight = flight.clone();
            let updating = self.stack.live(&flight.key).is_some();
            let (verb, word) = if updating { (Verb::Update, "update") } else { (Verb::Create, "creation") };
            run.failed.push((verb, flight.key.clone()));
            let told = Told {
                logical_id: &flight.key,
                resource_type: &flight.call.resource_type,
                physical_id: None,
                status: ResourceStatus(verb, Progress::Failed),
                reason: Some(format!("Resource {word} cancelled")),
                properties: flight.pending.as_ref().map(|live| &live.properties),
            };
            self.tell(run, told, now);
            out.push(Effect::Cancel(flight.call));
        }
    }
}

fn empty(kind: Kind, token: Option<String>, actor: Actor) -> Run {
    Run {
        kind,
        token,
        actor,
        policy: None,
        phase: Phase::Apply,
        tasks: IndexMap::new(),
        flights: BTreeMap::new(),
        journal: IndexMap::new(),
        previous: None,
        target: None,
        exports: Exports::default(),
        change_set: None,
        on_failure: OnFailure::default(),
        retain_except_on_create: false,
        failed: Vec::new(),
        aborting: false,
        paused: false,
        deadline: None,
    }
}
