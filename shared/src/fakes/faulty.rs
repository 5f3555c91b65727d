//! Makes chosen operations of any fake go wrong.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::call::CallError;
use crate::hook::{
    Answer, CallPublicUrl, DeploymentInfo, DeploymentTarget, HookStatus, InvokeVersion, PublicAnswer, PublicRequest,
    ReadDeployment, ReadGroupAlarms, ReportAddress, ReportHookStatus, Reported, Revision,
};
use crate::identity::{DeploymentId, FunctionName, FunctionVersion};
use crate::ledger::{
    Basis, Entry, Gate, Gathering, ReadGathering, ReadLedger, Stored, StoredGathering, WriteGathering, WriteLedger,
    Written,
};
use crate::overrides::{AlarmOverride, ReadOverrides};
use crate::parameters::{Parameter, PutParameter, ReadParameter};

/// The way in which one call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The role may not.
    Denied,
    /// There were too many calls.
    Throttled,
    /// There is no connection.
    Unavailable,
    /// Something that was not provided for.
    Unexpected,
    /// The call takes effect, but its answer is lost.
    AnswerLost,
    /// It succeeds, this much later.
    Slow(Duration),
    /// No answer ever comes.
    Hangs,
    /// The adapter has a bug.
    Panics,
    /// Nothing goes wrong with this one.
    None,
}

/// A world in which some calls go wrong, by AWS operation, in the order given.
#[derive(Debug, Clone, Default)]
pub struct Faulty<T> {
    inner: T,
    faults: Arc<Mutex<BTreeMap<&'static str, VecDeque<Fault>>>>,
}

impl<T> Faulty<T> {
    /// Nothing goes wrong yet.
    #[must_use]
    pub fn new(inner: T) -> Self {
        Self { inner, faults: Arc::default() }
    }

    /// The next calls of `operation` go wrong like this, one after the other; later ones succeed.
    #[must_use]
    pub fn failing(self, operation: &'static str, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).entry(operation).or_default().extend(faults);
        self
    }

    async fn call<R>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<R, CallError>> + Send,
    ) -> Result<R, CallError> {
        let fault = {
            let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            faults.get_mut(operation).and_then(VecDeque::pop_front).unwrap_or(Fault::None)
        };
        let source = || format!("{fault:?}").into();
        match fault {
            Fault::None => call.await,
            Fault::Denied => Err(CallError::Denied { operation, source: source() }),
            Fault::Throttled => Err(CallError::Throttled { operation, source: source() }),
            Fault::Unavailable => Err(CallError::Unavailable { operation, source: source() }),
            Fault::Unexpected => Err(CallError::Unexpected { operation, source: source() }),
            Fault::AnswerLost => {
                call.await?;
                Err(CallError::Unavailable { operation, source: source() })
            }
            Fault::Slow(delay) => {
                tokio::time::sleep(delay).await;
                call.await
            }
            Fault::Hangs => pending().await,
            // Without the panic hook, which would print a stack for each of thousands.
            Fault::Panics => std::panic::resume_unwind(Box::new(operation)),
        }
    }
}

impl<T: ReportHookStatus + Sync> ReportHookStatus for Faulty<T> {
    async fn report_hook_status(&self, address: &ReportAddress, status: HookStatus) -> Result<Reported, CallError> {
        self.call("PutLifecycleEventHookExecutionStatus", self.inner.report_hook_status(address, status)).await
    }
}

impl<T: ReadDeployment + Sync> ReadDeployment for Faulty<T> {
    async fn read_deployment(&self, id: &DeploymentId) -> Result<DeploymentInfo, CallError> {
        self.call("GetDeployment", self.inner.read_deployment(id)).await
    }

    async fn read_targets(&self, id: &DeploymentId) -> Result<Vec<DeploymentTarget>, CallError> {
        self.call("ListDeploymentTargets", self.inner.read_targets(id)).await
    }

    async fn read_revision(&self, application: &str, revision: &Revision) -> Result<Option<String>, CallError> {
        self.call("GetApplicationRevision", self.inner.read_revision(application, revision)).await
    }
}

impl<T: ReadGroupAlarms + Sync> ReadGroupAlarms for Faulty<T> {
    async fn read_group_alarms(&self, application: &str, group: &str) -> Result<Vec<String>, CallError> {
        self.call("GetDeploymentGroup", self.inner.read_group_alarms(application, group)).await
    }
}

impl<T: InvokeVersion + Sync> InvokeVersion for Faulty<T> {
    async fn invoke_version(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
        event: &Value,
    ) -> Result<Answer, CallError> {
        self.call("Invoke", self.inner.invoke_version(function, version, event)).await
    }
}

impl<T: CallPublicUrl + Sync> CallPublicUrl for Faulty<T> {
    async fn call_public_url(&self, request: &PublicRequest) -> Result<PublicAnswer, CallError> {
        self.call("public request", self.inner.call_public_url(request)).await
    }
}

impl<T: ReadParameter + Sync> ReadParameter for Faulty<T> {
    async fn read_parameter(&self, name: &str) -> Result<Parameter, CallError> {
        self.call("GetParameter", self.inner.read_parameter(name)).await
    }
}

impl<T: PutParameter + Sync> PutParameter for Faulty<T> {
    async fn put_parameter(&self, name: &str, value: &str) -> Result<i64, CallError> {
        self.call("PutParameter", self.inner.put_parameter(name, value)).await
    }
}

impl<T: ReadGathering + Sync> ReadGathering for Faulty<T> {
    async fn read_gathering(&self, stack: &str) -> Result<Option<StoredGathering>, CallError> {
        self.call("GetItem", self.inner.read_gathering(stack)).await
    }
}

impl<T: WriteGathering + Sync> WriteGathering for Faulty<T> {
    async fn write_gathering(&self, gathering: &Gathering, basis: Basis) -> Result<Written, CallError> {
        self.call("PutItem", self.inner.write_gathering(gathering, basis)).await
    }
}

impl<T: WriteLedger + Sync> WriteLedger for Faulty<T> {
    async fn write_entry(&self, entry: &Entry, basis: Basis) -> Result<Written, CallError> {
        self.call("PutItem", self.inner.write_entry(entry, basis)).await
    }
}

impl<T: ReadLedger + Sync> ReadLedger for Faulty<T> {
    async fn read_entry(&self, deployment: &str, gate: Gate) -> Result<Option<Stored>, CallError> {
        self.call("GetItem", self.inner.read_entry(deployment, gate)).await
    }

    async fn list_entries(&self, deployment: &str) -> Result<Vec<Stored>, CallError> {
        self.call("Query", self.inner.list_entries(deployment)).await
    }
}

impl<T: ReadOverrides + Sync> ReadOverrides for Faulty<T> {
    async fn list_overrides(&self) -> Result<Vec<AlarmOverride>, CallError> {
        self.call("Query", self.inner.list_overrides()).await
    }
}
