//! Running the actions of a stage.

use std::collections::BTreeMap;

use crate::core::Timestamp;

use super::super::declaration::{Action, Provider};
use super::super::execution::{
    ActionRun, ActionStatus, Actor, Artifact, Execution, Failure, Order, Position, Status, Waiting,
};
use super::super::variables::resolve;
use super::{APPROVAL_LIMIT, Effect, JOB_LIMIT, Outcome, Pipelines};

impl Pipelines {
    /// Does what is next in a stage that an execution is in: the next actions, or the end of the stage.
    pub(super) fn proceed(&mut self, index: usize, stage: usize, now: Timestamp) {
        let execution = &self.executions[index];
        let Some(run) = execution.stages.get(&stage) else { return };
        if run.current().any(|run| run.status == ActionStatus::InProgress) {
            return;
        }
        let failed = run.current().any(|run| run.status == ActionStatus::Failed);
        if execution.status == Status::Stopping {
            return self.end_stage(index, stage, Status::Stopped, now);
        }
        if failed {
            return self.end_stage(index, stage, Status::Failed, now);
        }
        let left: Vec<&Action> = execution.declaration.stages[stage]
            .actions
            .iter()
            .filter(|action| !run.counted.contains_key(&action.name))
            .collect();
        let Some(order) = left.iter().map(|action| action.run_order).min() else {
            return self.end_stage(index, stage, Status::Succeeded, now);
        };
        let next: Vec<Action> = left.into_iter().filter(|action| action.run_order == order).cloned().collect();
        for action in next {
            self.begin_action(index, stage, &action, now);
        }
        // An action that could not even begin may have been the only one.
        self.proceed_if_idle(index, stage, now);
    }

    fn proceed_if_idle(&mut self, index: usize, stage: usize, now: Timestamp) {
        let running = self.executions[index].stages.get(&stage).is_some_and(|run| {
            run.status == Status::InProgress && run.current().any(|run| run.status == ActionStatus::InProgress)
        });
        if !running
            && self.executions[index].position == Position::In(stage)
            && !self.executions[index].status.is_over()
        {
            self.proceed(index, stage, now);
        }
    }

    fn begin_action(&mut self, index: usize, stage: usize, action: &Action, now: Timestamp) {
        let id = self.ids.uuid();
        let (run, problem) = self.prepare(index, action, id.clone(), now);
        let waiting = run.waiting.clone();
        let execution = &mut self.executions[index];
        execution.updated = now;
        if let Some(stage) = execution.stages.get_mut(&stage) {
            stage.counted.insert(action.name.clone(), id.clone());
            stage.actions.push(run);
        }
        self.tell_action(index, stage, &id, "STARTED");
        if let Some(message) = problem {
            let failure = Failure { code: "ConfigurationError".to_owned(), message };
            return self.record_end(index, stage, &id, Outcome::Failed { failure, external_id: None }, now);
        }
        if let Some(order) = order(&self.executions[index], stage, action, &id, &waiting) {
            self.effects.push(Effect::Begin(Box::new(order)));
        }
    }

    /// The run of an action with everything that it needs, and what is missing.
    fn prepare(&self, index: usize, action: &Action, id: String, now: Timestamp) -> (ActionRun, Option<String>) {
        let execution = &self.executions[index];
        let (configuration, unresolved) = resolved(action, execution);
        let inputs: Vec<Artifact> =
            action.inputs.iter().filter_map(|name| execution.artifacts.get(name)).cloned().collect();
        let missing = action.inputs.iter().find(|name| !execution.artifacts.contains_key(*name));
        let problem = missing.map(|name| format!("the artifact {name} was not made")).or(unresolved);
        // The revision of what is made is that of what it is made from.
        let revision = inputs.first().and_then(|input| input.revision.clone());
        let outputs = action.outputs.iter().map(|name| Artifact {
            name: name.clone(),
            bucket: execution.declaration.bucket.clone(),
            key: self.key(&execution.declaration.name, name),
            revision: revision.clone(),
        });
        let run = ActionRun {
            id,
            action: action.name.clone(),
            status: ActionStatus::InProgress,
            started: now,
            updated: now,
            waiting: self.waiting_for(action, now),
            jobs: Vec::new(),
            configuration,
            outputs: outputs.collect(),
            inputs,
            external_id: None,
            summary: None,
            percent: None,
            failure: None,
            variables: BTreeMap::new(),
        };
        (run, problem)
    }

    /// `<pipeline, 20>/<artifact, 10>/<7 random>`: where CodePipeline puts its artifacts.
    fn key(&self, pipeline: &str, artifact: &str) -> String {
        let cut = |text: &str, length| text.chars().take(length).collect::<String>();
        format!("{}/{}/{}", cut(pipeline, 20), cut(artifact, 10), self.ids.lower(7))
    }

    fn waiting_for(&self, action: &Action, now: Timestamp) -> Waiting {
        match action.provider {
            Provider::Lambda => Waiting::Job { id: self.ids.uuid(), until: now + JOB_LIMIT },
            Provider::Manual => {
                let limit = action.timeout_minutes.map(|minutes| std::time::Duration::from_secs(60 * minutes));
                Waiting::Approval { token: self.ids.uuid(), until: now + limit.unwrap_or(APPROVAL_LIMIT) }
            }
            Provider::CodeCommit | Provider::S3Source | Provider::CodeBuild => Waiting::Work,
        }
    }

    /// Takes the end of an action's work. One that nobody waits for (stopped, timed out, told twice) changes nothing.
    pub(super) fn end_action(&mut self, execution: &str, run: &str, outcome: Outcome, now: Timestamp) {
        let Some(index) = self.index(execution) else { return };
        let Some(stage) = self.executions[index].current_stage() else { return };
        let waits = self.executions[index].run(run).is_some_and(|run| run.status == ActionStatus::InProgress);
        if !waits {
            return;
        }
        self.record_end(index, stage, run, outcome, now);
        self.proceed(index, stage, now);
        let pipeline = self.executions[index].declaration.name.clone();
        self.admit(&pipeline, now);
    }

    fn record_end(&mut self, index: usize, stage: usize, run: &str, outcome: Outcome, now: Timestamp) {
        let execution = &mut self.executions[index];
        execution.updated = now;
        let Some(found) = execution.run_mut(run) else { return };
        found.updated = now;
        let state = match outcome {
            Outcome::Succeeded { variables, revision, summary, external_id } => {
                found.status = ActionStatus::Succeeded;
                found.summary = summary.or(found.summary.take());
                found.external_id = external_id.or(found.external_id.take());
                found.variables.clone_from(&variables);
                if let Some(revision) = &revision {
                    for output in &mut found.outputs {
                        output.revision = Some(revision.id.clone());
                    }
                }
                let (action, outputs) = (found.action.clone(), found.outputs.clone());
                keep(execution, stage, &action, variables, outputs);
                if let Some(revision) = revision {
                    execution.revisions.retain(|earlier| earlier.action != revision.action);
                    execution.revisions.push(revision);
                }
                "SUCCEEDED"
            }
            Outcome::Failed { failure, external_id } => {
                found.status = ActionStatus::Failed;
                found.external_id = external_id.or(found.external_id.take());
                found.failure = Some(failure);
                "FAILED"
            }
        };
        self.tell_action(index, stage, run, state);
    }

    fn end_stage(&mut self, index: usize, stage: usize, status: Status, now: Timestamp) {
        let arrived = self.next();
        let execution = &mut self.executions[index];
        execution.updated = now;
        if let Some(run) = execution.stages.get_mut(&stage) {
            run.status = status;
        }
        let is_last = stage + 1 == execution.declaration.stages.len();
        let (state, over) = match status {
            Status::Succeeded if is_last => ("SUCCEEDED", true),
            Status::Succeeded => ("SUCCEEDED", false),
            Status::Stopped => ("STOPPED", true),
            _ => ("FAILED", true),
        };
        if over {
            execution.status = status;
        } else {
            (execution.position, execution.arrived) = (Position::Before(stage + 1), arrived);
        }
        self.tell_stage(index, stage, state);
        if over {
            self.tell_pipeline(index, state);
        } else {
            let pipeline = self.executions[index].declaration.name.clone();
            self.admit(&pipeline, now);
        }
    }
}

/// An action's configuration with its variables replaced, and the first that has no value.
fn resolved(action: &Action, execution: &Execution) -> (BTreeMap<String, String>, Option<String>) {
    let mut problem = None;
    let replace = |(member, value): (&String, &String)| {
        let replaced = resolve(value, &execution.namespaces).unwrap_or_else(|unresolved| {
            problem.get_or_insert(format!("the variable {unresolved} in {member} has no value"));
            value.clone()
        });
        (member.clone(), replaced)
    };
    let configuration = action.configuration.iter().map(replace).collect();
    (configuration, problem)
}

/// Makes what an action made known to those after it.
fn keep(
    execution: &mut Execution,
    stage: usize,
    action: &str,
    variables: BTreeMap<String, String>,
    outputs: Vec<Artifact>,
) {
    let namespace = execution.action(stage, action).and_then(|action| action.namespace.clone());
    if let Some(namespace) = namespace {
        execution.namespaces.insert(namespace, variables);
    }
    execution.artifacts.extend(outputs.into_iter().map(|output| (output.name.clone(), output)));
}

/// The order for an action that has begun.
pub(super) fn order(
    execution: &Execution,
    stage: usize,
    action: &Action,
    run: &str,
    waiting: &Waiting,
) -> Option<Order> {
    let found = execution.run(run)?;
    let (mut job, mut approval) = (None, None);
    match waiting {
        Waiting::Job { id, .. } => job = Some(id.clone()),
        Waiting::Approval { token, until } => approval = Some((token.clone(), *until)),
        Waiting::Work | Waiting::Continuation { .. } => {}
    }
    Some(Order {
        pipeline: execution.declaration.name.clone(),
        execution: execution.id.clone(),
        stage: execution.declaration.stages[stage].name.clone(),
        action: action.name.clone(),
        run: found.id.clone(),
        provider: action.provider,
        actor: Actor::of(execution, stage, &action.name),
        configuration: found.configuration.clone(),
        inputs: found.inputs.clone(),
        outputs: found.outputs.clone(),
        revision: execution.overrides.get(&action.name).cloned(),
        job,
        continuation: None,
        approval,
    })
}
