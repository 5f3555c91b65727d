//! One build as it is asked about: plan, record, and what it has made so far.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::core::{AwsEvent, Hub};

use super::plan::Plan;
use super::record::{Context, Record, Status, event_date};

/// A build that was started.
pub struct Build {
    /// `<project>:<uuid>`.
    pub id: String,
    /// What it is to do.
    pub plan: Plan,
    /// Set to end it.
    pub stop: watch::Sender<bool>,
    state: Mutex<State>,
}

/// What changes in the course of a build.
#[derive(Debug)]
pub struct State {
    /// Its phases.
    pub record: Record,
    /// The primary artifact, once uploaded.
    pub artifact: Option<Value>,
    /// Further artifacts, once uploaded.
    pub secondary_artifacts: Vec<Value>,
    /// The exported variables at the end.
    pub exported: Vec<(String, String)>,
    /// The commit that was built.
    pub resolved_version: Option<String>,
}

impl Build {
    /// A build that was just asked for.
    pub fn new(hub: &Hub, plan: Plan) -> Arc<Self> {
        let state = State {
            record: Record::new(hub.now()),
            artifact: None,
            secondary_artifacts: Vec::new(),
            exported: Vec::new(),
            resolved_version: plan.resolved_version.clone(),
        };
        let id = format!("{}:{}", plan.project, hub.ids.uuid());
        Arc::new(Self { id, plan, stop: watch::Sender::new(false), state: Mutex::new(state) })
    }

    /// The part of the id after the project: also the log stream.
    pub fn uuid(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or_default()
    }

    /// `arn:aws:codebuild:<region>:<account>:build/<id>`.
    pub fn arn(&self, hub: &Hub) -> String {
        hub.arn("codebuild", &format!("build/{}", self.id))
    }

    /// Its state, locked.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A phase begins.
    pub fn begin(&self, hub: &Hub, phase_type: &'static str) {
        self.state().record.begin(phase_type, hub.now());
    }

    /// The current phase is over; its event is published.
    pub async fn end(&self, hub: &Hub, status: Status, context: Context) {
        self.state().record.end(status, context, hub.now());
        let detail = {
            let state = self.state();
            let Some((phase, status, context)) = state.record.last_ended() else { return };
            let mut detail = self.event_detail(hub, &state);
            detail["completed-phase"] = json!(phase);
            detail["completed-phase-status"] = json!(status.name());
            detail["completed-phase-context"] = json!(context);
            detail
        };
        self.publish(hub, "CodeBuild Build Phase Change", detail).await;
    }

    /// Publishes the build's status.
    pub async fn tell_status(&self, hub: &Hub) {
        let detail = {
            let state = self.state();
            let mut detail = self.event_detail(hub, &state);
            detail["build-status"] = json!(state.record.shown_status().name());
            detail["current-phase"] = json!(state.record.current_phase());
            detail["current-phase-context"] = json!("[]");
            detail
        };
        self.publish(hub, "CodeBuild Build State Change", detail).await;
    }

    async fn publish(&self, hub: &Hub, detail_type: &str, detail: Value) {
        let (detail_type, resources) = (detail_type.to_owned(), vec![self.arn(hub)]);
        hub.publish(AwsEvent { source: "aws.codebuild", detail_type, resources, detail }).await;
    }

    fn event_detail(&self, hub: &Hub, state: &State) -> Value {
        let environment = &self.plan.shown["environment"];
        let source = &self.plan.shown["source"];
        json!({
            "project-name": self.plan.project,
            "build-id": self.arn(hub),
            "version": "1",
            "additional-information": {
                "artifact": state.artifact.clone().unwrap_or_else(|| json!({ "location": "" })),
                "environment": {
                    "image": environment["image"], "compute-type": environment["computeType"],
                    "type": environment["type"], "privileged-mode": false,
                    "environment-variables": environment["environmentVariables"],
                },
                "timeout-in-minutes": self.plan.timeout_minutes,
                "build-complete": state.record.is_complete(),
                "initiator": self.plan.initiator,
                "build-start-time": event_date(state.record.started),
                "source": { "location": source["location"], "type": source["type"] },
                "logs": { "group-name": self.plan.log_group, "stream-name": self.uuid() },
                "phases": state.record.event_phases(),
            },
        })
    }

    /// `build` of the API.
    pub fn describe(&self, hub: &Hub) -> Value {
        let state = self.state();
        let mut shown = self.plan.shown.clone();
        let variables: Vec<Value> =
            state.exported.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let members = json!({
            "id": self.id, "arn": self.arn(hub), "buildNumber": self.plan.number, "projectName": self.plan.project,
            "startTime": state.record.started.epoch_seconds(), "buildComplete": state.record.is_complete(),
            "buildStatus": state.record.shown_status().name(), "currentPhase": state.record.current_phase(),
            "phases": state.record.phases(), "initiator": self.plan.initiator,
            "endTime": state.record.ended.map(|ended| ended.epoch_seconds()),
            "sourceVersion": self.plan.source_version, "resolvedSourceVersion": state.resolved_version,
            "artifacts": state.artifact, "secondaryArtifacts": state.secondary_artifacts,
            "exportedEnvironmentVariables": variables,
            "logs": {
                "groupName": self.plan.log_group, "streamName": self.uuid(),
                "cloudWatchLogs": { "status": "ENABLED", "groupName": self.plan.log_group },
            },
        });
        if let (Some(shown), Value::Object(members)) = (shown.as_object_mut(), members) {
            shown.extend(members);
            shown.retain(|_, value| !value.is_null());
        }
        shown
    }
}
