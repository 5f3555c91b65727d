//! The service roles in which CodeDeploy acts.
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html>

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::core::{Arn, Caller, Hub, ServiceError};
use crate::sts;

use super::engine::{CallFailure, Plan, ROLE_MISSING};

/// CodeDeploy as a principal.
pub(super) const SERVICE: &str = "codedeploy.amazonaws.com";

/// Refuses a service role that is none, that is not there or that does not trust CodeDeploy, as AWS does when a group is made
/// or changed.
///
/// # Errors
/// `InvalidRoleException`.
pub(super) async fn check(hub: &Hub, role: &str) -> Result<(), ServiceError> {
    let invalid = |message: String| ServiceError::new("InvalidRoleException", message);
    if !Arn::parse(role).is_some_and(|arn| arn.service == "iam" && arn.of_kind("role").is_some()) {
        return Err(invalid(format!("The service role ARN was specified in an invalid format: {role}")));
    }
    let refused =
        |_| invalid(format!("AWS CodeDeploy does not have the permissions required to assume the role {role}."));
    sts::session(hub, role, "codedeploy", SERVICE).await.map(drop).map_err(refused)
}

/// The sessions of the deployments that run.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<BTreeMap<String, Caller>>);

impl Sessions {
    /// The session in which a deployment acts, which is assumed once. Assumed: that its name is the deployment's id.
    ///
    /// # Errors
    /// Fails if the role is no more, or trusts CodeDeploy no more.
    pub(super) async fn of(&self, hub: &Hub, plan: &Plan) -> Result<Caller, CallFailure> {
        if let Some(caller) = self.with(|sessions| sessions.get(&plan.id).cloned()) {
            return Ok(caller);
        }
        let assumed = sts::session(hub, &plan.role, &plan.id, SERVICE).await;
        let caller = assumed.map_err(|error| CallFailure {
            code: ROLE_MISSING.to_owned(),
            message: error.message,
            transient: false,
        })?;
        self.with(|sessions| sessions.insert(plan.id.clone(), caller.clone()));
        Ok(caller)
    }

    /// The deployment has ended.
    pub(super) fn end(&self, deployment: &str) {
        self.with(|sessions| sessions.remove(deployment));
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Caller>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
