//! The ports of a hook: each trait names the AWS operations, and so the permissions, that it stands for.

use std::collections::BTreeSet;
use std::future::Future;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::deployment::{DeploymentInfo, DeploymentTarget, Revision};
use super::event::ReportAddress;
use super::policy::HookStatus;
use crate::call::CallError;
use crate::identity::{DeploymentId, FunctionName, FunctionVersion};
use crate::ledger::{ReadGathering, ReadLedger, WriteGathering, WriteLedger};
use crate::objects::{GetObject, GetObjectVersion};
use crate::overrides::ReadOverrides;
use crate::parameters::ReadParameter;
use crate::suite::{Method, Tls};

/// CodeDeploy's answer to a report. Both mean that nothing is left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// This report decided the lifecycle event.
    Accepted,
    /// The lifecycle event was decided before: by this hook's earlier run, by time, or by a stop.
    AlreadyCompleted,
}

/// `codedeploy:PutLifecycleEventHookExecutionStatus`.
pub trait ReportHookStatus {
    /// Answers CodeDeploy. `LifecycleEventAlreadyCompletedException` is [`Reported::AlreadyCompleted`], not an error.
    fn report_hook_status(
        &self,
        address: &ReportAddress,
        status: HookStatus,
    ) -> impl Future<Output = Result<Reported, CallError>> + Send;
}

/// `codedeploy:GetDeployment`, `codedeploy:ListDeploymentTargets`, `codedeploy:BatchGetDeploymentTargets`,
/// `codedeploy:GetApplicationRevision`.
pub trait ReadDeployment {
    /// `GetDeployment`.
    fn read_deployment(&self, id: &DeploymentId) -> impl Future<Output = Result<DeploymentInfo, CallError>> + Send;

    /// `ListDeploymentTargets` and `BatchGetDeploymentTargets`: the Lambda and ECS targets, others left out.
    fn read_targets(&self, id: &DeploymentId) -> impl Future<Output = Result<Vec<DeploymentTarget>, CallError>> + Send;

    /// `GetApplicationRevision`: the AppSpec's text, if the revision holds one.
    fn read_revision(
        &self,
        application: &str,
        revision: &Revision,
    ) -> impl Future<Output = Result<Option<String>, CallError>> + Send;
}

/// `codedeploy:GetDeploymentGroup`.
pub trait ReadGroupAlarms {
    /// The names of the alarms that stop the group's deployments; none if they are not watched.
    fn read_group_alarms(
        &self,
        application: &str,
        group: &str,
    ) -> impl Future<Output = Result<Vec<String>, CallError>> + Send;
}

/// The answer of an invoked version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The answer's bytes: the function's result, or the description of its error.
    pub payload: Vec<u8>,
    /// `X-Amz-Function-Error`: `Unhandled`, `Handled`; `None` for a result.
    pub function_error: Option<String>,
    /// `X-Amz-Executed-Version`.
    pub executed_version: Option<String>,
    /// `X-Amz-Log-Result`, decoded: the last 4 KB of the invocation's log.
    pub log_tail: String,
}

/// `lambda:InvokeFunction`.
pub trait InvokeVersion {
    /// Invokes exactly this version and waits for its answer.
    fn invoke_version(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
        event: &Value,
    ) -> impl Future<Output = Result<Answer, CallError>> + Send;
}

/// The configuration of a version, in the words that a reason may use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Configuration {
    /// `MemorySize`, with its unit.
    pub memory: Option<String>,
    /// `Timeout`, with its unit.
    pub timeout: Option<String>,
    /// `Runtime`, or that it is an image.
    pub runtime: Option<String>,
    /// `Architectures`.
    pub architecture: Option<String>,
    /// The names of the environment's variables; never their values.
    pub variables: BTreeSet<String>,
    /// `LoggingConfig.LogGroup`.
    pub log_group: Option<String>,
}

/// `lambda:GetFunctionConfiguration`.
pub trait ReadConfiguration {
    /// The configuration of exactly this version.
    fn read_configuration(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
    ) -> impl Future<Output = Result<Configuration, CallError>> + Send;
}

/// An alarm and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// True if it is in `ALARM`.
    pub burns: bool,
    /// The time of its last change of state.
    pub since: Option<Timestamp>,
}

/// `cloudwatch:DescribeAlarms`.
pub trait ReadAlarms {
    /// The metric and composite alarms of these names; one that does not exist is left out.
    fn read_alarms(&self, names: &[String]) -> impl Future<Output = Result<Vec<Alarm>, CallError>> + Send;
}

/// The log lines to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLines {
    /// The log group of the function.
    pub group: String,
    /// The version whose environments wrote them.
    pub version: FunctionVersion,
    /// From then on.
    pub since: Timestamp,
    /// Until then.
    pub until: Timestamp,
}

/// `logs:FilterLogEvents`.
pub trait ReadLogLines {
    /// The lines, as far as CloudWatch Logs has them by now.
    fn read_log_lines(&self, wanted: &LogLines) -> impl Future<Output = Result<Vec<String>, CallError>> + Send;
}

/// A request to the application's public URL.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicRequest {
    /// The HTTP method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// Sent as they are.
    pub headers: Vec<(String, String)>,
    /// Sent as JSON.
    pub body: Option<Value>,
    /// Demands on the connection.
    pub tls: Tls,
    /// True if the answer's body is looked at. If not, none of it is read.
    pub reads_body: bool,
}

/// The answer of the public URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublicAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
    /// The reason why `body` is not the whole body, if it was to be read.
    pub cut: Option<String>,
}

impl PublicAnswer {
    /// The first header of that name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The headers by their names in lower case; several of one name are one list (RFC 9110, 5.3).
    #[must_use]
    pub fn headers_by_name(&self) -> Map<String, Value> {
        let mut named: Map<String, Value> = Map::new();
        for (name, value) in &self.headers {
            let joined = match named.get(&name.to_ascii_lowercase()).and_then(Value::as_str) {
                Some(before) => format!("{before}, {value}"),
                None => value.clone(),
            };
            named.insert(name.to_ascii_lowercase(), joined.into());
        }
        named
    }

    /// The body, if it is whole and a text.
    ///
    /// # Errors
    /// The reason why it is not, in words.
    pub fn text(&self) -> Result<&str, String> {
        match &self.cut {
            Some(cut) => Err(cut.clone()),
            None => std::str::from_utf8(&self.body)
                .map_err(|_| format!("the answer is binary ({} bytes, no UTF-8)", self.body.len())),
        }
    }
}

/// HTTP to the application's public URL: no AWS permission.
pub trait CallPublicUrl {
    /// One request, no retries. [`CallError::Unavailable`] if there is no answer at all; one whose body breaks off is an answer.
    fn call_public_url(&self, request: &PublicRequest) -> impl Future<Output = Result<PublicAnswer, CallError>> + Send;
}

/// The systems that a hook talks to. The bounds are its IAM policy.
pub trait HookPorts: Send + Sync + 'static {
    /// CodeDeploy.
    type Deployments: ReportHookStatus + ReadDeployment + ReadGroupAlarms + Send + Sync;
    /// Parameter Store.
    type Parameters: ReadParameter + Send + Sync;
    /// Lambda.
    type Functions: InvokeVersion + Send + Sync;
    /// Lambda, as far as it tells what versions are like.
    type Configurations: ReadConfiguration + Send + Sync;
    /// CloudWatch's alarms.
    type Alarms: ReadAlarms + Send + Sync;
    /// CloudWatch Logs.
    type Logs: ReadLogLines + Send + Sync;
    /// The application's public URL.
    type Site: CallPublicUrl + Send + Sync;
    /// S3.
    type Objects: GetObject + GetObjectVersion + Send + Sync;
    /// The ledger.
    type Ledger: ReadGathering + WriteGathering + ReadLedger + WriteLedger + ReadOverrides + Send + Sync;

    /// CodeDeploy.
    fn deployments(&self) -> &Self::Deployments;
    /// Parameter Store.
    fn parameters(&self) -> &Self::Parameters;
    /// Lambda.
    fn functions(&self) -> &Self::Functions;
    /// Lambda, as far as it tells what versions are like.
    fn configurations(&self) -> &Self::Configurations;
    /// CloudWatch's alarms.
    fn alarms(&self) -> &Self::Alarms;
    /// CloudWatch Logs.
    fn logs(&self) -> &Self::Logs;
    /// The application's public URL.
    fn site(&self) -> &Self::Site;
    /// S3.
    fn objects(&self) -> &Self::Objects;
    /// The ledger; none if the hook's settings do not name its table, which is a fault that the hook reports.
    fn ledger(&self) -> Option<&Self::Ledger>;
}
