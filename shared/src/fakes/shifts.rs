//! CodeDeploy in memory, as somebody watches it: deployments that shift and can be stopped.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::call::CallError;
use crate::deployments::{FindDeployments, ReadShift, ShiftState, StopDeployment, Stopped, TrafficRouting};
use crate::hook::{
    DeploymentInfo, DeploymentTarget, HookStatus, LifecycleEvent, ReadDeployment, ReportAddress, ReportHookStatus,
    Reported, Revision, RevisionKind, Shift,
};
use crate::identity::DeploymentId;

/// Shifts by their deployments; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Shifts {
    states: Arc<Mutex<BTreeMap<String, ShiftState>>>,
    routings: Arc<Mutex<BTreeMap<String, TrafficRouting>>>,
    app_spec: Arc<Mutex<String>>,
    reports: Arc<Mutex<Vec<(String, HookStatus)>>>,
}

impl Shifts {
    /// A deployment of `function` behind `live` from version 1 to version 2, by a configuration that routes so, as CloudFormation
    /// makes it; its traffic began to shift at `began`.
    pub fn begin(&self, id: &str, function: &str, routing: TrafficRouting, began: Timestamp) {
        let config = format!("config-of-{id}");
        lock(&self.routings).insert(config.clone(), routing);
        let version = |number: &str| number.parse().ok();
        let shift = function.parse().ok().zip(version("2")).map(|(function, target_version)| Shift {
            function,
            alias: "live".into(),
            current_version: version("1"),
            target_version,
        });
        let state = ShiftState {
            application: "app".into(),
            group: "group".into(),
            shift,
            undoes: false,
            status: "InProgress".into(),
            creator: "CloudFormation".into(),
            config,
            began: Some(began),
            ended: None,
            called: None,
        };
        lock(&self.states).insert(id.to_owned(), state);
    }

    /// Changes a deployment's state.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut ShiftState)) {
        if let Some(state) = lock(&self.states).get_mut(id) {
            change(state);
        }
    }

    /// A deployment's hook for an event has been called at that time, and has not answered. The AppSpec names it.
    pub fn call_hook(&self, id: &str, event: LifecycleEvent, hook: &str, since: Timestamp) {
        *lock(&self.app_spec) = format!("{{\"Hooks\": [{{\"{event}\": \"{hook}\"}}]}}");
        self.change(id, |state| state.called = Some((event, since)));
    }

    /// The answers that were given for hooks, by their deployments.
    #[must_use]
    pub fn reports(&self) -> Vec<(String, HookStatus)> {
        lock(&self.reports).clone()
    }

    /// The status of a deployment; empty if there is none.
    #[must_use]
    pub fn status(&self, id: &str) -> String {
        lock(&self.states).get(id).map(|state| state.status.clone()).unwrap_or_default()
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn missing(operation: &'static str) -> CallError {
    CallError::NotFound { operation, source: "DoesNotExistException".into() }
}

impl FindDeployments for Shifts {
    async fn list_groups(&self, application: &str) -> Result<Vec<String>, CallError> {
        if application == "app" { Ok(vec!["group".into()]) } else { Err(missing("ListDeploymentGroups")) }
    }

    async fn list_deployments(
        &self,
        _application: &str,
        _group: &str,
        statuses: &[&str],
        since: Timestamp,
    ) -> Result<Vec<DeploymentId>, CallError> {
        let states = lock(&self.states);
        let asked = states.iter().filter(|(_, state)| {
            statuses.contains(&state.status.as_str()) && state.began.is_none_or(|began| began >= since)
        });
        Ok(asked.filter_map(|(id, _)| id.parse().ok()).collect())
    }
}

impl ReadShift for Shifts {
    async fn read_shift(&self, id: &DeploymentId) -> Result<ShiftState, CallError> {
        lock(&self.states).get(id.as_str()).cloned().ok_or_else(|| missing("GetDeployment"))
    }

    async fn read_routing(&self, config: &str) -> Result<TrafficRouting, CallError> {
        lock(&self.routings).get(config).copied().ok_or_else(|| missing("GetDeploymentConfig"))
    }
}

impl StopDeployment for Shifts {
    async fn stop_deployment(&self, id: &DeploymentId) -> Result<Stopped, CallError> {
        let mut states = lock(&self.states);
        let state = states.get_mut(id.as_str()).ok_or_else(|| missing("StopDeployment"))?;
        if !state.is_active() {
            return Ok(Stopped::AlreadyOver);
        }
        state.status = "Stopped".into();
        Ok(Stopped::Accepted)
    }
}

impl ReportHookStatus for Shifts {
    async fn report_hook_status(&self, address: &ReportAddress, status: HookStatus) -> Result<Reported, CallError> {
        lock(&self.reports).push((address.deployment_id.clone(), status));
        self.change(&address.deployment_id, |state| state.called = None);
        Ok(Reported::Accepted)
    }
}

impl ReadDeployment for Shifts {
    async fn read_deployment(&self, id: &DeploymentId) -> Result<DeploymentInfo, CallError> {
        let state = self.read_shift(id).await?;
        let revision = Revision::Text { kind: RevisionKind::String, content: None, sha256: Some("0".into()) };
        Ok(DeploymentInfo {
            application: state.application,
            group: state.group,
            revision: Some(revision),
            creator: Some(state.creator),
            ..DeploymentInfo::default()
        })
    }

    async fn read_targets(&self, _id: &DeploymentId) -> Result<Vec<DeploymentTarget>, CallError> {
        Ok(Vec::new())
    }

    async fn read_revision(&self, _application: &str, _revision: &Revision) -> Result<Option<String>, CallError> {
        Ok(Some(lock(&self.app_spec).clone()))
    }
}
