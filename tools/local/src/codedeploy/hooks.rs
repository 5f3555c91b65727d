//! The reports of hooks: `PutLifecycleEventHookExecutionStatus`.

use serde_json::json;

use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

use super::names;
use super::service::CodeDeploy;

pub(super) const OPERATIONS: &[Operation<CodeDeploy>] =
    &[Operation::<CodeDeploy>::now("PutLifecycleEventHookExecutionStatus", "*", |service, request| {
        report(service, &request.input)
    })
    .on_found(CodeDeploy::groups_of)];

fn report(service: &CodeDeploy, input: &Input) -> Reply {
    let id = names::deployment_id(input)?;
    let succeeded = match input.opt_str("status") {
        Some("Succeeded") => true,
        Some("Failed") => false,
        other => {
            let message = format!(
                "The result of a Lambda validation function that verifies a lifecycle event is invalid: {}. It should return \
                 Succeeded or Failed.",
                other.unwrap_or("none")
            );
            return Err(ServiceError::new("InvalidLifecycleEventHookExecutionStatusException", message));
        }
    };
    let execution = input.opt_str("lifecycleEventHookExecutionId").unwrap_or_default();
    service.deployments.apply(|engine, now| engine.answer_hook(id, execution, succeeded, now))?;
    Ok(json!({ "lifecycleEventHookExecutionId": execution }))
}
