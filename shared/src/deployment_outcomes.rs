//! The end of a CodeDeploy deployment, for whoever explains a release's failure.

use std::future::Future;

use crate::call::CallError;
use crate::identity::DeploymentId;

/// A deployment's end, as `GetDeployment` tells it.
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
    /// The state of the deployment now. [`CallError::NotFound`] if there is none.
    fn get_deployment_outcome(
        &self,
        deployment: &DeploymentId,
    ) -> impl Future<Output = Result<DeploymentOutcome, CallError>> + Send;
}
