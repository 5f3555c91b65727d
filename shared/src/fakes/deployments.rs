//! CodeDeploy in memory: deployments, their targets, and who answered for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::hook::{
    DeploymentInfo, DeploymentTarget, HookStatus, LambdaTarget, LifecycleEvent, Progress, ReadDeployment,
    ReadGroupAlarms, ReportAddress, ReportHookStatus, Reported, Revision,
};
use crate::identity::DeploymentId;

#[derive(Debug, Clone)]
struct Deployment {
    info: DeploymentInfo,
    targets: Vec<DeploymentTarget>,
    app_spec: Option<String>,
    /// The hook executions that may answer, each with its lifecycle event.
    executions: BTreeMap<String, LifecycleEvent>,
    reports: Vec<(LifecycleEvent, HookStatus)>,
    alarms: Vec<String>,
}

/// CodeDeploy in memory; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    deployments: Arc<Mutex<BTreeMap<String, Deployment>>>,
}

impl Deployments {
    /// A deployment of `function` behind `live` from version 1 to version 2.
    pub fn begin(&self, id: &str, function: &str) {
        let target = LambdaTarget {
            function: Some(function.to_owned()),
            alias: Some("live".to_owned()),
            current_version: Some("1".to_owned()),
            target_version: Some("2".to_owned()),
            events: vec![
                (LifecycleEvent::BeforeAllowTraffic, Progress::Pending),
                (LifecycleEvent::AfterAllowTraffic, Progress::Pending),
            ],
        };
        let info = DeploymentInfo {
            application: "app".to_owned(),
            group: "group".to_owned(),
            compute_platform: Some("Lambda".to_owned()),
            ..DeploymentInfo::default()
        };
        let deployment = Deployment {
            info,
            targets: vec![target.into()],
            app_spec: None,
            executions: BTreeMap::new(),
            reports: Vec::new(),
            alarms: Vec::new(),
        };
        self.lock().insert(id.to_owned(), deployment);
    }

    /// Begins a lifecycle event: its hook is called with `execution_id`.
    pub fn call_hook(&self, id: &str, event: LifecycleEvent, execution_id: &str) {
        self.change(id, |deployment| {
            deployment.executions.insert(execution_id.to_owned(), event);
            deployment.progress(event, Progress::InProgress);
        });
    }

    /// Replaces what the targets say.
    pub fn set_targets(&self, id: &str, targets: impl IntoIterator<Item = impl Into<DeploymentTarget>>) {
        self.change(id, |deployment| deployment.targets = targets.into_iter().map(Into::into).collect());
    }

    /// Replaces what the deployment says of itself.
    pub fn set_info(&self, id: &str, info: DeploymentInfo) {
        self.change(id, |deployment| deployment.info = info);
    }

    /// Makes the deployment one that undoes another.
    pub fn roll_back(&self, id: &str) {
        self.change(id, |deployment| deployment.info.creator = Some("codeDeployRollback".to_owned()));
    }

    /// The alarms that the deployment's group watches.
    pub fn set_group_alarms(&self, id: &str, names: &[&str]) {
        self.change(id, |deployment| deployment.alarms = names.iter().map(|name| (*name).to_owned()).collect());
    }

    /// The AppSpec that `GetApplicationRevision` answers with.
    pub fn set_app_spec(&self, id: &str, content: &str) {
        self.change(id, |deployment| deployment.app_spec = Some(content.to_owned()));
    }

    /// The reports that were accepted, in order.
    #[must_use]
    pub fn reports(&self, id: &str) -> Vec<(LifecycleEvent, HookStatus)> {
        self.lock().get(id).map(|deployment| deployment.reports.clone()).unwrap_or_default()
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Deployment)) {
        if let Some(deployment) = self.lock().get_mut(id) {
            change(deployment);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Deployment>> {
        self.deployments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        operation: &'static str,
        id: &str,
        read: impl FnOnce(&mut Deployment) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let mut deployments = self.lock();
        let deployment = deployments.get_mut(id);
        read(
            deployment
                .ok_or_else(|| CallError::NotFound { operation, source: "DeploymentDoesNotExistException".into() })?,
        )
    }
}

impl Deployment {
    fn progress(&mut self, event: LifecycleEvent, progress: Progress) {
        let events = self.targets.iter_mut().flat_map(|target| match target {
            DeploymentTarget::Lambda(target) => &mut target.events,
            DeploymentTarget::Ecs(target) => &mut target.events,
        });
        events.filter(|(each, _)| *each == event).for_each(|(_, now)| *now = progress);
    }
}

impl ReportHookStatus for Deployments {
    async fn report_hook_status(&self, address: &ReportAddress, status: HookStatus) -> Result<Reported, CallError> {
        const OPERATION: &str = "PutLifecycleEventHookExecutionStatus";
        self.with(OPERATION, &address.deployment_id, |deployment| {
            let Some(event) = deployment.executions.get(address.execution_id.as_str()).copied() else {
                let source = "InvalidLifecycleEventHookExecutionIdException".into();
                return Err(CallError::Unexpected { operation: OPERATION, source });
            };
            if deployment.reports.iter().any(|(reported, _)| *reported == event) {
                return Ok(Reported::AlreadyCompleted);
            }
            deployment.reports.push((event, status));
            deployment.progress(event, Progress::Finished);
            Ok(Reported::Accepted)
        })
    }
}

impl ReadGroupAlarms for Deployments {
    async fn read_group_alarms(&self, _application: &str, group: &str) -> Result<Vec<String>, CallError> {
        let deployments = self.lock();
        let of_group = deployments.values().find(|deployment| deployment.info.group == group);
        Ok(of_group.map(|deployment| deployment.alarms.clone()).unwrap_or_default())
    }
}

impl ReadDeployment for Deployments {
    async fn read_deployment(&self, id: &DeploymentId) -> Result<DeploymentInfo, CallError> {
        self.with("GetDeployment", id.as_str(), |deployment| Ok(deployment.info.clone()))
    }

    async fn read_targets(&self, id: &DeploymentId) -> Result<Vec<DeploymentTarget>, CallError> {
        self.with("ListDeploymentTargets", id.as_str(), |deployment| Ok(deployment.targets.clone()))
    }

    async fn read_revision(&self, application: &str, _: &Revision) -> Result<Option<String>, CallError> {
        let deployments = self.lock();
        let found = deployments.values().find(|deployment| deployment.info.application == application);
        let found = found.ok_or_else(|| CallError::NotFound {
            operation: "GetApplicationRevision",
            source: "ApplicationDoesNotExistException".into(),
        })?;
        Ok(found.app_spec.clone())
    }
}
