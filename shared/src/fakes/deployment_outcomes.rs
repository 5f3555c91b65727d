//! CodeDeploy's deployments in memory, by how they ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::call::CallError;
use crate::deployment_outcomes::{DeploymentOutcome, GetDeploymentOutcome};
use crate::identity::DeploymentId;

/// Deployments by their id; clones share them.
#[derive(Debug, Clone, Default)]
pub struct DeploymentOutcomes {
    outcomes: Arc<Mutex<BTreeMap<String, DeploymentOutcome>>>,
}

impl DeploymentOutcomes {
    /// Remembers how a deployment ended.
    pub fn add(&self, id: &str, outcome: DeploymentOutcome) {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), outcome);
    }
}

impl GetDeploymentOutcome for DeploymentOutcomes {
    async fn get_deployment_outcome(&self, deployment: &DeploymentId) -> Result<DeploymentOutcome, CallError> {
        let missing =
            || CallError::NotFound { operation: "GetDeployment", source: "DeploymentDoesNotExistException".into() };
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.get(deployment.as_str()).cloned().ok_or_else(missing)
    }
}
