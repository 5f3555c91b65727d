//! The ports of a hook: each trait names the AWS operations, and so the permissions, that it stands for.

use std::future::Future;

use serde_json::Value;

use super::deployment::{DeploymentInfo, DeploymentTarget, Revision};
use super::event::ReportAddress;
use super::policy::HookStatus;
use crate::call::CallError;
use crate::identity::{DeploymentId, FunctionName, FunctionVersion};
use crate::objects::{GetObject, GetObjectVersion};
use crate::parameters::{CreateParameter, PutParameter, ReadParameter};
use crate::suite::Method;

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

/// `codedeploy:GetDeployment`, `ListDeploymentTargets`, `BatchGetDeploymentTargets`, `GetApplicationRevision`.
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

/// The answer of an invoked version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The answer's bytes: the function's result, or the description of its error.
    pub payload: Vec<u8>,
    /// `X-Amz-Function-Error`: `Unhandled`, `Handled`; `None` for a result.
    pub function_error: Option<String>,
    /// `X-Amz-Executed-Version`.
    pub executed_version: Option<String>,
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
}

/// The answer of the public URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body; what is not UTF-8 is replaced.
    pub body: String,
}

/// HTTP to the application's public URL: no AWS permission.
pub trait CallPublicUrl {
    /// One request, no retries. [`CallError::Unavailable`] if there is no answer, whatever the cause.
    fn call_public_url(&self, request: &PublicRequest) -> impl Future<Output = Result<PublicAnswer, CallError>> + Send;
}

/// The systems that a hook talks to. The bounds are its IAM policy.
pub trait HookPorts: Send + Sync + 'static {
    /// CodeDeploy.
    type Deployments: ReportHookStatus + ReadDeployment + Send + Sync;
    /// Parameter Store.
    type Parameters: ReadParameter + CreateParameter + PutParameter + Send + Sync;
    /// Lambda.
    type Functions: InvokeVersion + Send + Sync;
    /// The application's public URL.
    type Site: CallPublicUrl + Send + Sync;
    /// S3.
    type Objects: GetObject + GetObjectVersion + Send + Sync;

    /// CodeDeploy.
    fn deployments(&self) -> &Self::Deployments;
    /// Parameter Store.
    fn parameters(&self) -> &Self::Parameters;
    /// Lambda.
    fn functions(&self) -> &Self::Functions;
    /// The application's public URL.
    fn site(&self) -> &Self::Site;
    /// S3.
    fn objects(&self) -> &Self::Objects;
}
