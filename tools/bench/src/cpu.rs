//! On-CPU time of another process.

use std::time::Duration;

use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// The time without any work after which a process counts as waiting.
const QUIET: Duration = Duration::from_millis(1);
/// A process that never waits is measured as it is then.
const PATIENCE: u32 = 50;

/// The clock of a process: user and system time of all its threads in nanoseconds, finished ones included, which
/// `/proc/<pid>/task/*/schedstat` no longer lists.
#[derive(Clone, Copy, Debug)]
pub struct CpuClock(ClockId);

impl CpuClock {
    /// The clock of a running process.
    ///
    /// # Errors
    /// Fails if there is no such process.
    pub fn of(process: u32) -> anyhow::Result<Self> {
        Ok(Self(clock_getcpuclockid(Pid::from_raw(process.try_into()?))?))
    }

    /// The CPU time that it has used so far; exact only while no thread of it runs.
    fn now(self) -> anyhow::Result<Duration> {
        Ok(clock_gettime(self.0)?.into())
    }

    /// The CPU time that it has used once all its threads wait: after an answer they still clean up.
    ///
    /// # Errors
    /// Fails if the process has ended.
    pub async fn settled(self) -> anyhow::Result<Duration> {
        let mut used = self.now()?;
        for _ in 0..PATIENCE {
            tokio::time::sleep(QUIET).await;
            let before = std::mem::replace(&mut used, self.now()?);
            if before == used {
                break;
            }
        }
        Ok(used)
    }
}
