//! Keeping the verdict in the ledger: best effort and within its time, because a verdict that is not recorded is still reported.
//!
//! Several calls may judge the same event, one after the other or at once, and come to different verdicts. CodeDeploy takes the first
//! report; the entry must be that call's. So a call only writes an entry where there is none, and replaces one that is there only after
//! its own report was accepted.

use std::future::Future;
use std::sync::Arc;

use tokio::time::timeout;
use tracing::warn;

use super::conclude::Conclusion;
use super::deadline::Deadline;
use super::ports::HookPorts;
use super::record::entry;
use super::run::{Hook, Invocation};
use super::settings::HookSettings;
use crate::call::CallError;
use crate::ledger::{Basis, Entry, ReadLedger, WriteLedger, Written};
use crate::telemetry::Chain;

/// A verdict on its way to the ledger.
pub(super) struct Recording<P> {
    ports: Arc<P>,
    deadline: Deadline,
    entry: Entry,
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
        Self {
            ports: Arc::clone(&hook.ports),
            deadline: invocation.deadline,
            entry: entry(deployment, event, conclusion, (&settings.stage, invocation.at)),
        }
    }

    /// Writes the entry if there is none. The recording comes back if another call's entry is there.
    pub(super) async fn create(self) -> Option<Self> {
        let (ports, entry) = (Arc::clone(&self.ports), self.entry.clone());
        let writing = async move {
            match ports.ledger() {
                Some(ledger) => ledger.write_entry(&entry, Basis::Nothing).await,
                None => Ok(Written::Kept(0)),
            }
        };
        match self.in_time(writing).await {
            Some(Written::Lost) => Some(self),
            _ => None,
        }
    }

    /// Writes it in place of any that is there, but for one by which the deployment is stopped.
    pub(super) async fn replace(self) {
        let own = self.entry.clone();
        self.rewrite(move |kept| match kept {
            Some(kept) if kept.stops => None,
            _ => Some(own.clone()),
        })
        .await;
    }

    /// Adds its checks to the entry by which another call has answered in its place meanwhile.
    pub(super) async fn add_checks(self) {
        let checks = self.entry.checks.clone();
        self.rewrite(move |kept| {
            let kept = kept.filter(|kept| kept.checks.is_empty())?;
            Some(Entry { checks: checks.clone(), ..kept })
        })
        .await;
    }

    async fn rewrite(&self, change: impl Fn(Option<Entry>) -> Option<Entry> + Send + Sync + 'static) {
        let (ports, entry) = (Arc::clone(&self.ports), self.entry.clone());
        self.in_time(async move {
            match ports.ledger() {
                Some(ledger) => rewrite(ledger, &entry, change).await.map(|()| Written::Kept(0)),
                None => Ok(Written::Kept(0)),
            }
        })
        .await;
    }

    /// In a task of its own, so that neither a panic nor a silence of the ledger delays the report; `None` for either, and for an error.
    async fn in_time(
        &self,
        write: impl Future<Output = Result<Written, CallError>> + Send + 'static,
    ) -> Option<Written> {
        let task = tokio::spawn(write);
        let stop = task.abort_handle();
        let deployment = &self.entry.deployment_id;
        match timeout(self.deadline.recording(), task).await {
            Ok(Ok(Ok(written))) => return Some(written),
            Ok(Ok(Err(error))) => warn!(deployment.id = deployment, error = %Chain(&error), "verdict not recorded"),
            Ok(Err(_)) => warn!(deployment.id = deployment, "verdict not recorded: its recording panicked"),
            Err(_) => {
                stop.abort();
                warn!(deployment.id = deployment, "verdict not recorded: the ledger did not answer");
            }
        }
        None
    }
}

/// Changes the kept entry about the same deployment and gate, until nobody else has written at the same time. No change, no write.
///
/// # Errors
/// A call failed.
pub(super) async fn rewrite<L: ReadLedger + WriteLedger + Sync>(
    ledger: &L,
    about: &Entry,
    change: impl Fn(Option<Entry>) -> Option<Entry> + Sync,
) -> Result<(), CallError> {
    loop {
        let kept = ledger.read_entry(&about.deployment_id, about.gate).await?;
        let basis = kept.as_ref().map_or(Basis::Nothing, |kept| Basis::Revision(kept.revision));
        let Some(changed) = change(kept.map(|kept| kept.entry)) else { return Ok(()) };
        if ledger.write_entry(&changed, basis).await? != Written::Lost {
            return Ok(());
        }
    }
}
