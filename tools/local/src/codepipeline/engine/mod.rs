//! The engine of executions: pure functions of requests, results of actions and time.
//!
//! A stage holds one execution at a time (but in `PARALLEL`); those that wait in front of it are superseded by newer
//! ones or wait in line. Actions of a stage run by their order, side by side where it is the same. Every change of
//! state is an event with a number, so that whoever publishes them keeps their order.

mod actions;
pub mod admission;
pub mod jobs;
pub mod requests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::core::{AwsEvent, Engine, Ids, PlaneIdentity, ServiceError, Timestamp};

use super::declaration::Declaration;
use super::events;
use super::execution::{ActionStatus, Execution, Failure, Order, Revision, Waiting};

/// The time that a job may go without an answer; an answer in progress sets it anew.
const JOB_LIMIT: Duration = Duration::from_secs(20 * 60);

/// The time that an invoke action may take with all its answers in progress.
const INVOKE_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// The pause between an answer in progress and the next invocation. AWS does not say; "periodically" is assumed to
/// be half a minute.
const CONTINUATION_DELAY: Duration = Duration::from_secs(30);

/// The time for which an approval waits unless the action says otherwise.
const APPROVAL_LIMIT: Duration = Duration::from_secs(7 * 24 * 3600);

/// The end of an action's work.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It ended well.
    Succeeded {
        /// Its output variables, by name.
        variables: BTreeMap<String, String>,
        /// The revision that a source action found.
        revision: Option<Revision>,
        /// Its own account of its result.
        summary: Option<String>,
        /// The build, the request …
        external_id: Option<String>,
    },
    /// It failed.
    Failed {
        /// The reason, for `errorDetails`.
        failure: Failure,
        /// The build, the request …
        external_id: Option<String>,
    },
}

/// The news that the work of actions brings to the engine.
#[derive(Clone, Debug)]
pub enum Input {
    /// An action's work has begun elsewhere under that id, and is to be watched.
    Submitted {
        /// The action whose work has begun.
        order: Box<Order>,
        /// The id of the work, such as a build's.
        external_id: String,
    },
    /// An action's work is over.
    Ended {
        /// The `pipelineExecutionId` of the action's execution.
        execution: String,
        /// `actionExecutionId`.
        run: String,
        /// The end of the work.
        outcome: Outcome,
    },
}

/// The work that the engine leaves to its driver.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Publish the event when all of lower numbers are published.
    Publish(u64, AwsEvent),
    /// Begin an action.
    Begin(Box<Order>),
    /// Wait for the end of what an action began elsewhere.
    Watch(Box<Order>, String),
}

/// A pipeline as it is now.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The declaration that new executions run.
    pub declaration: Arc<Declaration>,
    /// The declarations before it, by version.
    earlier: BTreeMap<u64, Arc<Declaration>>,
    /// The version, counted up by every change.
    pub version: u64,
    /// The time of its creation.
    pub created: Timestamp,
    /// The time of its last change.
    pub updated: Timestamp,
    /// Stages that nothing may enter, with the reason and since when.
    pub closed: BTreeMap<String, (String, Timestamp)>,
    /// Executions by the token of the request that started them.
    tokens: BTreeMap<String, String>,
}

impl Pipeline {
    /// The declaration with its version.
    pub fn latest(&self) -> (u64, &Declaration) {
        (self.version, &self.declaration)
    }

    /// The declaration as it was in a version.
    pub fn at(&self, version: u64) -> Option<(u64, &Declaration)> {
        if version == self.version {
            return Some(self.latest());
        }
        self.earlier.get(&version).map(|declaration| (version, &**declaration))
    }
}

/// All pipelines and their executions.
#[derive(Debug)]
pub struct Pipelines {
    ids: Ids,
    identity: PlaneIdentity,
    pipelines: BTreeMap<String, Pipeline>,
    /// The executions, in the order in which they were started.
    executions: Vec<Execution>,
    /// Numbers of arrivals, entries and events.
    counter: u64,
    events: u64,
    effects: Vec<Effect>,
}

impl Pipelines {
    /// An engine without any pipeline.
    pub fn new(ids: Ids, identity: PlaneIdentity) -> Self {
        let (pipelines, executions, effects) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { ids, identity, pipelines, executions, counter: 0, events: 0, effects }
    }

    /// All pipelines, by name.
    pub fn pipelines(&self) -> impl Iterator<Item = &Pipeline> {
        self.pipelines.values()
    }

    /// The pipeline of that name.
    ///
    /// # Errors
    /// `PipelineNotFoundException`.
    pub fn pipeline(&self, name: &str) -> Result<&Pipeline, ServiceError> {
        self.pipelines.get(name).ok_or_else(|| missing_pipeline(&self.identity, name))
    }

    /// The executions of a pipeline, the oldest first.
    pub fn executions(&self, pipeline: &str) -> impl DoubleEndedIterator<Item = &Execution> {
        self.executions.iter().filter(move |execution| execution.declaration.name == pipeline)
    }

    /// One execution of a pipeline.
    ///
    /// # Errors
    /// `PipelineExecutionNotFoundException`, or `PipelineNotFoundException`.
    pub fn execution(&self, pipeline: &str, id: &str) -> Result<&Execution, ServiceError> {
        self.pipeline(pipeline)?;
        self.executions(pipeline).find(|execution| execution.id == id).ok_or_else(|| {
            let message = format!("The pipeline {pipeline} has no execution {id}");
            ServiceError::new("PipelineExecutionNotFoundException", message)
        })
    }

    /// Takes the effects that have gathered since the last call.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn index(&self, id: &str) -> Option<usize> {
        self.executions.iter().position(|execution| execution.id == id)
    }

    fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    fn publish(&mut self, event: AwsEvent) {
        self.effects.push(Effect::Publish(self.events, event));
        self.events += 1;
    }

    fn tell_pipeline(&mut self, index: usize, state: &str) {
        let event = events::pipeline(&self.identity, &self.executions[index], state);
        self.publish(event);
    }

    fn tell_stage(&mut self, index: usize, stage: usize, state: &str) {
        let execution = &self.executions[index];
        let name = &execution.declaration.stages[stage].name;
        let event = events::stage(&self.identity, execution, name, state);
        self.publish(event);
    }

    fn tell_action(&mut self, index: usize, stage: usize, run: &str, state: &str) {
        let execution = &self.executions[index];
        let Some(found) = execution.run(run) else { return };
        let name = &execution.declaration.stages[stage].name;
        let event = events::action(&self.identity, execution, (stage, name), found, state);
        self.publish(event);
    }
}

/// `PipelineNotFoundException`.
fn missing_pipeline(identity: &PlaneIdentity, name: &str) -> ServiceError {
    let text = format!("Account '{}' does not have a pipeline with name '{name}'", identity.account);
    ServiceError::new("PipelineNotFoundException", text)
}

impl Engine for Pipelines {
    type Input = Input;
    type Effect = Effect;

    fn step(&mut self, input: Option<Input>, now: Timestamp) -> Vec<Effect> {
        match input {
            None => self.expire(now),
            Some(Input::Submitted { order, external_id }) => {
                let run = self.index(&order.execution).and_then(|index| self.executions[index].run_mut(&order.run));
                if let Some(run) = run.filter(|run| run.status == ActionStatus::InProgress) {
                    (run.external_id, run.updated) = (Some(external_id.clone()), now);
                    self.effects.push(Effect::Watch(order, external_id));
                }
            }
            Some(Input::Ended { execution, run, outcome }) => self.end_action(&execution, &run, outcome, now),
        }
        self.take_effects()
    }

    fn wake_at(&self) -> Option<Timestamp> {
        let stages =
            self.executions.iter().filter(|execution| !execution.status.is_over()).flat_map(|e| e.stages.values());
        let running = stages.flat_map(|stage| &stage.actions).filter(|run| run.status == ActionStatus::InProgress);
        running
            .filter_map(|run| match &run.waiting {
                Waiting::Work => None,
                Waiting::Job { until, .. } | Waiting::Approval { until, .. } => Some(*until),
                Waiting::Continuation { at, .. } => Some(*at),
            })
            .min()
    }
}
