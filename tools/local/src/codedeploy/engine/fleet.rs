//! All deployments: one engine, so that "one active deployment per group" and "a rollback follows at once" hold
//! without a gap.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::effect::{Effect, Input};
use super::plan::{Hooks, Kind, LambdaShift, Plan};
use super::standing::{Deployment, Status};
use crate::core::{Engine, Ids, ServiceError, Timestamp};

/// Every deployment there was, and the ones that run.
#[derive(Debug)]
pub(in crate::codedeploy) struct Deployments {
    ids: Ids,
    all: BTreeMap<String, Deployment>,
    /// In the order of creation.
    order: Vec<String>,
    active: BTreeSet<String>,
}

impl Deployments {
    /// None yet. `ids` names the rollbacks.
    pub(in crate::codedeploy) fn new(ids: Ids) -> Self {
        Self { ids, all: BTreeMap::new(), order: Vec::new(), active: BTreeSet::new() }
    }

    /// The deployment of that id.
    pub(in crate::codedeploy) fn get(&self, id: &str) -> Option<&Deployment> {
        self.all.get(id)
    }

    /// All deployments, the newest first.
    pub(in crate::codedeploy) fn newest_first(&self) -> impl Iterator<Item = &Deployment> {
        self.order.iter().rev().filter_map(|id| self.all.get(id))
    }

    /// The deployment that runs in a group.
    pub(in crate::codedeploy) fn active_in(&self, group_id: &str) -> Option<&Deployment> {
        self.active.iter().filter_map(|id| self.all.get(id)).find(|deployment| deployment.plan.group_id == group_id)
    }

    /// The group was renamed.
    pub(in crate::codedeploy) fn rename_group(&mut self, group_id: &str, name: &str) {
        for deployment in self.all.values_mut().filter(|deployment| deployment.plan.group_id == group_id) {
            name.clone_into(&mut deployment.plan.group);
        }
    }

    /// The application was renamed.
    pub(in crate::codedeploy) fn rename_application(&mut self, from: &str, to: &str) {
        for deployment in self.all.values_mut().filter(|deployment| deployment.plan.application == from) {
            to.clone_into(&mut deployment.plan.application);
        }
    }

    /// Begins a deployment.
    ///
    /// # Errors
    /// `DeploymentLimitExceededException` when the group has an active deployment.
    pub(in crate::codedeploy) fn create(
        &mut self,
        plan: Plan,
        now: Timestamp,
    ) -> (Result<(), ServiceError>, Vec<Effect>) {
        if let Some(active) = self.active_in(&plan.group_id) {
            let message =
                format!("The Deployment Group '{}' already has an active Deployment '{}'", plan.group, active.plan.id);
            return (Err(ServiceError::new("DeploymentLimitExceededException", message)), Vec::new());
        }
        (Ok(()), self.begin(plan, None, 0, now))
    }

    /// Asks to stop a deployment.
    ///
    /// # Errors
    /// Fails if it is over or a rollback: that one cannot be left half way.
    pub(in crate::codedeploy) fn stop(
        &mut self,
        id: &str,
        auto_rollback: Option<bool>,
        now: Timestamp,
    ) -> (Result<Status, ServiceError>, Vec<Effect>) {
        let deployment = match self.all.get_mut(id) {
            None => return (Err(does_not_exist(id)), Vec::new()),
            Some(deployment) if deployment.is_over() => {
                let message = format!("The deployment {id} is already complete");
                return (Err(ServiceError::new("DeploymentAlreadyCompletedException", message)), Vec::new());
            }
            Some(deployment) if deployment.plan.kind == Kind::Rollback => {
                let message = format!("The deployment {id} is a rollback and cannot be stopped");
                return (Err(ServiceError::new("UnsupportedActionForDeploymentTypeException", message)), Vec::new());
            }
            Some(deployment) => deployment,
        };
        let effects = deployment.stop(auto_rollback, now);
        let status = deployment.status;
        (Ok(status), self.settle(id, effects, now))
    }

    /// Takes a hook's report.
    ///
    /// # Errors
    /// Fails if the deployment does not exist, the execution is not one of it, or the event is over.
    pub(in crate::codedeploy) fn answer_hook(
        &mut self,
        id: &str,
        execution: &str,
        succeeded: bool,
        now: Timestamp,
    ) -> (Result<(), ServiceError>, Vec<Effect>) {
        let Some(deployment) = self.all.get_mut(id) else { return (Err(does_not_exist(id)), Vec::new()) };
        match deployment.waits_for_hook(execution) {
            None => {
                let message = format!("The lifecycle event hook execution is not one of the deployment {id}");
                (Err(ServiceError::new("InvalidLifecycleEventHookExecutionIdException", message)), Vec::new())
            }
            Some(false) => {
                let message = format!("The lifecycle event of the deployment {id} is already completed");
                (Err(ServiceError::new("LifecycleEventAlreadyCompletedException", message)), Vec::new())
            }
            Some(true) => {
                let effects = deployment.hook_answered(execution, succeeded, now);
                (Ok(()), self.settle(id, effects, now))
            }
        }
    }

    fn begin(&mut self, plan: Plan, rolls_back: Option<String>, weight: u8, now: Timestamp) -> Vec<Effect> {
        let id = plan.id.clone();
        let (deployment, effects) = Deployment::begin(plan, rolls_back, weight, now);
        self.all.insert(id.clone(), deployment);
        self.order.push(id.clone());
        self.active.insert(id.clone());
        self.settle(&id, effects, now)
    }

    /// Takes note of a deployment that may have ended, and begins its rollback in the same step.
    fn settle(&mut self, id: &str, mut effects: Vec<Effect>, now: Timestamp) -> Vec<Effect> {
        let Some(deployment) = self.all.get_mut(id).filter(|deployment| deployment.is_over()) else { return effects };
        if !self.active.remove(id) || !deployment.wants_rollback() {
            return effects;
        }
        let back = loop {
            let back = format!("d-{}", self.ids.capitals(9));
            if !self.order.contains(&back) {
                break back;
            }
        };
        deployment.rolled_back_by = Some(back.clone());
        let (plan, weight) = (rollback_plan(deployment, back), 100 - deployment.weight);
        effects.extend(self.begin(plan, Some(id.to_owned()), weight, now));
        effects
    }

    fn with(&mut self, id: &str, now: Timestamp, step: impl FnOnce(&mut Deployment) -> Vec<Effect>) -> Vec<Effect> {
        let Some(deployment) = self.all.get_mut(id) else { return Vec::new() };
        let effects = step(deployment);
        self.settle(id, effects, now)
    }

    fn wake(&mut self, now: Timestamp) -> Vec<Effect> {
        let due: Vec<String> = self
            .active
            .iter()
            .filter(|id| self.all.get(*id).and_then(Deployment::wake_at).is_some_and(|at| at <= now))
            .cloned()
            .collect();
        due.iter().flat_map(|id| self.with(id, now, |deployment| deployment.look(now))).collect()
    }
}

impl Engine for Deployments {
    type Input = Input;
    type Effect = Effect;

    fn step(&mut self, input: Option<Input>, now: Timestamp) -> Vec<Effect> {
        match input {
            None => self.wake(now),
            Some(Input::HookInvoked { deployment, execution, answer }) => {
                self.with(&deployment, now, |it| it.hook_invoked(&execution, answer, now))
            }
            Some(Input::AliasRead { deployment, call, answer }) => {
                self.with(&deployment, now, |it| it.alias_read(call, answer, now))
            }
            Some(Input::AliasUpdated { deployment, call, answer }) => {
                self.with(&deployment, now, |it| it.alias_updated(call, answer, now))
            }
            Some(Input::VersionFound { deployment, call, answer }) => {
                self.with(&deployment, now, |it| it.version_found(call, answer, now))
            }
            Some(Input::AlarmsPolled { deployment, call, answer }) => {
                self.with(&deployment, now, |it| it.alarms_polled(call, answer, now))
            }
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.active.iter().filter_map(|id| self.all.get(id)?.wake_at()).min()
    }
}

fn does_not_exist(id: &str) -> ServiceError {
    ServiceError::new("DeploymentDoesNotExistException", format!("The deployment {id} could not be found"))
}

/// The deployment that puts everything back on the version that the failed one started from.
fn rollback_plan(failed: &Deployment, id: String) -> Plan {
    let LambdaShift { function, alias, current, target } = failed.plan.shift.clone();
    let shift = LambdaShift { function, alias, current: target, target: current };
    let appspec = json!({
        "version": "0.0",
        "Resources": [{ (shift.function.as_str()): {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Name": shift.function, "Alias": shift.alias,
                "CurrentVersion": shift.current, "TargetVersion": shift.target,
            },
        }}],
    });
    Plan {
        id,
        kind: Kind::Rollback,
        revision: super::super::string_revision::string_revision(&appspec.to_string()),
        previous_revision: Some(failed.plan.revision.clone()),
        shift,
        hooks: Hooks::default(),
        description: Some(format!("Automatic rollback of the deployment {}", failed.plan.id)),
        creator: "codeDeployRollback".to_owned(),
        ..failed.plan.clone()
    }
}
