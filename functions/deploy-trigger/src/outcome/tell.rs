//! Telling people how releases ended, and everybody which one is live.

use slipway_shared::notifications::PublishNotification;
use slipway_shared::parameters::PutParameter;
use slipway_shared::release::{Live, ReleaseRecord};

use super::message::notification;
use crate::TriggerError;
use crate::ports::Ports;
use crate::stage::Hold;

/// The attempts at the note that a message was sent.
const NOTE_ATTEMPTS: usize = 3;

/// Writes the parameters `current` and `previous` where they are old, and sends the message about each release that is over. Returns
/// whether anything moved.
///
/// Who holds the lock is alone, so that each message is sent once. Only an attempt that dies between sending and noting it leaves a message
/// that is sent once more: a message too many is better than none.
pub(crate) async fn tell<P: Ports>(hold: &mut Hold<'_, P>) -> Result<bool, TriggerError> {
    let topic = hold.attempt.settings.topic_arn.clone();
    let over = hold.state.tickets.iter().filter(|ticket| ticket.closed && topic.is_some());
    let over: Vec<ReleaseRecord> = over.filter_map(|ticket| hold.record(&ticket.release).cloned()).collect();
    if over.is_empty() && !hold.state.unpublished {
        return Ok(false);
    }
    // What is told is kept first: nobody must hear of an end that is forgotten.
    hold.save().await?;
    publish(hold).await?;
    let mut failure = None;
    for record in over {
        match send(hold, topic.as_deref(), record).await {
            Ok(()) => {}
            // The others are told all the same.
            Err(error) => failure = Some(error),
        }
    }
    note(hold).await?;
    failure.map_or(Ok(true), Err)
}

/// Keeps the notes of the messages that are sent, at several tries: they are what keeps messages from being sent twice.
async fn note<P: Ports>(hold: &mut Hold<'_, P>) -> Result<(), TriggerError> {
    for _ in 1..NOTE_ATTEMPTS {
        if hold.save().await.is_ok() {
            return Ok(());
        }
    }
    hold.save().await
}

async fn send<P: Ports>(
    hold: &mut Hold<'_, P>,
    topic: Option<&str>,
    mut record: ReleaseRecord,
) -> Result<(), TriggerError> {
    let attempt = hold.attempt;
    if let Some(topic) = topic.filter(|_| record.notified_at.is_none()) {
        attempt.ports.notifications().publish(topic, &notification(attempt.settings, &record)).await?;
        record.notified_at = Some(attempt.now());
    }
    let release = record.execution_id.clone();
    hold.set(record);
    hold.state.tickets.retain(|ticket| ticket.release != release);
    Ok(())
}

async fn publish<P: Ports>(hold: &mut Hold<'_, P>) -> Result<(), TriggerError> {
    if !hold.state.unpublished {
        return Ok(());
    }
    let names = hold.attempt.settings.names();
    for (name, live) in [(names.current(), &hold.state.live), (names.previous(), &hold.state.previous)] {
        if let Some(live) = live {
            hold.attempt.ports.parameters().put_parameter(&name, &text(live)?).await?;
        }
    }
    hold.state.unpublished = false;
    Ok(())
}

fn text(live: &Live) -> Result<String, TriggerError> {
    serde_json::to_string(live).map_err(TriggerError::Unwritable)
}
