//! Telling people how a release ended: once.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_shared::call::CallError;
use slipway_shared::clock::Clock;
use slipway_shared::notifications::PublishNotification;
use slipway_shared::parameters::{CreateParameter, PutParameter, ReadParameter};
use slipway_shared::release::{RecordError, ReleaseRecord, ReleaseState};

use super::message::notification;
use crate::TriggerError;
use crate::ports::Ports;
use crate::records;
use crate::settings::Settings;

/// The time that whoever claimed a notification may take to send it: no Lambda function lives longer.
const LEASE: Duration = Duration::from_secs(15 * 60);
/// The attempts at the note that a notification was sent: it is what keeps it from being sent twice.
const MARK_ATTEMPTS: usize = 3;

/// The parameter below a release's record that says who sends its notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Claim {
    /// Somebody is sending it since then.
    Sending(Timestamp),
    /// It could not be sent then.
    Abandoned(Timestamp),
    /// It was sent then.
    Sent(Timestamp),
}

/// Sends the notification of a closed release unless that was done or is being done.
///
/// The claim is an atomic create (and, for one that was abandoned, a write whose version shows that nobody else wrote), so
/// that concurrent deliveries of one event send one message. Only a sender that dies between sending and noting it leaves a
/// message that is sent once more, after the lease: a message too many is better than none.
pub(crate) async fn announce<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &mut ReleaseRecord,
) -> Result<(), TriggerError> {
    let Some(topic) = &settings.topic_arn else { return Ok(()) };
    if !record.state.is_closed() || record.state == ReleaseState::Ignored || record.notified_at.is_some() {
        return Ok(());
    }
    let name = settings.names().notification(&record.execution_id);
    match take(ports, &name).await? {
        Taken::Mine => {
            let message = notification(settings, record);
            if let Err(error) = ports.notifications().publish(topic, &message).await {
                write(ports, &name, &Claim::Abandoned(ports.clock().now())).await?;
                return Err(error.into());
            }
            mark_sent(ports, &name).await?;
        }
        Taken::Sent => {}
        Taken::Others => return Ok(()),
    }
    record.notified_at = Some(ports.clock().now());
    records::save(ports.parameters(), &settings.names(), record).await
}

enum Taken {
    Mine,
    Others,
    Sent,
}

async fn take<P: Ports>(ports: &P, name: &str) -> Result<Taken, TriggerError> {
    let now = ports.clock().now();
    let mine = Claim::Sending(now);
    match ports.parameters().create_parameter(name, &text(&mine)?).await {
        Ok(_) => return Ok(Taken::Mine),
        Err(error) if error.is_already_exists() => {}
        Err(error) => return Err(error.into()),
    }
    let stored = ports.parameters().read_parameter(name).await?;
    match serde_json::from_str(&stored.value).map_err(RecordError::Unreadable)? {
        Claim::Sent(_) => Ok(Taken::Sent),
        Claim::Sending(since) if now.duration_since(since).unsigned_abs() < LEASE => Ok(Taken::Others),
        Claim::Sending(_) | Claim::Abandoned(_) => {
            let version = write(ports, name, &mine).await?;
            Ok(if version == stored.version + 1 { Taken::Mine } else { Taken::Others })
        }
    }
}

async fn mark_sent<P: Ports>(ports: &P, name: &str) -> Result<(), TriggerError> {
    let sent = Claim::Sent(ports.clock().now());
    for _ in 1..MARK_ATTEMPTS {
        if write(ports, name, &sent).await.is_ok() {
            return Ok(());
        }
    }
    write(ports, name, &sent).await.map(drop)
}

async fn write<P: Ports>(ports: &P, name: &str, claim: &Claim) -> Result<i64, TriggerError> {
    let text = text(claim)?;
    let written: Result<i64, CallError> = ports.parameters().put_parameter(name, &text).await;
    Ok(written?)
}

fn text(claim: &Claim) -> Result<String, RecordError> {
    serde_json::to_string(claim).map_err(RecordError::Unwritable)
}
