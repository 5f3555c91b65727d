//! CodePipeline as Slipway uses it: what an execution was, and what its actions left.

use std::collections::BTreeMap;
use std::future::Future;

use jiff::Timestamp;

use crate::call::CallError;
use crate::objects::ObjectLocation;

/// An execution as `GetPipelineExecution` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PipelineExecution {
    /// The execution's id.
    pub execution_id: String,
    /// `InProgress`, `Succeeded`, …
    pub status: String,
    /// `STANDARD` or `ROLLBACK`, where CodePipeline says so.
    pub execution_type: Option<String>,
    /// `StartPipelineExecution`, `ManualRollback`, `AutomatedRollback`, …
    pub trigger_type: Option<String>,
    /// The revisions that the source actions found, in order.
    pub artifact_revisions: Vec<ArtifactRevision>,
}

/// A revision that a source action found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactRevision {
    /// Name of the output artifact.
    pub name: String,
    /// The commit's id, from a source that has commits.
    pub revision_id: String,
}

/// One action execution as `ListActionExecutions` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionExecution {
    /// Name of the stage.
    pub stage: String,
    /// Name of the action.
    pub action: String,
    /// `Source`, `Build`, `Approval`, …; missing while an action waits for its start.
    pub category: Option<String>,
    /// `InProgress`, `Succeeded`, `Failed`, `Abandoned`.
    pub status: String,
    /// The time at which it started.
    pub started: Option<Timestamp>,
    /// The artifacts that it left, by name.
    pub output_artifacts: BTreeMap<String, ObjectLocation>,
    /// The variables that it exported.
    pub output_variables: BTreeMap<String, String>,
}

/// `codepipeline:GetPipelineExecution`.
pub trait GetPipelineExecution {
    /// One execution of a pipeline. [`CallError::NotFound`] if there is none.
    fn get_pipeline_execution(
        &self,
        pipeline: &str,
        execution_id: &str,
    ) -> impl Future<Output = Result<PipelineExecution, CallError>> + Send;
}

/// `codepipeline:ListActionExecutions`.
pub trait ListActionExecutions {
    /// Every action execution of one pipeline execution, from all pages.
    fn list_action_executions(
        &self,
        pipeline: &str,
        execution_id: &str,
    ) -> impl Future<Output = Result<Vec<ActionExecution>, CallError>> + Send;
}

/// An execution as `ListPipelineExecutions` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionSummary {
    /// The execution's id.
    pub execution_id: String,
    /// `InProgress`, `Succeeded`, …
    pub status: String,
    /// The time at which it started.
    pub started: Option<Timestamp>,
    /// The time of its last change: of one that is over, its end.
    pub updated: Option<Timestamp>,
    /// `STANDARD` or `ROLLBACK`, where CodePipeline says so.
    pub execution_type: Option<String>,
}

/// `codepipeline:ListPipelineExecutions`.
pub trait ListPipelineExecutions {
    /// The newest executions of a pipeline, newest first, at most `most` (100 is CodePipeline's own limit for one call).
    fn list_pipeline_executions(
        &self,
        pipeline: &str,
        most: usize,
    ) -> impl Future<Output = Result<Vec<ExecutionSummary>, CallError>> + Send;
}
