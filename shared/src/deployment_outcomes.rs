//! How a CodeDeploy deployment ended, for whoever explains a release's failure.

use std::future::Future;

use crate::call::CallError;
use crate::identity::DeploymentId;

/// What `GetDeployment` says about a deployment's end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeploymentOutcome {
    /// `Created`, `InProgress`, `Succeeded`, `Failed`, `Stopped`, …
    pub status: String,
    /// `HOOK_EXECUTION_FAILURE`, `ALARM_ACTIVE`, …
    pub error_code: Option<String>,
    /// CodeDeploy's words on it.
    pub error_message: Option<String>,
}

/// `codedeploy:GetDeployment`.
pub trait GetDeploymentOutcome {
    /// How the deployment stands. [`CallError::NotFound`] if there is none.
    fn get_deployment_outcome(
        &self,
        deployment: &DeploymentId,
    ) -> impl Future<Output = Result<DeploymentOutcome, CallError>> + Send;
}
