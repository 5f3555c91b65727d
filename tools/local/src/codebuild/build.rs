//! One build as it is asked about: plan, record, and what it has made so far.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::plan::Plan;
use super::principal::CODEBUILD;
use super::record::{Context, Record, Status, event_date};
use crate::core::{AwsEvent, Caller, Hub};

/// A build that was started.
pub struct Build {
    /// `<project>:<uuid>`.
    pub id: String,
    /// The settings of this build.
    pub plan: Plan,
    /// The sender that ends the build with `true`.
    pub stop: watch::Sender<bool>,
    /// The session in which it acts, once its role is assumed.
    pub role: OnceLock<Caller>,
    state: Mutex<State>,
}

/// The part of a build that changes in its course.
#[derive(Debug)]
pub struct State {
    /// The phases that have begun, and the status that follows from them.
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
    /// A build that was just asked for: submitted, and in the queue.
    pub fn new(hub: &Hub, plan: Plan) -> Arc<Self> {
        let mut record = Record::new(hub.now());
        record.begin("SUBMITTED", hub.now());
        record.end(Status::Succeeded, Context::default(), hub.now());
        record.begin("QUEUED", hub.now());
        let state = State {
            record,
            artifact: None,
            secondary_artifacts: Vec::new(),
            exported: Vec::new(),
            resolved_version: plan.resolved_version.clone(),
        };
        let id = format!("{}:{}", plan.project, hub.ids.uuid());
        Arc::new(Self { id, plan, stop: watch::Sender::new(false), role: OnceLock::new(), state: Mutex::new(state) })
    }

    /// The caller as which it acts; before its role is assumed that is nobody but CodeBuild.
    pub fn caller(&self) -> Caller {
        self.role.get().cloned().unwrap_or_else(|| Caller::service(CODEBUILD))
    }

    /// The part of the id after the project: also the end of the log stream's name.
    pub fn uuid(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or_default()
    }

    /// The log stream's name.
    pub fn log_stream(&self) -> String {
        let uuid = self.uuid();
        self.plan.logs.stream.as_ref().map_or_else(|| uuid.to_owned(), |prefix| format!("{prefix}/{uuid}"))
    }

    /// `arn:aws:codebuild:<region>:<account>:build/<id>`.
    pub fn arn(&self, hub: &Hub) -> String {
        hub.arn("codebuild", &format!("build/{}", self.id))
    }

    /// Its state, locked.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a phase begins. `phase_type` is the API's name of it, such as `BUILD`.
    pub fn begin(&self, hub: &Hub, phase_type: &'static str) {
        self.state().record.begin(phase_type, hub.now());
    }

    /// The current phase is over; its event is published.
    pub async fn end(&self, hub: &Hub, status: Status, context: Context) {
        self.state().record.end(status, context, hub.now());
        self.tell_phase(hub).await;
    }

    /// Publishes the end of the phase that ended last.
    pub async fn tell_phase(&self, hub: &Hub) {
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
            let phase = if state.record.is_complete() { "COMPLETED" } else { "SUBMITTED" };
            detail["current-phase"] = json!(phase);
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
                "logs": { "group-name": self.plan.logs.group, "stream-name": self.log_stream() },
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
            "artifacts": state.artifact.clone().unwrap_or_else(|| json!({ "location": "" })),
            "secondaryArtifacts": state.secondary_artifacts,
            "exportedEnvironmentVariables": variables,
            "logs": self.logs(hub),
        });
        if let (Some(shown), Value::Object(members)) = (shown.as_object_mut(), members) {
            shown.extend(members);
            shown.retain(|_, value| !value.is_null());
        }
        shown
    }

    fn logs(&self, hub: &Hub) -> Value {
        let (logs, stream) = (&self.plan.logs, self.log_stream());
        let nothing = json!({ "status": "DISABLED", "encryptionDisabled": false });
        if !logs.enabled {
            return json!({ "cloudWatchLogs": { "status": "DISABLED" }, "s3Logs": nothing });
        }
        let (group, region) = (&logs.group, &hub.identity.region);
        let mut config = json!({ "status": "ENABLED", "groupName": group });
        if let Some(prefix) = &logs.stream {
            config["streamName"] = json!(prefix);
        }
        json!({
            "groupName": group, "streamName": stream, "cloudWatchLogs": config, "s3Logs": nothing,
            "cloudWatchLogsArn": hub.arn("logs", &format!("log-group:{group}:log-stream:{stream}")),
            "deepLink": format!(
                "https://console.aws.amazon.com/cloudwatch/home?region={region}#logEvent:group={group};stream={stream}"
            ),
        })
    }
}
