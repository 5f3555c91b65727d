//! Keeping the verdict in Parameter Store: best effort and within its time, because a verdict that is not recorded is still reported.
//!
//! Several calls may judge the same event, one after the other or at once, and come to different verdicts. CodeDeploy takes the first
//! report; the record must be that call's. So a call only creates the record, and replaces one that is there only after its own
//! report was accepted.

use std::future::Future;
use std::sync::Arc;

use tokio::time::timeout;
use tracing::warn;

use super::conclude::Conclusion;
use super::deadline::Deadline;
use super::ports::HookPorts;
use super::record::{Heading, Record};
use super::run::{Hook, Invocation};
use super::settings::HookSettings;
use crate::call::CallError;
use crate::parameters::{CreateParameter as _, PutParameter as _};
use crate::telemetry::Chain;

/// A verdict on its way to its parameter.
pub(super) struct Recording<P> {
    ports: Arc<P>,
    deadline: Deadline,
    deployment: String,
    name: String,
    value: String,
}

impl<P: HookPorts> Recording<P> {
    pub(super) fn new(
        hook: &Hook<P>,
        settings: &HookSettings,
        deployment: &str,
        invocation: &Invocation,
        conclusion: &Conclusion,
    ) -> Self {
        let event = conclusion.evidence.subject.as_ref().map_or(hook.event, |subject| subject.event);
        let heading = Heading { deployment_id: deployment, event, stage: settings.stage, at: invocation.at };
        let mut record = Record::new(heading, &conclusion.verdict, conclusion.status, &conclusion.evidence);
        if conclusion.waits {
            "Waiting".clone_into(&mut record.status);
        }
        Self {
            ports: Arc::clone(&hook.ports),
            deadline: invocation.deadline,
            deployment: deployment.to_owned(),
            name: settings.names.verdict(deployment, event.as_str()),
            value: record.to_parameter(),
        }
    }

    /// Creates the record. It comes back if another call's record is there.
    pub(super) async fn create(self) -> Option<Self> {
        let (ports, name, value) = (Arc::clone(&self.ports), self.name.clone(), self.value.clone());
        let written = self.in_time(async move { ports.parameters().create_parameter(&name, &value).await }).await;
        match written {
            Err(Some(error)) if error.is_already_exists() => Some(self),
            written => {
                self.tell(written);
                None
            }
        }
    }

    /// Writes it in place of any that is there.
    pub(super) async fn replace(self) {
        let (ports, name, value) = (Arc::clone(&self.ports), self.name.clone(), self.value.clone());
        let written = self.in_time(async move { ports.parameters().put_parameter(&name, &value).await }).await;
        self.tell(written);
    }

    /// In a task of its own, so that neither a panic nor a silence of Parameter Store delays the report; `None` for either.
    async fn in_time(
        &self,
        write: impl Future<Output = Result<i64, CallError>> + Send + 'static,
    ) -> Result<i64, Option<CallError>> {
        let task = tokio::spawn(write);
        let stop = task.abort_handle();
        match timeout(self.deadline.recording(), task).await {
            Ok(Ok(written)) => written.map_err(Some),
            Ok(Err(_)) => Err(None),
            Err(_) => {
                stop.abort();
                Err(None)
            }
        }
    }

    fn tell(&self, written: Result<i64, Option<CallError>>) {
        match written {
            Ok(_) => {}
            Err(Some(error)) => {
                warn!(deployment.id = self.deployment, error = %Chain(&error), "verdict not recorded");
            }
            Err(None) => warn!(deployment.id = self.deployment, "verdict not recorded: Parameter Store did not answer"),
        }
    }
}
