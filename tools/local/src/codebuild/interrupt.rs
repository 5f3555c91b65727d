//! The two ends of a build from outside: a stop request, and the end of its time.

use tokio::sync::watch;
use tokio::time::Instant;

/// The reason for which a build was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// `StopBuild`.
    Stopped,
    /// It took longer than it may. Real time: a build is a process of this machine.
    TimedOut,
}

/// Watches for both.
#[derive(Clone, Debug)]
pub struct Interrupt {
    stop: watch::Receiver<bool>,
    deadline: Instant,
}

impl Interrupt {
    /// Watches `stop` until `deadline`.
    pub fn new(stop: watch::Receiver<bool>, deadline: Instant) -> Self {
        Self { stop, deadline }
    }

    /// The interruption, if it has happened.
    pub fn now(&self) -> Option<Interruption> {
        if *self.stop.borrow() {
            Some(Interruption::Stopped)
        } else {
            (Instant::now() >= self.deadline).then_some(Interruption::TimedOut)
        }
    }

    /// Waits for it.
    pub async fn wait(&mut self) -> Interruption {
        tokio::select! {
            // False only when nobody is left who could stop it.
            true = async { self.stop.wait_for(|stop| *stop).await.is_ok() } => Interruption::Stopped,
            () = tokio::time::sleep_until(self.deadline) => Interruption::TimedOut,
        }
    }
}
