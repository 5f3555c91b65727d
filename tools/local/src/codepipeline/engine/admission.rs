//! Starting executions and letting them into stages.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::{ServiceError, Timestamp};

use super::super::declaration::{Declaration, Mode};
use super::super::execution::{Execution, Position, StageRun, Status, Trigger};
use super::{Pipelines, missing_pipeline};

/// A request to start an execution.
#[derive(Clone, Debug)]
pub struct Start {
    /// The name of the pipeline to start.
    pub pipeline: String,
    /// Values of the pipeline's variables.
    pub variables: BTreeMap<String, String>,
    /// Revisions by source action.
    pub overrides: BTreeMap<String, String>,
    /// A request with the same token starts nothing new.
    pub token: Option<String>,
    /// The cause of the start.
    pub trigger: Trigger,
}

impl Start {
    /// A request that gives nothing but the pipeline.
    pub fn of(pipeline: &str, trigger: Trigger) -> Self {
        let (variables, overrides) = (BTreeMap::new(), BTreeMap::new());
        Self { pipeline: pipeline.to_owned(), variables, overrides, token: None, trigger }
    }
}

impl Pipelines {
    /// Starts an execution of the pipeline as it is now.
    ///
    /// # Errors
    /// Fails if there is no such pipeline or a variable has no value.
    pub fn start(&mut self, request: Start, now: Timestamp) -> Result<String, ServiceError> {
        let name = &request.pipeline;
        let pipeline = self.pipelines.get(name).ok_or_else(|| missing_pipeline(&self.identity, name))?;
        if let Some(earlier) = request.token.as_ref().and_then(|token| pipeline.tokens.get(token)) {
            return Ok(earlier.clone());
        }
        let (declaration, version) = (Arc::clone(&pipeline.declaration), pipeline.version);
        let variables = values(&declaration, &request)?;
        let id = self.ids.uuid();
        let mut namespaces = BTreeMap::new();
        namespaces.insert("variables".to_owned(), variables.iter().cloned().collect());
        let own = BTreeMap::from([("PipelineExecutionId".to_owned(), id.clone())]);
        namespaces.insert("codepipeline".to_owned(), own);
        let arrived = self.next();
        self.executions.push(Execution {
            id: id.clone(),
            declaration,
            version,
            status: Status::InProgress,
            position: Position::Before(0),
            arrived,
            started: now,
            updated: now,
            trigger: request.trigger,
            variables,
            overrides: request.overrides,
            namespaces,
            artifacts: BTreeMap::new(),
            revisions: Vec::new(),
            stages: BTreeMap::new(),
            stop_reason: None,
            attempt: 1,
        });
        if let (Some(token), Some(pipeline)) = (request.token, self.pipelines.get_mut(name)) {
            pipeline.tokens.insert(token, id.clone());
        }
        self.tell_pipeline(self.executions.len() - 1, "STARTED");
        let name = request.pipeline;
        self.admit(&name, now);
        Ok(id)
    }

    /// Lets executions into the stages that are free for them, the last stage first.
    pub(super) fn admit(&mut self, pipeline: &str, now: Timestamp) {
        let Some(found) = self.pipelines.get(pipeline) else { return };
        let mode = found.declaration.mode;
        // An execution may run an older declaration with more stages.
        let stages = self.executions(pipeline).map(|execution| execution.declaration.stages.len()).max();
        for stage in (0..stages.unwrap_or_default()).rev() {
            let waiting = self.waiting(pipeline, stage);
            if mode == Mode::Superseded {
                for index in waiting.split_last().map_or(&[][..], |(_, older)| older) {
                    self.supersede(*index, now);
                }
            }
            // Looked up anew each time: what enters may run through to its end and let others in.
            while let Some(index) = self.waiting(pipeline, stage).first().copied() {
                if !self.may_enter(index, stage, mode) {
                    break;
                }
                self.enter(index, stage, now);
            }
        }
    }

    /// The executions in front of a stage, in the order of their arrival.
    fn waiting(&self, pipeline: &str, stage: usize) -> Vec<usize> {
        let mut waiting: Vec<usize> = (0..self.executions.len())
            .filter(|index| {
                let execution = &self.executions[*index];
                execution.declaration.name == pipeline
                    && execution.status == Status::InProgress
                    && execution.position == Position::Before(stage)
            })
            .collect();
        waiting.sort_by_key(|index| self.executions[*index].arrived);
        waiting
    }

    fn may_enter(&self, index: usize, stage: usize, mode: Mode) -> bool {
        let execution = &self.executions[index];
        let name = &execution.declaration.name;
        let stage_name = &execution.declaration.stages[stage].name;
        let closed = self.pipelines.get(name).is_some_and(|pipeline| pipeline.closed.contains_key(stage_name));
        let occupied = self.executions(name).any(|other| {
            !other.status.is_over()
                && other.current_stage().is_some_and(|at| other.declaration.stages[at].name == *stage_name)
        });
        !closed && (mode == Mode::Parallel || !occupied)
    }

    fn enter(&mut self, index: usize, stage: usize, now: Timestamp) {
        let entered = self.next();
        let execution = &mut self.executions[index];
        execution.position = Position::In(stage);
        execution.updated = now;
        let run = StageRun { status: Status::InProgress, actions: Vec::new(), counted: BTreeMap::new(), entered };
        execution.stages.insert(stage, run);
        self.tell_stage(index, stage, "STARTED");
        self.proceed(index, stage, now);
    }

    fn supersede(&mut self, index: usize, now: Timestamp) {
        let execution = &mut self.executions[index];
        (execution.status, execution.updated) = (Status::Superseded, now);
        self.tell_pipeline(index, "SUPERSEDED");
    }
}

fn values(declaration: &Declaration, request: &Start) -> Result<Vec<(String, String)>, ServiceError> {
    let unknown = request.variables.keys().find(|name| !declaration.variables.iter().any(|(known, _)| known == *name));
    if let Some(unknown) = unknown {
        return Err(ServiceError::validation(format!("{} has no variable {unknown}", declaration.name)));
    }
    let value = |(name, default): &(String, Option<String>)| {
        let value = request.variables.get(name).or(default.as_ref()).cloned();
        let value = value.ok_or_else(|| ServiceError::validation(format!("the variable {name} has no value")))?;
        Ok((name.clone(), value))
    };
    declaration.variables.iter().map(value).collect()
}
