//! The ARNs of applications and deployment groups.

use crate::core::Hub;

/// The application's ARN.
pub(super) fn application(hub: &Hub, name: &str) -> String {
    hub.arn("codedeploy", &format!("application:{name}"))
}

/// The group's ARN.
pub(super) fn group(hub: &Hub, application: &str, group: &str) -> String {
    hub.arn("codedeploy", &format!("deploymentgroup:{application}/{group}"))
}
