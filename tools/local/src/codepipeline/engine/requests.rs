//! The requests of clients about pipelines and their executions.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::{ServiceError, Timestamp};

use super::super::declaration::Declaration;
use super::super::execution::{ActionRun, ActionStatus, Failure, Position, Status, Waiting};
use super::{Outcome, Pipeline, Pipelines, missing_pipeline};

impl Pipelines {
    /// `CreatePipeline`, without its first execution.
    ///
    /// # Errors
    /// Fails if there is a pipeline of that name. AWS documents `PipelineNameInUseException` and answers this.
    pub fn create(&mut self, declaration: Declaration, now: Timestamp) -> Result<(), ServiceError> {
        let name = declaration.name.clone();
        if self.pipelines.contains_key(&name) {
            let account = &self.identity.account;
            let message = format!("A pipeline with the name '{name}' already exists in account '{account}'");
            return Err(ServiceError::new("InvalidStructureException", message));
        }
        let pipeline = Pipeline {
            declaration: Arc::new(declaration),
            earlier: BTreeMap::new(),
            version: 1,
            created: now,
            updated: now,
            closed: BTreeMap::new(),
            tokens: BTreeMap::new(),
        };
        self.pipelines.insert(name, pipeline);
        Ok(())
    }

    /// `UpdatePipeline`. Executions that have begun go on as they were declared.
    ///
    /// # Errors
    /// Fails if there is no pipeline of that name, which is told as a resource that is not found.
    pub fn update(&mut self, declaration: Declaration, now: Timestamp) -> Result<(), ServiceError> {
        let name = declaration.name.clone();
        let account = &self.identity.account;
        let pipeline = self.pipelines.get_mut(&name).ok_or_else(|| {
            let text = format!("The account with id '{account}' does not include a pipeline with the name '{name}'");
            ServiceError::new("ResourceNotFoundException", text)
        })?;
        let earlier = std::mem::replace(&mut pipeline.declaration, Arc::new(declaration));
        pipeline.earlier.insert(pipeline.version, earlier);
        pipeline.version += 1;
        pipeline.updated = now;
        Ok(())
    }

    /// `DeletePipeline`: its executions are forgotten, and what their actions still do counts no more.
    pub fn delete(&mut self, name: &str) {
        self.pipelines.remove(name);
        self.executions.retain(|execution| execution.declaration.name != name);
    }

    /// `StopPipelineExecution`.
    ///
    /// # Errors
    /// Fails if there is no such execution, it is over, or was asked to stop before.
    pub fn stop(
        &mut self,
        pipeline: &str,
        id: &str,
        abandon: bool,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let status = self.execution(pipeline, id)?.status;
        if status == Status::Stopping && !abandon {
            let message = format!("The execution {id} is already being stopped");
            return Err(ServiceError::new("DuplicatedStopRequestException", message));
        }
        if status.is_over() {
            let message = format!("The execution {id} is {} and cannot be stopped", status.name());
            return Err(ServiceError::new("PipelineExecutionNotStoppableException", message));
        }
        let Some(index) = self.index(id) else { return Ok(()) };
        let execution = &mut self.executions[index];
        (execution.status, execution.updated) = (Status::Stopping, now);
        execution.stop_reason = reason.or(execution.stop_reason.take());
        if status != Status::Stopping {
            self.tell_pipeline(index, "STOPPING");
        }
        match self.executions[index].current_stage() {
            None => {
                self.executions[index].status = Status::Stopped;
                self.tell_pipeline(index, "STOPPED");
            }
            Some(stage) => {
                if abandon {
                    self.abandon(index, stage, now);
                } else {
                    self.tell_stage(index, stage, "STOPPING");
                }
                self.proceed(index, stage, now);
            }
        }
        self.admit(pipeline, now);
        Ok(())
    }

    fn abandon(&mut self, index: usize, stage: usize, now: Timestamp) {
        let Some(run) = self.executions[index].stages.get_mut(&stage) else { return };
        let mut abandoned = Vec::new();
        for action in run.actions.iter_mut().filter(|action| action.status == ActionStatus::InProgress) {
            (action.status, action.updated) = (ActionStatus::Abandoned, now);
            abandoned.push(action.id.clone());
        }
        for id in abandoned {
            self.tell_action(index, stage, &id, "ABANDONED");
        }
    }

    /// `PutApprovalResult`: the time of the answer.
    ///
    /// # Errors
    /// Fails if there is no such stage or action, the token is another's, or the approval is over.
    pub fn approve(&mut self, answer: Approval, now: Timestamp) -> Result<Timestamp, ServiceError> {
        let declaration = Arc::clone(&self.pipeline(&answer.pipeline)?.declaration);
        let missing = |code: &str, what: &str| ServiceError::new(code, format!("there is no {what} of that name"));
        let stage = declaration.stages.iter().find(|stage| stage.name == answer.stage);
        let stage = stage.ok_or_else(|| missing("StageNotFoundException", "stage"))?;
        if !stage.actions.iter().any(|action| action.name == answer.action) {
            return Err(missing("ActionNotFoundException", "action"));
        }
        let is_asked = |run: &ActionRun| {
            run.action == answer.action
                && matches!(&run.waiting, Waiting::Approval { token, .. } if *token == answer.token)
        };
        let found = self.executions(&answer.pipeline).find_map(|execution| {
            let runs = execution.stages.values().flat_map(|stage| &stage.actions);
            runs.into_iter().find(|run| is_asked(run)).map(|run| (execution.id.clone(), run.id.clone(), run.status))
        });
        let Some((execution, run, status)) = found else {
            return Err(ServiceError::new(
                "InvalidApprovalTokenException",
                "the token is of no approval of this action",
            ));
        };
        if status != ActionStatus::InProgress {
            return Err(ServiceError::new(
                "ApprovalAlreadyCompletedException",
                "the approval has been given or refused",
            ));
        }
        let outcome = if answer.approved {
            let summary = Some(answer.summary);
            Outcome::Succeeded { variables: BTreeMap::new(), revision: None, summary, external_id: None }
        } else {
            let failure = Failure { code: "JobFailed".to_owned(), message: format!("Rejected: {}", answer.summary) };
            Outcome::Failed { failure, external_id: None }
        };
        self.end_action(&execution, &run, outcome, now);
        Ok(now)
    }

    /// `RetryStageExecution`.
    ///
    /// # Errors
    /// Fails if the execution did not fail in that stage, or another has entered it since.
    pub fn retry(
        &mut self,
        pipeline: &str,
        stage: &str,
        id: &str,
        all_actions: bool,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let execution = self.execution(pipeline, id)?;
        let at = execution.declaration.stages.iter().position(|declared| declared.name == stage);
        let at =
            at.ok_or_else(|| ServiceError::new("StageNotFoundException", format!("{pipeline} has no stage {stage}")))?;
        let retryable = matches!(execution.status, Status::Failed | Status::Stopped);
        if execution.position != Position::In(at) || !retryable {
            let message = format!("The execution {id} did not end in the stage {stage}: nothing is to be retried");
            return Err(ServiceError::new("StageNotRetryableException", message));
        }
        let entered = execution.stages.get(&at).map_or(0, |run| run.entered);
        let newer =
            self.executions(pipeline).any(|other| other.stages.get(&at).is_some_and(|run| run.entered > entered));
        if newer {
            let message = format!("another execution has entered the stage {stage} since");
            return Err(ServiceError::new("NotLatestPipelineExecutionException", message));
        }
        let Some(index) = self.index(id) else { return Ok(()) };
        let execution = &mut self.executions[index];
        (execution.status, execution.updated) = (Status::InProgress, now);
        execution.attempt += 1;
        if let Some(run) = execution.stages.get_mut(&at) {
            run.status = Status::InProgress;
            let succeeded: Vec<String> = run
                .current()
                .filter(|action| action.status == ActionStatus::Succeeded && !all_actions)
                .map(|action| action.action.clone())
                .collect();
            run.counted.retain(|action, _| succeeded.contains(action));
        }
        self.tell_pipeline(index, "RESUMED");
        self.tell_stage(index, at, "RESUMED");
        self.proceed(index, at, now);
        self.admit(pipeline, now);
        Ok(())
    }

    /// Opens a stage, or closes it for the given reason.
    ///
    /// # Errors
    /// Fails if there is no such pipeline or stage.
    pub fn set_transition(
        &mut self,
        pipeline: &str,
        stage: &str,
        closed: Option<String>,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let identity = &self.identity;
        let found = self.pipelines.get_mut(pipeline).ok_or_else(|| missing_pipeline(identity, pipeline))?;
        if !found.declaration.stages.iter().any(|declared| declared.name == stage) {
            return Err(ServiceError::new("StageNotFoundException", format!("{pipeline} has no stage {stage}")));
        }
        match closed {
            Some(reason) => found.closed.insert(stage.to_owned(), (reason, now)),
            None => found.closed.remove(stage),
        };
        self.admit(pipeline, now);
        Ok(())
    }
}

/// A person's answer, from `PutApprovalResult`.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The name of the pipeline.
    pub pipeline: String,
    /// The stage that has the approval action.
    pub stage: String,
    /// The name of the approval action.
    pub action: String,
    /// The token from `GetPipelineState` or the notification.
    pub token: String,
    /// True if the person approves, false if they reject.
    pub approved: bool,
    /// The person's reason.
    pub summary: String,
}
