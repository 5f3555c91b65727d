//! Jobs of invoke actions, and everything else that has a deadline.

use std::collections::BTreeMap;

use crate::core::{ServiceError, Timestamp};

use super::super::execution::{ActionRun, ActionStatus, Execution, Failure, Waiting};
use super::actions::order;
use super::{CONTINUATION_DELAY, Effect, INVOKE_LIMIT, JOB_LIMIT, Outcome, Pipelines};

/// The report of a function on a job that went well, or goes on.
#[derive(Clone, Debug, Default)]
pub struct JobSuccess {
    /// The token of a job that is to go on: the function is invoked again with it.
    pub continuation: Option<String>,
    /// The output variables; only without a continuation token.
    pub variables: BTreeMap<String, String>,
    /// `executionDetails.summary`.
    pub summary: Option<String>,
    /// `executionDetails.externalExecutionId`.
    pub external_id: Option<String>,
    /// `executionDetails.percentComplete`.
    pub percent: Option<i64>,
}

/// An answer in a form that does not borrow from the engine.
struct Found {
    index: usize,
    stage: usize,
    run: String,
}

impl Pipelines {
    /// The action and execution of a job that was given out, whether or not it is still waited for.
    pub fn job(&self, id: &str) -> Option<(&Execution, usize, &ActionRun)> {
        self.executions.iter().find_map(|execution| {
            let (stage, run) = execution.stages.iter().find_map(|(stage, of_stage)| {
                let run =
                    of_stage.actions.iter().find(|run| waits_for(run, id) || run.jobs.iter().any(|job| job == id))?;
                Some((*stage, run))
            })?;
            Some((execution, stage, run))
        })
    }

    /// The place of a job that is waited for.
    fn open_job(&self, id: &str) -> Result<Found, ServiceError> {
        let (execution, stage, run) = self
            .job(id)
            .ok_or_else(|| ServiceError::new("JobNotFoundException", format!("The job {id} is not known")))?;
        if run.status != ActionStatus::InProgress || !waits_for(run, id) {
            let message = format!("The job {id} is over: it has had its result, or its time has run out");
            return Err(ServiceError::new("InvalidJobStateException", message));
        }
        let run = run.id.clone();
        let index = self.index(&execution.id).unwrap_or_default();
        Ok(Found { index, stage, run })
    }

    /// `PutJobSuccessResult`.
    ///
    /// # Errors
    /// Fails if the job is not known or not waited for, or has both a continuation token and variables.
    pub fn job_succeeded(&mut self, id: &str, told: JobSuccess, now: Timestamp) -> Result<(), ServiceError> {
        let Found { index, run, .. } = self.open_job(id)?;
        if told.continuation.is_some() && !told.variables.is_empty() {
            return Err(ServiceError::validation("output variables cannot be given with a continuation token"));
        }
        let execution = self.executions[index].id.clone();
        if let Some(found) = self.executions[index].run_mut(&run) {
            found.updated = now;
            found.summary = told.summary.clone().or(found.summary.take());
            found.external_id = told.external_id.clone().or(found.external_id.take());
            found.percent = told.percent.or(found.percent);
            if let Some(token) = told.continuation {
                found.jobs.push(id.to_owned());
                found.waiting = Waiting::Continuation { token, at: now + CONTINUATION_DELAY };
                return Ok(());
            }
        }
        let outcome = Outcome::Succeeded {
            variables: told.variables,
            revision: None,
            summary: told.summary,
            external_id: told.external_id,
        };
        self.end_action(&execution, &run, outcome, now);
        Ok(())
    }

    /// `PutJobFailureResult`.
    ///
    /// # Errors
    /// Fails if the job is not known or not waited for.
    pub fn job_failed(
        &mut self,
        id: &str,
        failure: Failure,
        external_id: Option<String>,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let Found { index, run, .. } = self.open_job(id)?;
        let execution = self.executions[index].id.clone();
        self.end_action(&execution, &run, Outcome::Failed { failure, external_id }, now);
        Ok(())
    }

    /// Does what is due at `now`: invokes functions again, fails what nobody answered.
    pub(super) fn expire(&mut self, now: Timestamp) {
        for Found { index, stage, run } in self.due(now) {
            let Some(found) = self.executions[index].run(&run) else { continue };
            let execution = self.executions[index].id.clone();
            let limit = found.started + INVOKE_LIMIT;
            match found.waiting.clone() {
                Waiting::Work => {}
                Waiting::Continuation { token, .. } if now < limit => {
                    self.invoke_again(&Found { index, stage, run }, token, now, limit);
                }
                Waiting::Continuation { .. } | Waiting::Job { .. } => {
                    let name = found.configuration.get("FunctionName").cloned().unwrap_or_default();
                    let failure = Failure { code: "JobFailed".to_owned(), message: no_result(&name) };
                    self.end_action(&execution, &run, Outcome::Failed { failure, external_id: None }, now);
                }
                Waiting::Approval { .. } => {
                    let message = "The approval was neither given nor refused in time".to_owned();
                    let failure = Failure { code: "JobFailed".to_owned(), message };
                    self.end_action(&execution, &run, Outcome::Failed { failure, external_id: None }, now);
                }
            }
        }
    }

    fn due(&self, now: Timestamp) -> Vec<Found> {
        let mut due = Vec::new();
        for (index, execution) in self.executions.iter().enumerate() {
            if execution.status.is_over() {
                continue;
            }
            for (stage, of_stage) in &execution.stages {
                let runs = of_stage.actions.iter().filter(|run| run.status == ActionStatus::InProgress);
                let is_due = |run: &&ActionRun| match &run.waiting {
                    Waiting::Work => false,
                    Waiting::Job { until, .. } | Waiting::Approval { until, .. } => *until <= now,
                    Waiting::Continuation { at, .. } => *at <= now,
                };
                due.extend(runs.filter(is_due).map(|run| Found { index, stage: *stage, run: run.id.clone() }));
            }
        }
        due
    }

    fn invoke_again(&mut self, place: &Found, token: String, now: Timestamp, limit: Timestamp) {
        let id = self.ids.uuid();
        let waiting = Waiting::Job { id, until: (now + JOB_LIMIT).min(limit) };
        let execution = &mut self.executions[place.index];
        let Some(found) = execution.run_mut(&place.run) else { return };
        found.waiting = waiting.clone();
        found.updated = now;
        let action = found.action.clone();
        let Some(declared) = execution.action(place.stage, &action) else { return };
        if let Some(mut again) = order(execution, place.stage, declared, &place.run, &waiting) {
            again.continuation = Some(token);
            self.effects.push(Effect::Begin(Box::new(again)));
        }
    }
}

fn waits_for(run: &ActionRun, id: &str) -> bool {
    matches!(&run.waiting, Waiting::Job { id: waited, .. } if waited == id)
}

/// CodePipeline's own words, which name the usual causes.
fn no_result(function: &str) -> String {
    format!(
        "The AWS Lambda function {function} failed to return a result. Check the function to verify that it has \
         permission to call the PutJobSuccessResult action, made a recent call to PutJobSuccessResult, or that its \
         event handler has not exceeded its timeout"
    )
}
