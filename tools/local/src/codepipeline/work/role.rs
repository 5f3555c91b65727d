//! The role in which an action is done: the pipeline's role, or the action's own, which the pipeline's role assumes.

use super::super::execution::{Actor, Failure};
use super::outcome::refused;
use crate::core::{Caller, Hub, ServiceError};
use crate::sts;

/// CodePipeline as a principal.
pub const CODEPIPELINE: &str = "codepipeline.amazonaws.com";

/// A session of the role in which an action is done. CodePipeline calls its sessions by the time.
///
/// # Errors
/// Fails if a role is not there or may not be assumed.
pub async fn actor(hub: &Hub, who: &Actor) -> Result<Caller, ServiceError> {
    let name = hub.now().as_millis().to_string();
    let pipeline = sts::session(hub, &who.pipeline, &name, CODEPIPELINE).await?;
    match &who.action {
        None => Ok(pipeline),
        Some(role) => sts::chained(hub, &pipeline, role, &name).await,
    }
}

/// The same for an action that is to begin, which fails without it.
pub(super) async fn acting(hub: &Hub, who: &Actor) -> Result<Caller, Failure> {
    let role = who.action.as_ref().unwrap_or(&who.pipeline);
    actor(hub, who).await.map_err(|error| refused(&format!("the role {role} cannot be assumed"), &error))
}
