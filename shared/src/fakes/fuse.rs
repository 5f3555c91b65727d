//! Failures put in front of any port: the k-th call fails, or everything from it on, as if the process had died there.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::call::CallError;
use crate::deployment_outcomes::{DeploymentOutcome, GetDeploymentOutcome};
use crate::deployments::{FindDeployments, ReadShift, ShiftState, StopDeployment, Stopped, TrafficRouting};
use crate::hook::{
    DeploymentInfo, DeploymentTarget, HookStatus, ReadDeployment, ReportAddress, ReportHookStatus, Reported, Revision,
};
use crate::identity::DeploymentId;
use crate::ledger::{
    Basis, Entry, Gate, Gathering, ReadGathering, ReadLedger, Stored, StoredGathering, WriteGathering, WriteLedger,
    Written,
};
use crate::metrics::{GetMetricData, MetricQuery, Stretch, Values};
use crate::notifications::{Notification, PublishNotification};
use crate::objects::{Content, CreateObject, DownloadObject, GetObject, HeadObject, ObjectLocation, ObjectUrl};
use crate::overrides::{AlarmOverride, ReadOverrides};
use crate::parameters::{Parameter, PutParameter, ReadParameter};
use crate::pipelines::{
    ActionExecution, ExecutionSummary, GetPipelineExecution, ListActionExecutions, ListPipelineExecutions,
    PipelineExecution,
};
use crate::release::{ReadReleases, ReleaseRecord, StageKey, StageState, StoredStage, WriteReleases};
use crate::stacks::{
    ChangeError, ChangeSet, ChangeSetRequest, CreateChangeSet, DeleteChangeSet, DescribeChangeSet, DescribeStack,
    DescribeStackEvents, ExecuteChangeSet, GetTemplate, Stack, StackEvent,
};

/// The way in which a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The call is refused and has no effect.
    Refused,
    /// The call has its effect but its answer is lost.
    AnswerLost,
    /// The process dies before the call: it and every later call fail until [`Fuse::mend`].
    Death,
}

/// Counts the calls of everything it guards and makes one of them fail; clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Fuse {
    state: Arc<Mutex<FuseState>>,
}

#[derive(Debug, Default)]
struct FuseState {
    calls: Vec<&'static str>,
    blows_at: Option<(usize, Failure)>,
    dead: bool,
}

impl Fuse {
    /// Makes the call number `call`, counted from 0 and from the last [`Fuse::mend`], fail.
    pub fn blow_at(&self, call: usize, failure: Failure) {
        self.lock().blows_at = Some((call, failure));
    }

    /// Forgets the calls and lets everything succeed again.
    pub fn mend(&self) {
        *self.lock() = FuseState::default();
    }

    /// The operations called since the last [`Fuse::mend`].
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.lock().calls.clone()
    }

    fn lock(&self) -> MutexGuard<'_, FuseState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, operation: &'static str) -> Option<Failure> {
        let mut state = self.lock();
        let number = state.calls.len();
        state.calls.push(operation);
        if state.dead {
            return Some(Failure::Death);
        }
        let failure = state.blows_at.filter(|(at, _)| *at == number).map(|(_, failure)| failure);
        state.dead = failure == Some(Failure::Death);
        failure
    }

    async fn guard<T, E, F>(&self, operation: &'static str, call: F) -> Result<T, E>
    where
        E: From<CallError>,
        F: Future<Output = Result<T, E>>,
    {
        let lost = || CallError::Unavailable { operation, source: "the fuse has blown".into() };
        // Runs at once take turns, call by call.
        tokio::task::yield_now().await;
        match self.next(operation) {
            None => call.await,
            Some(Failure::AnswerLost) => {
                call.await?;
                Err(lost().into())
            }
            Some(Failure::Refused | Failure::Death) => Err(lost().into()),
        }
    }
}

/// A port behind a fuse.
#[derive(Debug, Clone)]
pub struct Fused<T> {
    inner: T,
    fuse: Fuse,
}

impl<T> Fused<T> {
    /// Puts `fuse` in front of `inner`.
    pub const fn new(inner: T, fuse: Fuse) -> Self {
        Self { inner, fuse }
    }
}

macro_rules! guarded {
    ($($port:ident :: $method:ident ( $($name:ident : $kind:ty),* ) -> $answer:ty, $error:ty, $operation:literal;)*) => {
        $(
            guarded! { $port { $method($($name: $kind),*) -> $answer, $error, $operation; } }
        )*
    };
    ($port:ident { $($method:ident ( $($name:ident : $kind:ty),* ) -> $answer:ty, $error:ty, $operation:literal;)* }) => {
        impl<T: $port + Sync> $port for Fused<T> {
            $(
                async fn $method(&self, $($name: $kind),*) -> Result<$answer, $error> {
                    self.fuse.guard($operation, self.inner.$method($($name),*)).await
                }
            )*
        }
    };
}

guarded! {
    ReportHookStatus::report_hook_status(address: &ReportAddress, status: HookStatus) -> Reported, CallError,
        "PutLifecycleEventHookExecutionStatus";
    ReadParameter::read_parameter(name: &str) -> Parameter, CallError, "GetParameter";
    PutParameter::put_parameter(name: &str, value: &str) -> i64, CallError, "PutParameter";
    GetObject::get_object(location: &ObjectLocation) -> Vec<u8>, CallError, "GetObject";
    HeadObject::object_exists(location: &ObjectLocation) -> bool, CallError, "HeadObject";
    DownloadObject::download_object(location: &ObjectLocation, sink: &mut (dyn Write + Send)) -> (), CallError, "GetObject (download)";
    CreateObject::create_object(location: &ObjectLocation, content: Content, kind: &str) -> (), CallError, "PutObject";
    GetPipelineExecution::get_pipeline_execution(pipeline: &str, execution_id: &str) -> PipelineExecution, CallError, "GetPipelineExecution";
    ListActionExecutions::list_action_executions(pipeline: &str, execution_id: &str) -> Vec<ActionExecution>, CallError, "ListActionExecutions";
    ListPipelineExecutions::list_pipeline_executions(pipeline: &str, most: usize) -> Vec<ExecutionSummary>, CallError, "ListPipelineExecutions";
    ReadReleases::read_stage(stage: &StageKey, releases: &[String]) -> StoredStage, CallError, "BatchGetItem";
    WriteReleases::write_stage(stage: &StageKey, revision: u64, state: &StageState, records: &[&ReleaseRecord]) -> Written, CallError, "TransactWriteItems";
    PublishNotification::publish(topic_arn: &str, notification: &Notification) -> (), CallError, "Publish";
    GetDeploymentOutcome::get_deployment_outcome(deployment: &DeploymentId) -> DeploymentOutcome, CallError, "GetDeployment";
    StopDeployment::stop_deployment(id: &DeploymentId) -> Stopped, CallError, "StopDeployment";
    GetMetricData::get_metric_data(queries: &[MetricQuery], stretch: Stretch) -> Vec<Values>, CallError, "GetMetricData";
    ReadOverrides::list_overrides() -> Vec<AlarmOverride>, CallError, "Query";
    WriteLedger::write_entry(entry: &Entry, basis: Basis) -> Written, CallError, "PutItem";
    ReadGathering::read_gathering(stack: &str) -> Option<StoredGathering>, CallError, "GetItem (gathering)";
    WriteGathering::write_gathering(gathering: &Gathering, basis: Basis) -> Written, CallError, "PutItem (gathering)";
    DescribeStack::describe_stack(stack: &str) -> Option<Stack>, CallError, "DescribeStacks";
    DescribeStackEvents::describe_stack_events(stack: &str, token: &str) -> Vec<StackEvent>, CallError, "DescribeStackEvents";
    CreateChangeSet::create_change_set(request: &ChangeSetRequest) -> String, ChangeError, "CreateChangeSet";
    DescribeChangeSet::describe_change_set(stack: &str, name: &str) -> Option<ChangeSet>, CallError, "DescribeChangeSet";
    GetTemplate::get_processed_template(stack: &str, name: &str) -> String, CallError, "GetTemplate";
    ExecuteChangeSet::execute_change_set(stack: &str, name: &str, token: &str) -> (), ChangeError, "ExecuteChangeSet";
    DeleteChangeSet::delete_change_set(stack: &str, name: &str) -> (), ChangeError, "DeleteChangeSet";
}

guarded! {
    FindDeployments {
        list_groups(application: &str) -> Vec<String>, CallError, "ListDeploymentGroups";
        list_deployments(application: &str, group: &str, statuses: &[&str], since: Timestamp) -> Vec<DeploymentId>, CallError, "ListDeployments";
    }
}

guarded! {
    ReadShift {
        read_shift(id: &DeploymentId) -> ShiftState, CallError, "GetDeployment";
        read_routing(config: &str) -> TrafficRouting, CallError, "GetDeploymentConfig";
    }
}

guarded! {
    ReadLedger {
        read_entry(deployment: &str, gate: Gate) -> Option<Stored>, CallError, "GetItem";
        list_entries(deployment: &str) -> Vec<Stored>, CallError, "Query";
    }
}

guarded! {
    ReadDeployment {
        read_deployment(id: &DeploymentId) -> DeploymentInfo, CallError, "GetDeployment";
        read_targets(id: &DeploymentId) -> Vec<DeploymentTarget>, CallError, "BatchGetDeploymentTargets";
        read_revision(application: &str, revision: &Revision) -> Option<String>, CallError, "GetApplicationRevision";
    }
}

impl<T: ObjectUrl> ObjectUrl for Fused<T> {
    fn object_url(&self, location: &ObjectLocation) -> String {
        self.inner.object_url(location)
    }
}
