//! The updates of a function's runtime: always automatic here, for there is one runtime.

use std::sync::Arc;

use serde_json::json;

use super::names::FunctionRef;
use super::registry::{arn, runtime_version};
use super::state::Lambda;
use crate::core::{Reply, Request};
use crate::operations::Operation;

/// Operations on runtime management.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[
    Operation::now("GetRuntimeManagementConfig", "FunctionName Qualifier", |lambda: &Arc<Lambda>, request| {
        lambda.runtime_management(request)
    })
    .on_found(Lambda::resource),
    Operation::now(
        "PutRuntimeManagementConfig",
        "FunctionName Qualifier UpdateRuntimeOn=Auto",
        |lambda: &Arc<Lambda>, request| lambda.runtime_management(request),
    )
    .on_found(Lambda::resource),
];

impl Lambda {
    fn runtime_management(&self, request: &Request) -> Reply {
        let named = FunctionRef::of(&request.input, &self.hub.identity)?;
        let registry = self.registry();
        let version = registry.named_version(&self.hub, &named)?;
        Ok(json!({
            "UpdateRuntimeOn": "Auto",
            "FunctionArn": arn(&self.hub, &named.name, named.qualifier.as_deref()),
            "RuntimeVersionArn": runtime_version(&self.hub, &version.runnable.program.settings.runtime),
        }))
    }
}
