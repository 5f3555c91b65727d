//! The deployments of the groups that are watched.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::call::CallError;
use slipway_shared::deployments::{ACTIVE, FindDeployments};
use slipway_shared::identity::DeploymentId;

use crate::ports::Ports;
use crate::settings::Settings;

/// No deployment on Lambda is older: CodeDeploy ends it after 50 hours
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>).
const OLDEST: Duration = Duration::from_secs(51 * 60 * 60);

/// The time within which a shift all at once has been made, its hooks have answered, and enough was seen of it. A hook may take an hour;
/// one that does is not waited for here.
const RECENT: Duration = Duration::from_secs(30 * 60);

/// The statuses of deployments that are over.
const OVER: &[&str] = &["Stopped", "Failed", "Succeeded"];

/// The deployments that are not over.
pub(crate) async fn active<P: Ports>(
    ports: &P,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<DeploymentId>, CallError> {
    with_status(ports, settings, ACTIVE, (now, OLDEST)).await
}

/// The deployments that are over, though not for long: people may not have been told of one yet.
pub(crate) async fn unfinished<P: Ports>(
    ports: &P,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<DeploymentId>, CallError> {
    with_status(ports, settings, OVER, (now, OLDEST)).await
}

/// The deployments that have succeeded and were created a short time ago: nobody may have looked at one yet, because it shared no traffic.
pub(crate) async fn recent<P: Ports>(
    ports: &P,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<DeploymentId>, CallError> {
    with_status(ports, settings, &["Succeeded"], (now, RECENT)).await
}

async fn with_status<P: Ports>(
    ports: &P,
    settings: &Settings,
    statuses: &[&str],
    (now, oldest): (Timestamp, Duration),
) -> Result<Vec<DeploymentId>, CallError> {
    let since = now.checked_sub(oldest).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut found = Vec::new();
    for application in &settings.applications.0 {
        for group in ports.deployments().list_groups(application).await? {
            found.extend(ports.deployments().list_deployments(application, &group, statuses, since).await?);
        }
    }
    Ok(found)
}
