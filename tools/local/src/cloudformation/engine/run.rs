//! The state of one operation on a stack: its tasks and what they wait for.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::call::Call;
use super::operation::{Exports, Kind};
use crate::cloudformation::plan::Prepared;
use crate::cloudformation::provider::Actor;
use crate::cloudformation::stack::{Leftover, Live};
use crate::cloudformation::stack_policy::StackPolicy;
use crate::cloudformation::status::{OnFailure, StackStatus, Verb};
use crate::core::Timestamp;

/// One operation on a stack.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) kind: Kind,
    pub(super) token: Option<String>,
    pub(super) actor: Actor,
    pub(super) policy: Option<Arc<StackPolicy>>,
    pub(super) phase: Phase,
    /// The tasks of the phase, by a key that is the logical id but for leftovers.
    pub(super) tasks: IndexMap<String, Task>,
    /// The calls that are not answered yet.
    pub(super) flights: BTreeMap<u64, Flight>,
    /// The resources that the apply phase touched, in that order: a rollback has to undo them.
    pub(super) journal: IndexMap<String, Touched>,
    /// The form of the stack before; none when it is created or deleted.
    pub(super) previous: Option<Arc<Prepared>>,
    /// The form that the stack is to take; none when it is deleted.
    pub(super) target: Option<Arc<Prepared>>,
    pub(super) exports: Exports,
    pub(super) change_set: Option<String>,
    pub(super) on_failure: OnFailure,
    pub(super) retain_except_on_create: bool,
    /// The resources that failed in this phase.
    pub(super) failed: Vec<(Verb, String)>,
    /// Nothing more is begun: the phase ends when its calls are answered.
    pub(super) aborting: bool,
    /// A rollback that failed, and waits to be continued.
    pub(super) paused: bool,
    pub(super) deadline: Option<Timestamp>,
}

/// A phase of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Apply,
    Restore,
    /// Deleting what is not part of the stack any more; failures are only told. The status that follows.
    Cleanup(StackStatus),
    /// Deleting everything. The status that follows when all is gone.
    Delete(StackStatus),
}

/// The step of an operation after a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Next,
    Finished,
}

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) needs: Vec<String>,
    pub(super) state: TaskState,
    pub(super) work: Work,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskState {
    Waiting,
    Running,
    Done,
    Failed,
}

#[derive(Clone, Debug)]
pub(super) enum Work {
    Apply,
    Restore,
    Remove(Box<Removal>),
}

/// A physical resource to delete.
#[derive(Clone, Debug)]
pub(super) struct Removal {
    pub(super) leftover: Leftover,
    /// True if its logical id still stands for it, so that the resource's status follows.
    pub(super) of_stack: bool,
}

/// A call that is not answered yet.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) key: String,
    pub(super) call: Call,
    /// The resource as it will be when the call succeeds.
    pub(super) pending: Option<Live>,
    /// True if its failure was told already: the operation was given up.
    pub(super) cancelled: bool,
}

/// The effect of the apply phase on a resource.
#[derive(Clone, Debug)]
pub(super) struct Touched {
    pub(super) change: Change,
    /// The resource before; none when it was created.
    pub(super) before: Option<Live>,
    /// The properties that it was to get.
    pub(super) attempted: Value,
    /// True if the call succeeded.
    pub(super) done: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Create,
    Replace,
    Update,
    /// Nothing but policies, which need no call.
    Keep,
}

impl Run {
    /// The tasks that nothing keeps from beginning.
    pub(super) fn ready(&self) -> Vec<String> {
        if self.aborting && self.phase == Phase::Apply {
            return Vec::new();
        }
        let strict = matches!(self.phase, Phase::Apply | Phase::Delete(_));
        let settled = |key: &String| match self.tasks.get(key).map(|task| task.state) {
            None | Some(TaskState::Done) => true,
            Some(TaskState::Failed) => !strict,
            Some(TaskState::Waiting | TaskState::Running) => false,
        };
        let waiting = self.tasks.iter().filter(|(_, task)| task.state == TaskState::Waiting);
        waiting.filter(|(_, task)| task.needs.iter().all(settled)).map(|(key, _)| key.clone()).collect()
    }

    pub(super) fn set(&mut self, key: &str, state: TaskState) {
        if let Some(task) = self.tasks.get_mut(key) {
            task.state = state;
        }
    }

    /// Starts another phase.
    pub(super) fn enter(&mut self, phase: Phase, tasks: IndexMap<String, Task>) {
        self.phase = phase;
        self.tasks = tasks;
        self.failed.clear();
        self.aborting = false;
    }

    /// `The following resource(s) failed to create: [A]. The following resource(s) failed to update: [B]. `
    pub(super) fn failure_reason(&self) -> String {
        let of = |verb: Verb, word: &str| {
            let ids: Vec<&str> =
                self.failed.iter().filter(|(one, _)| *one == verb).map(|(_, id)| id.as_str()).collect();
            if ids.is_empty() {
                String::new()
            } else {
                format!("The following resource(s) failed to {word}: [{}]. ", ids.join(", "))
            }
        };
        [of(Verb::Create, "create"), of(Verb::Update, "update"), of(Verb::Delete, "delete")].concat()
    }
}
