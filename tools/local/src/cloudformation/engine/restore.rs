//! The restore phase: every resource that a failed update touched is put back, dependents first.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::call::{CallAction, Effect};
use super::record::Told;
use super::run::{Change, End, Flight, Phase, Run, Task, TaskState, Touched, Work};
use super::stack_engine::StackEngine;
use crate::cloudformation::graph::Graph;
use crate::cloudformation::provider::Resource;
use crate::cloudformation::stack::{Leftover, Live};
use crate::cloudformation::status::{Progress, ResourceStatus, StackStatus, Verb};
use crate::cloudformation::template::Policy;
use crate::core::Timestamp;

impl StackEngine {
    pub(super) fn enter_restore(&mut self, run: &mut Run) {
        self.stack.current.clone_from(&run.previous);
        let graph = run.target.as_ref().map(|target| target.graph.clone()).unwrap_or_default();
        let ids: Vec<String> = run
            .journal
            .iter()
            .filter(|(_, touched)| touched.change != Change::Create)
            .map(|(id, _)| id.clone())
            .collect();
        let task = |id: &String| {
            let above = dependents(&graph, id);
            let needs = ids.iter().filter(|other| above.contains(*other)).cloned().collect();
            (id.clone(), Task { needs, state: TaskState::Waiting, work: Work::Restore })
        };
        let tasks: IndexMap<String, Task> = ids.iter().map(task).collect();
        run.enter(Phase::Restore, tasks);
    }

    pub(super) fn launch_restore(&mut self, run: &mut Run, id: &str, now: Timestamp, out: &mut Vec<Effect>) {
        let Some(Touched { change, before: Some(before), attempted, done }) = run.journal.get(id).cloned() else {
            return run.set(id, TaskState::Done);
        };
        match change {
            Change::Update => {
                self.tell_restore(run, id, Progress::Started, None, now);
                let current = self.stack.live(id).map(|live| live.resource.clone()).unwrap_or_default();
                let action = CallAction::Update { current, old: attempted, new: before.properties.clone() };
                let kind = self.kind_of(id);
                self.fly(run, id, &kind, action, Some(before), out);
            }
            Change::Replace => {
                if done && let Some(new) = self.stack.live(id).cloned() {
                    self.take_back(id, &before);
                    let resource_type = self.kind_of(id);
                    let policy = Policy::Delete;
                    self.stack.leftovers.push(Leftover { logical_id: id.to_owned(), resource_type, live: new, policy });
                }
                self.set_live(id, Some(before));
                self.tell_restore(run, id, Progress::Complete, None, now);
                run.set(id, TaskState::Done);
            }
            Change::Keep | Change::Create => {
                self.set_live(id, Some(before));
                run.set(id, TaskState::Done);
            }
        }
    }

    pub(super) fn settle_restore(
        &mut self,
        run: &mut Run,
        flight: &Flight,
        result: Result<Option<Resource>, String>,
        now: Timestamp,
    ) {
        let id = flight.key.as_str();
        match (result, &flight.pending) {
            (Ok(resource), Some(before)) => {
                let live = Live { resource: resource.unwrap_or_else(|| before.resource.clone()), ..before.clone() };
                self.set_live(id, Some(live));
                self.tell_restore(run, id, Progress::Complete, None, now);
                run.set(id, TaskState::Done);
            }
            (Ok(_), None) => run.set(id, TaskState::Done),
            (Err(reason), _) => {
                if let Some(live) = self.stack.resources.get_mut(id).and_then(|resource| resource.live.as_mut()) {
                    live.dirty = true;
                }
                self.tell_restore(run, id, Progress::Failed, Some(reason), now);
                run.set(id, TaskState::Failed);
                run.failed.push((Verb::Update, id.to_owned()));
            }
        }
    }

    pub(super) fn end_restore(&mut self, run: &mut Run, now: Timestamp) -> End {
        if !run.failed.is_empty() {
            run.paused = true;
            let reason = Some(run.failure_reason());
            if let Some(change_set) = run.change_set.as_ref().and_then(|name| self.stack.change_sets.get_mut(name)) {
                change_set.execution = crate::cloudformation::changeset::ExecutionStatus::Failed;
            }
            self.set_status(StackStatus::UpdateRollbackFailed, reason, run.token.as_ref(), now);
            return End::Next;
        }
        let status = StackStatus::UpdateRollbackCompleteCleanupInProgress;
        self.set_status(status, None, run.token.as_ref(), now);
        self.forget_created(run);
        let graph = run.target.as_ref().map(Arc::clone);
        self.enter_cleanup(run, StackStatus::UpdateRollbackComplete, graph.as_ref().map(|target| &target.graph));
        End::Next
    }

    /// Forgets the resources that the failed update made: they belong to the stack no longer.
    fn forget_created(&mut self, run: &Run) {
        // A resource that it began and could not make has no place in the stack either.
        let made = run.target.iter().flat_map(|target| target.graph.ids().cloned().collect::<Vec<_>>());
        for id in made {
            let before = run.previous.as_ref().is_some_and(|previous| previous.graph.contains(&id));
            let created = run.journal.get(&id).is_some_and(|touched| touched.change == Change::Create);
            let dead = self.stack.live(&id).is_none() && !before;
            if !(created || dead) {
                continue;
            }
            let Some(resource) = self.stack.resources.shift_remove(&id) else { continue };
            if let Some(live) = resource.live {
                let policy = match live.deletion_policy {
                    Policy::Retain if !run.retain_except_on_create => Policy::Retain,
                    _ => Policy::Delete,
                };
                let resource_type = resource.resource_type;
                self.stack.leftovers.push(Leftover { logical_id: id, resource_type, live, policy });
            }
        }
    }

    /// Takes a replaced resource back from what was to be deleted.
    fn take_back(&mut self, id: &str, before: &Live) {
        let same = |leftover: &Leftover| {
            leftover.logical_id == id && leftover.live.resource.physical_id == before.resource.physical_id
        };
        if let Some(index) = self.stack.leftovers.iter().rposition(same) {
            self.stack.leftovers.remove(index);
        }
    }

    fn tell_restore(&mut self, run: &Run, id: &str, progress: Progress, reason: Option<String>, now: Timestamp) {
        let kind = self.kind_of(id);
        let properties = self.properties_of(id);
        let physical_id = self.stack.live(id).map(|live| live.resource.physical_id.clone());
        let told = Told {
            logical_id: id,
            resource_type: &kind,
            physical_id: physical_id.as_deref(),
            status: ResourceStatus(Verb::Update, progress),
            reason,
            properties: properties.as_ref(),
        };
        self.tell(run, told, now);
    }

    pub(super) fn kind_of(&self, id: &str) -> String {
        self.stack.resources.get(id).map(|resource| resource.resource_type.clone()).unwrap_or_default()
    }
}

/// Everything that needs the resource, directly or through others.
pub(super) fn dependents(graph: &Graph, id: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![id.to_owned()];
    while let Some(one) = open.pop() {
        for above in graph.needed_by(&one) {
            if found.insert(above.clone()) {
                open.push(above.clone());
            }
        }
    }
    found
}
