//! Being told to stop: SIGINT and SIGTERM.

use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;

/// Waits for SIGINT or SIGTERM.
///
/// # Errors
/// Fails if the signals cannot be listened for.
pub async fn interrupted() -> Result<(), Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::environment("cannot listen for signals", error));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Runs `work` unless told to stop first. The work is dropped then; what it started is the caller's to end.
pub async fn unless_interrupted<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        outcome = work => outcome,
        stopped = interrupted() => Err(stopped.err().unwrap_or(Failure::Interrupted)),
    }
}
