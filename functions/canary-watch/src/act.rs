//! The consequences of a verdict that stops: the stop, and the notification, each of which may be repeated.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::deployments::{ReadShift, StopDeployment, Stopped};
use slipway_shared::identity::DeploymentId;
use slipway_shared::ledger::{Basis, Entry, Notice, Stored, WriteLedger, Written};
use slipway_shared::notifications::PublishNotification;

use crate::WatchError;
use crate::message::notification;
use crate::ports::Ports;
use crate::settings::Settings;

/// The longest that an invocation takes to send a message, generously. After it, whoever wanted to has died.
const LEASE: Duration = Duration::from_secs(3 * 60);

/// The action of a deployment that was over before it could be stopped, in words.
pub(crate) const TOO_LATE: &str = "could not be stopped: it was over already";
/// The action of a shift all at once that looks worse than what was before.
pub(crate) const NOT_STOPPED: &str = "not stopped: no traffic was shared, and what was before is no proof";

/// Stops the deployment if the entry says so, and tells people once. The stop comes first: users wait for it. True if it is stopped.
pub(crate) async fn act<P: Ports>(
    ports: &P,
    settings: &Settings,
    stored: Stored,
    now: Timestamp,
) -> Result<bool, WatchError> {
    let Stored { mut entry, revision } = stored;
    let Some(id) = entry.deployment() else { return Ok(false) };
    let mut was_in_time = false;
    if entry.stops {
        was_in_time = !is_too_late(ports, &id).await?;
        if !was_in_time {
            entry.action = Some(TOO_LATE.to_owned());
        }
    }
    announce(ports, settings, entry, revision, now).await?;
    Ok(was_in_time)
}

/// Stops it. True if it had reached its end with all traffic on the target.
async fn is_too_late<P: Ports>(ports: &P, id: &DeploymentId) -> Result<bool, WatchError> {
    match ports.deployments().stop_deployment(id).await? {
        Stopped::Accepted => Ok(false),
        Stopped::AlreadyOver => Ok(ports.deployments().read_shift(id).await?.status == "Succeeded"),
    }
}

/// Sends the notification unless that was done or is being done. The claim is a conditional write, so that two runs at once send one
/// message. Only a run that dies between sending and noting it leaves a message that is sent once more: one too many is better than none.
async fn announce<P: Ports>(
    ports: &P,
    settings: &Settings,
    mut entry: Entry,
    revision: u64,
    now: Timestamp,
) -> Result<(), WatchError> {
    match entry.notice {
        None | Some(Notice::Sent(_)) => return Ok(()),
        Some(Notice::Sending(since)) if now.duration_since(since).unsigned_abs() < LEASE => return Ok(()),
        Some(Notice::Sending(_) | Notice::Owed) => {}
    }
    entry.notice = Some(Notice::Sending(now));
    let Written::Kept(revision) = ports.ledger().write_entry(&entry, Basis::Revision(revision)).await? else {
        return Ok(());
    };
    let sent = ports.notifications().publish(&settings.topic_arn, &notification(settings, &entry)).await;
    entry.notice = Some(if sent.is_ok() { Notice::Sent(now) } else { Notice::Owed });
    ports.ledger().write_entry(&entry, Basis::Revision(revision)).await?;
    Ok(sent?)
}
