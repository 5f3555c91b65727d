//! Deleting: what an update leaves over, and whole stacks.

use indexmap::IndexMap;

use super::call::{CallAction, Effect};
use super::record::Told;
use super::restore::dependents;
use super::run::{End, Flight, Phase, Removal, Run, Task, TaskState, Work};
use super::stack_engine::StackEngine;
use crate::cloudformation::changeset::ExecutionStatus;
use crate::cloudformation::graph::Graph;
use crate::cloudformation::provider::Resource;
use crate::cloudformation::stack::{Leftover, Live};
use crate::cloudformation::status::{Progress, ResourceStatus, StackStatus, Verb};
use crate::cloudformation::template::Policy;
use crate::core::Timestamp;

impl StackEngine {
    /// A resource that another has replaced is to be deleted, unless its policy keeps it.
    pub(super) fn leave_over(&mut self, id: &str, live: Live) {
        let policy = live.update_replace_policy;
        let resource_type = self.kind_of(id);
        self.stack.leftovers.push(Leftover { logical_id: id.to_owned(), resource_type, live, policy });
    }

    /// The cleanup after a successful update: resources that the template no longer declares are left over too.
    pub(super) fn enter_cleanup_of_success(&mut self, run: &mut Run) {
        let Some(target) = run.target.clone() else { return };
        let removed: Vec<String> =
            self.stack.resources.keys().filter(|id| !target.graph.contains(id)).cloned().collect();
        for id in removed {
            let Some(resource) = self.stack.resources.shift_remove(&id) else { continue };
            let Some(live) = resource.live else { continue };
            let policy = live.deletion_policy;
            self.stack.leftovers.push(Leftover { logical_id: id, resource_type: resource.resource_type, live, policy });
        }
        let previous = run.previous.clone();
        self.enter_cleanup(run, StackStatus::UpdateComplete, previous.as_ref().map(|previous| &previous.graph));
    }

    /// Deletes what is left over, dependents first; a deletion that fails is told and forgotten, as AWS does.
    pub(super) fn enter_cleanup(&mut self, run: &mut Run, ending: StackStatus, graph: Option<&Graph>) {
        let removals: Vec<Removal> =
            self.stack.leftovers.drain(..).map(|leftover| Removal { leftover, of_stack: false }).collect();
        run.enter(Phase::Cleanup(ending), tasks(removals, graph));
    }

    /// Deletes everything but what `retain` names.
    pub(super) fn enter_delete(&mut self, run: &mut Run, ending: StackStatus, retain: &[String]) {
        let rolling_back = ending == StackStatus::RollbackComplete;
        let mut removals: Vec<Removal> = Vec::new();
        for (id, resource) in &self.stack.resources {
            let Some(live) = resource.live.clone() else { continue };
            let policy = match live.deletion_policy {
                _ if retain.contains(id) => Policy::Retain,
                Policy::Retain if !(rolling_back && run.retain_except_on_create) => Policy::Retain,
                Policy::RetainExceptOnCreate if !rolling_back => Policy::Retain,
                _ => Policy::Delete,
            };
            let leftover =
                Leftover { logical_id: id.clone(), resource_type: resource.resource_type.clone(), live, policy };
            removals.push(Removal { leftover, of_stack: true });
        }
        let others = self.stack.leftovers.iter().cloned();
        removals.extend(others.map(|leftover| Removal { leftover, of_stack: false }));
        let current = self.stack.current.clone();
        run.enter(Phase::Delete(ending), tasks(removals, current.as_ref().map(|current| &current.graph)));
    }

    pub(super) fn launch_remove(
        &mut self,
        run: &mut Run,
        key: &str,
        removal: &Removal,
        now: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        let leftover = &removal.leftover;
        if leftover.policy != Policy::Delete {
            self.removed(run, key, removal, Progress::Skipped, now);
            return;
        }
        self.tell_removal(run, removal, Progress::Started, None, now);
        let action = CallAction::Delete {
            current: leftover.live.resource.clone(),
            properties: leftover.live.properties.clone(),
        };
        self.fly(run, key, &leftover.resource_type, action, Some(leftover.live.clone()), out);
    }

    pub(super) fn settle_remove(
        &mut self,
        run: &mut Run,
        flight: &Flight,
        removal: &Removal,
        result: Result<Option<Resource>, String>,
        now: Timestamp,
    ) {
        match result {
            Ok(_) => self.removed(run, &flight.key, removal, Progress::Complete, now),
            Err(reason) => {
                self.tell_removal(run, removal, Progress::Failed, Some(reason), now);
                run.set(&flight.key, TaskState::Failed);
                run.failed.push((Verb::Delete, removal.leftover.logical_id.clone()));
            }
        }
    }

    fn removed(&mut self, run: &mut Run, key: &str, removal: &Removal, progress: Progress, now: Timestamp) {
        self.tell_removal(run, removal, progress, None, now);
        let leftover = &removal.leftover;
        if removal.of_stack {
            self.set_live(&leftover.logical_id, None);
        } else {
            self.stack.leftovers.retain(|other| other != leftover);
        }
        run.set(key, TaskState::Done);
    }

    fn tell_removal(
        &mut self,
        run: &Run,
        removal: &Removal,
        progress: Progress,
        reason: Option<String>,
        now: Timestamp,
    ) {
        let leftover = &removal.leftover;
        let told = Told {
            logical_id: &leftover.logical_id,
            resource_type: &leftover.resource_type,
            physical_id: Some(&leftover.live.resource.physical_id),
            status: ResourceStatus(Verb::Delete, progress),
            reason,
            // AWS shows the properties of what the stack deletes with itself, not of what an update leaves over.
            properties: Some(&leftover.live.properties).filter(|_| removal.of_stack),
        };
        if removal.of_stack {
            self.tell(run, told, now);
        } else {
            self.tell_only(run, told, now);
        }
    }

    pub(super) fn end_delete(&mut self, run: &mut Run, ending: StackStatus, now: Timestamp) -> End {
        let failed_status = match ending {
            StackStatus::RollbackComplete => StackStatus::RollbackFailed,
            _ => StackStatus::DeleteFailed,
        };
        if !run.failed.is_empty() {
            self.finish(run, failed_status, Some(run.failure_reason()), now);
        } else {
            // A stack that is gone still tells its outputs.
            if ending == StackStatus::DeleteComplete {
                // The change set that was executed is still described by its ARN.
                self.stack.change_sets.retain(|_, one| one.execution == ExecutionStatus::Complete);
            }
            self.finish(run, ending, None, now);
        }
        End::Finished
    }
}

fn tasks(removals: Vec<Removal>, graph: Option<&Graph>) -> IndexMap<String, Task> {
    let keyed: Vec<(String, Removal)> = removals
        .into_iter()
        .map(|removal| {
            let id = &removal.leftover.logical_id;
            let physical_id = &removal.leftover.live.resource.physical_id;
            let key = if removal.of_stack { id.clone() } else { format!("{id}#{physical_id}") };
            (key, removal)
        })
        .collect();
    let needs = |removal: &Removal| -> Vec<String> {
        let above = graph.map(|graph| dependents(graph, &removal.leftover.logical_id)).unwrap_or_default();
        let others = keyed.iter().filter(|(_, other)| above.contains(&other.leftover.logical_id));
        others.map(|(key, _)| key.clone()).collect()
    };
    keyed
        .iter()
        .map(|(key, removal)| {
            let work = Work::Remove(Box::new(removal.clone()));
            (key.clone(), Task { needs: needs(removal), state: TaskState::Waiting, work })
        })
        .collect()
}
