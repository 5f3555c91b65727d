//! One line of a log with its number.

use crate::core::Timestamp;

/// One line with the times CloudWatch Logs keeps of it.
#[derive(Clone, Debug)]
pub(super) struct LogEvent {
    pub(super) timestamp: Timestamp,
    pub(super) ingested: Timestamp,
    pub(super) message: String,
    /// The number of the event, unique in the plane and growing: events of equal time keep the order of their arrival.
    pub(super) sequence: u64,
}

/// A number as Logs writes its tokens and the identifiers of events.
pub(super) fn token(number: u64) -> String {
    format!("{number:056}")
}

/// The bytes that each event counts beside its text.
pub(super) const EVENT_OVERHEAD: usize = 26;
