//! CodeDeploy's `GetDeployment` behind the port that explains failures.

use aws_sdk_codedeploy::Client;

use super::translate;
use crate::call::CallError;
use crate::deployment_outcomes::{DeploymentOutcome, GetDeploymentOutcome};
use crate::identity::DeploymentId;

/// CodeDeploy's deployments, by how they ended.
#[derive(Debug, Clone)]
pub struct AwsDeploymentOutcomes {
    client: Client,
}

impl AwsDeploymentOutcomes {
    /// Over a client of [`super::codedeploy()`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl GetDeploymentOutcome for AwsDeploymentOutcomes {
    async fn get_deployment_outcome(&self, deployment: &DeploymentId) -> Result<DeploymentOutcome, CallError> {
        let output = self.client.get_deployment().deployment_id(deployment.as_str()).send().await;
        let info = output.map_err(|error| translate("GetDeployment", error))?.deployment_info;
        let info = info.ok_or_else(|| CallError::Unexpected {
            operation: "GetDeployment",
            source: "the answer holds no deployment".into(),
        })?;
        let error = info.error_information;
        Ok(DeploymentOutcome {
            status: info.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            error_code: error.as_ref().and_then(|error| error.code.as_ref()).map(|code| code.as_str().to_owned()),
            error_message: error.and_then(|error| error.message),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Connection, settings};
    use super::*;

    #[tokio::test]
    async fn a_failed_deployment_says_why() {
        let connection = Connection::answering(
            200,
            &json!({"deploymentInfo": {"status": "Stopped", "errorInformation": {"code": "ALARM_ACTIVE", "message": "errors"}}}),
        );
        let outcomes = AwsDeploymentOutcomes::new(super::super::codedeploy(&settings(&connection)));
        let outcome = outcomes.get_deployment_outcome(&"d-ABCDEF123".parse().unwrap()).await.unwrap();
        assert_eq!(outcome.status, "Stopped");
        assert_eq!(
            (outcome.error_code.as_deref(), outcome.error_message.as_deref()),
            (Some("ALARM_ACTIVE"), Some("errors"))
        );
    }
}
