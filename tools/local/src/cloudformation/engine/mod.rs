//! The stack engine: decides, resource by resource, how a stack gets from what it is to what is wanted, and back.
//!
//! A pure step machine. One [`Run`] at a time works on a stack in phases: *apply* (create, update, replace, each
//! resource after those it needs), then *cleanup* (delete what was removed or replaced); or, after a failure,
//! *restore* (put every touched resource back, dependents first) and then cleanup of what the failed update made.
//! Creations that fail, and deletions, have a *delete* phase instead. Effects are calls of resource providers; their
//! results are the inputs.

mod apply;
mod begin;
mod call;
mod operation;
mod record;
mod remove;
mod restore;
mod run;
mod stack_engine;
#[cfg(test)]
mod tests;

use super::provider::{ProviderLookup, Resource};
use super::stack::Stack;
use crate::core::{Engine, Ids, ServiceError, Timestamp};
use run::{End, Phase, Run, Work};

pub use call::{Call, CallAction, Effect};
pub use operation::{Begin, Delete, Exports, Kind};
pub use stack_engine::StackEngine;

/// An input of the engine.
#[derive(Debug)]
pub enum Input {
    /// It is to be created or updated.
    Begin(Box<Begin>),
    /// It is to be deleted.
    Delete(Delete),
    /// Its update is to be undone.
    CancelUpdate {
        /// The token of the request.
        token: Option<String>,
    },
    /// Its rollback, which failed, is to go on.
    ContinueRollback {
        /// Resources that are left as they are.
        skip: Vec<String>,
        /// The token of the request.
        token: Option<String>,
    },
    /// A provider answered.
    Done {
        /// The id of the call.
        call: u64,
        /// The resource (none of a deletion), or the provider's error.
        result: Result<Option<Resource>, ServiceError>,
    },
}

impl StackEngine {
    /// An engine at rest: no operation runs.
    pub fn new(stack: Stack, lookup: ProviderLookup, ids: Ids) -> Self {
        Self { stack, run: None, lookup, ids, calls: 0 }
    }

    fn advance(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let Some(mut run) = self.run.take() else { return };
        while !run.paused {
            let ready = run.ready();
            if !ready.is_empty() {
                for key in ready {
                    self.launch(&mut run, &key, now, out);
                }
                continue;
            }
            if !run.flights.is_empty() {
                break;
            }
            match self.end_phase(&mut run, now) {
                End::Next => {}
                End::Finished => return,
            }
        }
        self.run = Some(run);
    }

    fn launch(&mut self, run: &mut Run, key: &str, now: Timestamp, out: &mut Vec<Effect>) {
        let Some(task) = run.tasks.get(key) else { return };
        match task.work.clone() {
            Work::Apply => self.launch_apply(run, key, now, out),
            Work::Restore => self.launch_restore(run, key, now, out),
            Work::Remove(removal) => self.launch_remove(run, key, &removal, now, out),
        }
    }

    fn settle(
        &mut self,
        call: u64,
        result: Result<Option<Resource>, ServiceError>,
        now: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        let Some(mut run) = self.run.take() else { return };
        if let Some(flight) = run.flights.remove(&call) {
            let result = result.map_err(|error| super::errors::handler_reason(&error, &self.ids.uuid()));
            match run.tasks.get(&flight.key).map(|task| task.work.clone()) {
                Some(Work::Apply) => self.settle_apply(&mut run, flight, result, now, out),
                Some(Work::Restore) => self.settle_restore(&mut run, &flight, result, now),
                Some(Work::Remove(removal)) => self.settle_remove(&mut run, &flight, &removal, result, now),
                None => {}
            }
        }
        self.run = Some(run);
    }

    fn end_phase(&mut self, run: &mut Run, now: Timestamp) -> End {
        match run.phase {
            Phase::Apply => self.end_apply(run, now),
            Phase::Restore => self.end_restore(run, now),
            Phase::Cleanup(ending) => {
                self.finish(run, ending, None, now);
                End::Finished
            }
            Phase::Delete(ending) => self.end_delete(run, ending, now),
        }
    }
}

impl Engine for StackEngine {
    type Input = Input;
    type Effect = Effect;

    fn step(&mut self, input: Option<Input>, now: Timestamp) -> Vec<Effect> {
        let logged = self.stack.events.len();
        let mut out = Vec::new();
        match input {
            Some(Input::Begin(begin)) => self.begin(*begin, now, &mut out),
            Some(Input::Delete(delete)) => self.begin_delete(delete, now, &mut out),
            Some(Input::CancelUpdate { token }) => self.cancel_update(token, now, &mut out),
            Some(Input::ContinueRollback { skip, token }) => self.continue_rollback(&skip, token, now),
            Some(Input::Done { call, result }) => self.settle(call, result, now, &mut out),
            None => self.check_deadline(now, &mut out),
        }
        self.advance(now, &mut out);
        if self.stack.events.len() > logged {
            out.push(Effect::Logged);
        }
        out
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.run.as_ref().and_then(|run| run.deadline.filter(|_| run.phase == Phase::Apply && !run.aborting))
    }
}
