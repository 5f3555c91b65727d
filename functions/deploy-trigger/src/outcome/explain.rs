//! The explanation of a failed release, in one paragraph: CloudFormation's first failure, CodeDeploy's error, the verdicts of the gates.

use slipway_shared::deployment_outcomes::{DeploymentOutcome, GetDeploymentOutcome};
use slipway_shared::identity::DeploymentId;
use slipway_shared::ledger::ReadLedger;
use slipway_shared::stack_events::StackStatus;
use slipway_shared::telemetry::Chain;

use super::operation::Operation;
use crate::ports::Ports;

/// Deployments that are asked about at most: an application with more functions than this fails for one reason too.
const DEPLOYMENTS: usize = 10;

/// The explanation of a failed release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Explanation {
    pub(super) reason: String,
    pub(super) deployment: Option<DeploymentId>,
}

/// Explains a failed operation. The explanation says so if a part cannot be found out: a release must close all the same.
pub(super) async fn explain<P: Ports>(
    ports: &P,
    operation: Option<&Operation>,
    status: &StackStatus,
    status_reason: Option<&str>,
) -> Explanation {
    let failure = operation.and_then(|operation| operation.first_failure.as_ref());
    let mut parts = vec![match failure {
        Some(failure) => format!("{} ({}): {}", failure.logical_id, failure.resource_type, failure.reason),
        None => format!("{status}: {}", status_reason.unwrap_or("CloudFormation gives no reason")),
    }];
    let deployments = operation.map_or(&[][..], |operation| &operation.deployments);
    let failed = failed_deployment(ports, deployments, &mut parts).await;
    if let Some(id) = &failed {
        verdicts(ports, id, &mut parts).await;
    }
    Explanation { reason: parts.join("; "), deployment: failed }
}

/// The first deployment that failed, with what CodeDeploy says about it.
async fn failed_deployment<P: Ports>(
    ports: &P,
    deployments: &[DeploymentId],
    parts: &mut Vec<String>,
) -> Option<DeploymentId> {
    for id in deployments.iter().take(DEPLOYMENTS) {
        match ports.deployments().get_deployment_outcome(id).await {
            Ok(outcome) if is_failed(&outcome) => {
                let code = outcome.error_code.as_deref().unwrap_or(&outcome.status);
                let message = outcome.error_message.as_deref().unwrap_or("CodeDeploy gives no message");
                parts.push(format!("deployment {id}: {code}: {message}"));
                return Some(id.clone());
            }
            Ok(_) => {}
            Err(error) => parts.push(format!("deployment {id} could not be read ({})", Chain(&error))),
        }
    }
    None
}

fn is_failed(outcome: &DeploymentOutcome) -> bool {
    outcome.error_code.is_some() || matches!(outcome.status.as_str(), "Failed" | "Stopped")
}

/// Adds the gates' verdicts about the deployment, unless they passed it.
async fn verdicts<P: Ports>(ports: &P, id: &DeploymentId, parts: &mut Vec<String>) {
    let Some(ledger) = ports.ledger() else { return };
    match ledger.list_entries(id.as_str()).await {
        Ok(stored) => {
            let said =
                stored.iter().map(|stored| &stored.entry).filter(|entry| entry.closed && entry.verdict != "passed");
            parts.extend(said.map(|entry| format!("{}: {}: {}", entry.gate, entry.verdict, entry.reasons.join("; "))));
        }
        Err(error) => parts.push(format!("the ledger could not be read ({})", Chain(&error))),
    }
}
