//! A CodePipeline in memory that only remembers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::pipelines::{ActionExecution, GetPipelineExecution, ListActionExecutions, PipelineExecution};

/// Executions with their actions, by the execution's id; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Pipelines {
    executions: Arc<Mutex<Executions>>,
}

type Executions = BTreeMap<String, (PipelineExecution, Vec<ActionExecution>)>;

impl Pipelines {
    /// Remembers an execution and its actions.
    pub fn add(&self, execution: PipelineExecution, actions: Vec<ActionExecution>) {
        self.lock().insert(execution.execution_id.clone(), (execution, actions));
    }

    fn lock(&self) -> MutexGuard<'_, Executions> {
        self.executions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GetPipelineExecution for Pipelines {
    async fn get_pipeline_execution(
        &self,
        _pipeline: &str,
        execution_id: &str,
    ) -> Result<PipelineExecution, CallError> {
        let missing = || CallError::NotFound {
            operation: "GetPipelineExecution",
            source: "PipelineExecutionNotFoundException".into(),
        };
        self.lock().get(execution_id).map(|(execution, _)| execution.clone()).ok_or_else(missing)
    }
}

impl ListActionExecutions for Pipelines {
    async fn list_action_executions(
        &self,
        _pipeline: &str,
        execution_id: &str,
    ) -> Result<Vec<ActionExecution>, CallError> {
        Ok(self.lock().get(execution_id).map(|(_, actions)| actions.clone()).unwrap_or_default())
    }
}
