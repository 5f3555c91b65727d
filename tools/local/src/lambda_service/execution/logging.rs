//! Getting lines into CloudWatch Logs without making an invocation wait for it.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::super::credentials::RoleCredentials;
use super::program::Program;
use crate::core::{Hub, ServiceError, Timestamp};
use crate::logs;

/// The end of the log that an invocation may be answered with.
const TAIL: usize = 4096;
/// The most batches that are looked at together when the writer falls behind.
const BATCHES: usize = 256;

/// The log group of a version's lines, and the role by which they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogPlace {
    group: String,
    role: String,
    function: String,
}

impl LogPlace {
    pub(super) fn of(program: &Program) -> Self {
        let settings = &program.settings;
        Self { group: settings.logging.group.clone(), role: settings.role.clone(), function: program.function.clone() }
    }
}

/// The lines for one stream, with their times.
#[derive(Debug)]
struct Batch {
    place: LogPlace,
    stream: String,
    lines: Vec<(Timestamp, String)>,
}

/// Writes batches in the order in which they are handed over, from one task.
#[derive(Clone, Debug)]
pub(in crate::lambda_service) struct LogSink(mpsc::UnboundedSender<Batch>);

impl LogSink {
    /// Starts the writer. It ends when the last sink is gone.
    pub(in crate::lambda_service) fn start(hub: &Arc<Hub>, credentials: &Arc<RoleCredentials>) -> Self {
        let (sender, mut waiting) = mpsc::unbounded_channel::<Batch>();
        let (hub, credentials) = (Arc::clone(hub), Arc::clone(credentials));
        tokio::spawn(async move {
            let mut batches = Vec::with_capacity(BATCHES);
            while waiting.recv_many(&mut batches, BATCHES).await > 0 {
                for batch in joined(batches.drain(..)) {
                    let group = batch.place.group.clone();
                    if let Err(error) = write(&hub, &credentials, batch).await {
                        tracing::warn!(%error, group, "a function's log was not taken");
                    }
                }
            }
        });
        Self(sender)
    }
}

/// Writes a batch as the function's role. A role that may not write has no log on AWS, and nobody learns why: here the denial is
/// told (in the plane's log and in what the role did), and the lines are kept, so that what the function said can be read.
async fn write(hub: &Hub, credentials: &RoleCredentials, batch: Batch) -> Result<(), ServiceError> {
    let LogPlace { group, role, function } = &batch.place;
    let writer = credentials.of(hub, role, function).await?;
    if let Err(denial) = logs::may_append(hub, &writer.caller, group, &batch.stream).await {
        tracing::warn!(error = %denial, group, "on AWS this function has no log");
    }
    logs::append(hub, group, &batch.stream, batch.lines).await
}

/// One batch per stream, each with its lines in order.
fn joined(batches: impl Iterator<Item = Batch>) -> Vec<Batch> {
    let mut joined: Vec<Batch> = Vec::new();
    for batch in batches {
        match joined.iter_mut().find(|held| held.stream == batch.stream && held.place == batch.place) {
            Some(held) => held.lines.extend(batch.lines),
            None => joined.push(batch),
        }
    }
    joined
}

/// The log of one environment while it runs one invocation.
#[derive(Debug)]
pub(super) struct Log<'a> {
    hub: &'a Hub,
    sink: &'a LogSink,
    place: LogPlace,
    stream: String,
    tail: Option<String>,
}

impl<'a> Log<'a> {
    /// A log that keeps its tail when `tail` is wanted.
    pub(super) fn new(hub: &'a Hub, sink: &'a LogSink, place: LogPlace, stream: &str, tail: bool) -> Self {
        Self { hub, sink, place, stream: stream.to_owned(), tail: tail.then(String::new) }
    }

    pub(super) fn stream(&self) -> &str {
        &self.stream
    }

    pub(super) fn now(&self) -> Timestamp {
        self.hub.now()
    }

    /// Writes lines with the plane's time.
    pub(super) fn write(&mut self, lines: impl IntoIterator<Item = String>) {
        let now = self.hub.now();
        let lines: Vec<(Timestamp, String)> = lines.into_iter().map(|line| (now, line)).collect();
        if lines.is_empty() {
            return;
        }
        if let Some(tail) = &mut self.tail {
            for (_, line) in &lines {
                tail.push_str(line);
                tail.push('\n');
            }
            let excess = tail.ceil_char_boundary(tail.len().saturating_sub(TAIL));
            tail.drain(..excess);
        }
        // The writer outlives every sink; a failure to send means that the plane has ended.
        let _ = self.sink.0.send(Batch { place: self.place.clone(), stream: self.stream.clone(), lines });
    }

    /// The last 4 KB of what was written.
    pub(super) fn into_tail(self) -> Option<String> {
        self.tail
    }
}
