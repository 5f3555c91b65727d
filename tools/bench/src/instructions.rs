//! Instructions, counted by valgrind: the same whatever else the machine does.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use tokio::process::Command;

use crate::contact::Event;
use crate::environment::Environment;
use crate::process::Process;
use crate::program::Program;

/// A program is some fifty times slower under valgrind.
const PATIENCE: Duration = Duration::from_secs(180);
/// Enough that growing buffers do not matter.
const WARM_REQUESTS: u64 = 200;

/// Instructions in user space.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Instructions {
    /// The count from the start until it asks for its first event.
    pub init: u64,
    /// The count from the start until its first answer, init included.
    pub cold: u64,
    /// The count of one request more.
    pub warm: u64,
}

impl Instructions {
    /// Counts them in three runs: one without, one with one, one with many requests.
    ///
    /// # Errors
    /// Fails if valgrind is not installed (the error says what to install) or the program does not run under it.
    pub async fn of(program: &Program, environment: &Environment, event: &Event) -> anyhow::Result<Self> {
        let version = Command::new("valgrind").arg("--version").output().await;
        version.context("--instructions needs valgrind: apt-get install valgrind")?;
        let init = run(program, environment, event, 0).await?;
        let cold = run(program, environment, event, 1).await?;
        let many = run(program, environment, event, 1 + WARM_REQUESTS).await?;
        Ok(Self { init, cold, warm: many.saturating_sub(cold) / WARM_REQUESTS })
    }
}

async fn run(program: &Program, environment: &Environment, event: &Event, requests: u64) -> anyhow::Result<u64> {
    let log = tempfile::NamedTempFile::new()?;
    let mut process = Process::start_under(callgrind(program, log.path()), PATIENCE, program, environment).await?;
    process.ready().await?;
    for _ in 0..requests {
        process.ask(event, 200).await?;
    }
    // Valgrind writes its count when the program ends by a signal that it can see.
    process.terminate().await?;
    counted(&std::fs::read_to_string(log.path())?).context("valgrind counted nothing")
}

fn callgrind(program: &Program, log: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--log-file={}", log.display()))
        .arg(&program.path);
    command
}

fn counted(log: &str) -> Option<u64> {
    log.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_valgrinds_count() {
        assert_eq!(counted("==7== Events    : Ir\n==7== Collected : 4306123\n==7==\n"), Some(4_306_123));
        assert_eq!(counted("==7== Process terminating\n"), None);
    }
}
