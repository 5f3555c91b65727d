//! The idle environments of one version.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::environment::Environment;

/// Environments that wait for their next invocation. The one that was used last is used first, so that those that
/// are not needed any more grow old.
#[derive(Debug, Default)]
pub(in crate::lambda_service) struct Pool(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    idle: Vec<(Environment, Instant)>,
    closed: bool,
}

impl Pool {
    /// Takes the environment that was used last, if any waits.
    pub(super) fn take(&self) -> Option<Environment> {
        self.lock().idle.pop().map(|(environment, _)| environment)
    }

    /// Keeps an environment for the next invocation. A closed pool gives it back, to be ended.
    pub(super) fn keep(&self, environment: Environment) -> Option<Environment> {
        let mut state = self.lock();
        if state.closed {
            return Some(environment);
        }
        state.idle.push((environment, Instant::now()));
        None
    }

    /// Takes no environment any more and hands out those it has.
    pub(super) fn close(&self) -> Vec<Environment> {
        let mut state = self.lock();
        state.closed = true;
        state.idle.drain(..).map(|(environment, _)| environment).collect()
    }

    /// Hands out the environments that have been idle for longer than `limit`.
    pub(super) fn expired(&self, limit: Duration) -> Vec<Environment> {
        let mut state = self.lock();
        let old = state.idle.partition_point(|(_, since)| since.elapsed() > limit);
        state.idle.drain(..old).map(|(environment, _)| environment).collect()
    }

    /// The number of environments that wait.
    #[cfg(test)]
    pub(in crate::lambda_service) fn idle(&self) -> usize {
        self.lock().idle.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
