//! A CodePipeline in memory that only remembers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::pipelines::{
    ActionExecution, ExecutionSummary, GetPipelineExecution, ListActionExecutions, ListPipelineExecutions,
    PipelineExecution,
};

/// Executions with their actions, by the execution's id; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Pipelines {
    executions: Arc<Mutex<Executions>>,
    lags: Arc<Mutex<BTreeMap<String, usize>>>,
}

type Executions = BTreeMap<String, (PipelineExecution, Vec<ActionExecution>)>;

impl Pipelines {
    /// Remembers an execution and its actions.
    pub fn add(&self, execution: PipelineExecution, actions: Vec<ActionExecution>) {
        self.lock().insert(execution.execution_id.clone(), (execution, actions));
    }

    /// Lets the actions of an execution be unknown for a number of looks, as CodePipeline's lists lag behind its events.
    pub fn lag(&self, execution_id: &str, looks: usize) {
        self.lags.lock().unwrap_or_else(PoisonError::into_inner).insert(execution_id.to_owned(), looks);
    }

    fn lags(&self, execution_id: &str) -> bool {
        let mut lags = self.lags.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(looks) = lags.get_mut(execution_id).filter(|looks| **looks > 0) else { return false };
        *looks -= 1;
        true
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
        if self.lags(execution_id) {
            return Ok(Vec::new());
        }
        Ok(self.lock().get(execution_id).map(|(_, actions)| actions.clone()).unwrap_or_default())
    }
}

impl ListPipelineExecutions for Pipelines {
    async fn list_pipeline_executions(&self, _pipeline: &str, most: usize) -> Result<Vec<ExecutionSummary>, CallError> {
        let executions = self.lock();
        let mut listed: Vec<ExecutionSummary> = executions
            .values()
            .map(|(execution, actions)| ExecutionSummary {
                execution_id: execution.execution_id.clone(),
                status: execution.status.clone(),
                started: actions.iter().filter_map(|action| action.started).min(),
                updated: actions.iter().filter_map(|action| action.started).max(),
                execution_type: execution.execution_type.clone(),
            })
            .collect();
        listed.sort_by_key(|execution| std::cmp::Reverse(execution.started));
        listed.truncate(most);
        Ok(listed)
    }
}
