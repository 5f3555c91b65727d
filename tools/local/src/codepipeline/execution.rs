//! The state of a pipeline's executions, their stages and actions.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::Timestamp;

use super::declaration::{Action, Declaration, Provider};
use super::variables::Namespaces;

/// The state of an execution, or of a stage for one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Running or waiting.
    InProgress,
    /// Every stage succeeded.
    Succeeded,
    /// A stage failed, which ends the execution.
    Failed,
    /// A newer one took its place while it waited.
    Superseded,
    /// It was asked to stop, and its actions end.
    Stopping,
    /// Stopped by `StopPipelineExecution`.
    Stopped,
}

impl Status {
    /// The word for it in `status`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Superseded => "Superseded",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
        }
    }

    /// True if nothing more will happen by itself.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::InProgress | Self::Stopping)
    }
}

/// The state of one run of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionStatus {
    /// Its work is under way, or waited for.
    InProgress,
    /// Its work ended well.
    Succeeded,
    /// Its work failed, or could not begin.
    Failed,
    /// It was left running when its execution was stopped; its result counts no more.
    Abandoned,
}

impl ActionStatus {
    /// The word for it in `status`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Abandoned => "Abandoned",
        }
    }
}

/// An artifact and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its name in the pipeline.
    pub name: String,
    /// The bucket in which it lies: `s3location.bucket`.
    pub bucket: String,
    /// The object's key: `s3location.key`.
    pub key: String,
    /// The source revision that it is made from, if its source told one.
    pub revision: Option<String>,
}

/// The revision that a source action found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The name of the source action.
    pub action: String,
    /// The artifact that holds it.
    pub artifact: String,
    /// A commit id, or an object's ETag.
    pub id: String,
    /// The commit's message; `revisionSummary` of the API.
    pub summary: String,
}

/// The reason for which an action failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// `JobFailed`, `ConfigurationError` …
    pub code: String,
    /// The text for people.
    pub message: String,
}

/// The event for which an action is waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The end of its work, which says so itself.
    Work,
    /// A result for a job, before the time is over.
    Job {
        /// The id with which the function reports its result.
        id: String,
        /// The end of the wait. Every answer in progress sets it anew.
        until: Timestamp,
    },
    /// The next invocation of a function that answered with a continuation token.
    Continuation {
        /// The token that is handed over with the next job.
        token: String,
        /// The time of the next invocation.
        at: Timestamp,
    },
    /// A person, before the time is over.
    Approval {
        /// The token that must be given with the result.
        token: String,
        /// The time at which the action fails by itself.
        until: Timestamp,
    },
}

/// One run of an action.
#[derive(Clone, Debug)]
pub struct ActionRun {
    /// `actionExecutionId`.
    pub id: String,
    /// The name of the action in its stage.
    pub action: String,
    /// The state of this run.
    pub status: ActionStatus,
    /// The time at which it began.
    pub started: Timestamp,
    /// The time of its last change.
    pub updated: Timestamp,
    /// The event for which it waits while in progress.
    pub waiting: Waiting,
    /// Earlier jobs, answered with a continuation token.
    pub jobs: Vec<String>,
    /// The configuration with its variables replaced.
    pub configuration: BTreeMap<String, String>,
    /// The artifacts that it was given.
    pub inputs: Vec<Artifact>,
    /// The artifacts that it made, or is to make.
    pub outputs: Vec<Artifact>,
    /// The build, the request …
    pub external_id: Option<String>,
    /// Its own account of its result.
    pub summary: Option<String>,
    /// The progress that a job reports, in percent.
    pub percent: Option<i64>,
    /// The reason of its failure, if it failed.
    pub failure: Option<Failure>,
    /// Its output variables, by name.
    pub variables: BTreeMap<String, String>,
}

/// One execution in one stage.
#[derive(Clone, Debug)]
pub struct StageRun {
    /// The state of the stage for this execution.
    pub status: Status,
    /// Every run of its actions, retries included, in order.
    pub actions: Vec<ActionRun>,
    /// The runs that count now, by action: a retry takes those out that are to be run again.
    pub counted: BTreeMap<String, String>,
    /// The number of its entry, among all entries of all stages.
    pub entered: u64,
}

impl StageRun {
    /// The latest run of an action.
    pub fn latest(&self, action: &str) -> Option<&ActionRun> {
        self.actions.iter().rev().find(|run| run.action == action)
    }

    /// The runs that count now.
    pub fn current(&self) -> impl Iterator<Item = &ActionRun> {
        self.actions.iter().filter(|run| self.counted.get(&run.action) == Some(&run.id))
    }
}

/// The place of an execution in its pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The execution waits in front of that stage.
    Before(usize),
    /// The execution holds that stage.
    In(usize),
}

/// The cause of an execution: `trigger` of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// `StartPipelineExecution`, `CreatePipeline`, `CloudWatchEvent` …
    pub kind: String,
    /// The ARN of the caller, rule or source that started it.
    pub detail: String,
}

/// One execution of a pipeline.
#[derive(Clone, Debug)]
pub struct Execution {
    /// `pipelineExecutionId`.
    pub id: String,
    /// The declaration that it runs: a later change of the pipeline does not reach it.
    pub declaration: Arc<Declaration>,
    /// The version of that declaration; `pipelineVersion` of the API.
    pub version: u64,
    /// Its state, as the API shows it.
    pub status: Status,
    /// Its place; its last place when it is over.
    pub position: Position,
    /// The number of its arrival there, among all arrivals.
    pub arrived: u64,
    /// The time at which it began.
    pub started: Timestamp,
    /// The time of its last change.
    pub updated: Timestamp,
    /// The cause of its start.
    pub trigger: Trigger,
    /// The values of the pipeline's variables for this execution, in declared order.
    pub variables: Vec<(String, String)>,
    /// `sourceRevisions` by action.
    pub overrides: BTreeMap<String, String>,
    /// Output variables so far.
    pub namespaces: Namespaces,
    /// Artifacts so far.
    pub artifacts: BTreeMap<String, Artifact>,
    /// The revisions that the sources found.
    pub revisions: Vec<Revision>,
    /// The runs of its stages, by the stage's place in the declaration.
    pub stages: BTreeMap<usize, StageRun>,
    /// The reason that `StopPipelineExecution` gave.
    pub stop_reason: Option<String>,
    /// The number of times that a stage of it was run again.
    pub attempt: u64,
}

impl Execution {
    /// The stage that it is in, if it is in one.
    pub fn current_stage(&self) -> Option<usize> {
        match self.position {
            Position::In(stage) => Some(stage),
            Position::Before(_) => None,
        }
    }

    /// True if the stage of that name has succeeded for it.
    pub fn succeeded_in(&self, stage: &str) -> bool {
        let at = self.declaration.stages.iter().position(|declared| declared.name == stage);
        at.and_then(|at| self.stages.get(&at)).is_some_and(|run| run.status == Status::Succeeded)
    }

    /// The action run of that id.
    pub fn run(&self, id: &str) -> Option<&ActionRun> {
        self.stages.values().flat_map(|stage| &stage.actions).find(|run| run.id == id)
    }

    /// The action run of that id, to change.
    pub fn run_mut(&mut self, id: &str) -> Option<&mut ActionRun> {
        self.stages.values_mut().flat_map(|stage| &mut stage.actions).find(|run| run.id == id)
    }

    /// The declaration of an action of a stage.
    pub fn action(&self, stage: usize, name: &str) -> Option<&Action> {
        self.declaration.stages.get(stage)?.actions.iter().find(|action| action.name == name)
    }
}

/// The roles in which an action is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The ARN of the pipeline's role.
    pub pipeline: String,
    /// The action's own, which the pipeline's role assumes.
    pub action: Option<String>,
}

impl Actor {
    /// The roles in which an action of an execution is done.
    pub fn of(execution: &Execution, stage: usize, action: &str) -> Self {
        let action = execution.action(stage, action).and_then(|action| action.role.clone());
        Self { pipeline: execution.declaration.role.clone(), action }
    }
}

/// An action that is to be begun: all that whoever does the work needs to know.
#[derive(Clone, Debug)]
pub struct Order {
    /// The pipeline's name.
    pub pipeline: String,
    /// `pipelineExecutionId`.
    pub execution: String,
    /// The stage to which the action belongs.
    pub stage: String,
    /// The action's name in its stage.
    pub action: String,
    /// `actionExecutionId`.
    pub run: String,
    /// The worker of the action.
    pub provider: Provider,
    /// The roles in which it is done.
    pub actor: Actor,
    /// The configuration, with its variables replaced.
    pub configuration: BTreeMap<String, String>,
    /// The artifacts that it is given.
    pub inputs: Vec<Artifact>,
    /// The artifacts that it is to make.
    pub outputs: Vec<Artifact>,
    /// The revision that the request asked for.
    pub revision: Option<String>,
    /// The job, of an invoke action.
    pub job: Option<String>,
    /// The token from the answer before, of an invoke action.
    pub continuation: Option<String>,
    /// The approval's token and deadline.
    pub approval: Option<(String, Timestamp)>,
}
