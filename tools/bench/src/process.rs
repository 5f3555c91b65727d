//! A program that runs as a function does.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use axum::body::Bytes;
use tokio::process::{Child, Command};

use crate::contact::{Event, body_of};
use crate::cpu::CpuClock;
use crate::environment::Environment;
use crate::program::Program;
use crate::runtime_api::{Answer, RuntimeApi};

/// A start that hangs is a fault of the program.
const PATIENCE: Duration = Duration::from_secs(30);

/// A started program; it ends when this is dropped.
#[derive(Debug)]
pub struct Process {
    /// The Runtime API that hands it events and waits for its answers.
    pub api: RuntimeApi,
    name: String,
    child: Child,
    output: File,
}

impl Process {
    /// Starts a program by itself.
    ///
    /// # Errors
    /// Fails if it cannot be started.
    pub async fn start(program: &Program, environment: &Environment) -> anyhow::Result<Self> {
        Self::start_under(Command::new(&program.path), PATIENCE, program, environment).await
    }

    /// Starts a program by a command of another, such as valgrind.
    ///
    /// # Errors
    /// Fails if it cannot be started.
    pub async fn start_under(
        mut command: Command,
        patience: Duration,
        program: &Program,
        environment: &Environment,
    ) -> anyhow::Result<Self> {
        let api = RuntimeApi::start(patience).await?;
        let output = tempfile::tempfile()?;
        command
            .env_clear()
            .envs(environment.of(program, api.address()))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output.try_clone()?)
            .kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("{} cannot be started", program.path.display()))?;
        Ok(Self { api, name: program.name.clone(), child, output })
    }

    /// Its process id.
    ///
    /// # Errors
    /// Fails if it has ended.
    pub fn id(&self) -> anyhow::Result<u32> {
        self.child.id().context("it has ended")
    }

    /// Its CPU time.
    ///
    /// # Errors
    /// Fails if it has ended.
    pub fn clock(&self) -> anyhow::Result<CpuClock> {
        CpuClock::of(self.id()?)
    }

    /// Waits for the end of init.
    ///
    /// # Errors
    /// Fails if it fails; the error holds what it wrote.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let outcome = self.api.ready().await;
        outcome.with_context(|| self.complaint("init"))
    }

    /// Asks for an answer that must have this status.
    ///
    /// # Errors
    /// Fails if it answers otherwise; the error holds what it wrote.
    pub async fn ask(&mut self, event: &Event, status: u16) -> anyhow::Result<Answer> {
        let outcome = self.api.invoke(&Bytes::from(event.payload.clone())).await;
        let outcome = outcome.and_then(|answer| body_of(&answer.body, status).map(|_| answer));
        outcome.with_context(|| self.complaint(&event.request))
    }

    /// Its resident memory in bytes, as `VmRSS` of `/proc/<pid>/status` has it.
    ///
    /// # Errors
    /// Fails if it has ended.
    pub fn resident(&self) -> anyhow::Result<u64> {
        let path = Path::new("/proc").join(self.id()?.to_string()).join("status");
        resident(&std::fs::read_to_string(path)?).context("its status has no VmRSS")
    }

    /// Ends it and waits for its end.
    ///
    /// # Errors
    /// Fails if it cannot be ended.
    pub async fn end(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Tells it to end, as a shell would, and waits until it has.
    ///
    /// # Errors
    /// Fails if it does not end.
    pub async fn terminate(mut self) -> anyhow::Result<()> {
        let id = nix::unistd::Pid::from_raw(self.id()?.try_into()?);
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM)?;
        tokio::time::timeout(PATIENCE, self.child.wait()).await.context("it does not end")??;
        Ok(())
    }

    fn complaint(&self, what: &str) -> String {
        let mut text = String::new();
        let said = self.output.try_clone().and_then(|mut file| {
            file.rewind()?;
            file.read_to_string(&mut text)
        });
        let tail = if said.is_ok() { text.lines().rev().take(5).collect::<Vec<_>>() } else { Vec::new() };
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        format!("{}, {what}; its last lines: {}", self.name, tail.join(" / "))
    }
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_resident_memory() {
        assert_eq!(resident("Name:\tbootstrap\nVmHWM:\t    9000 kB\nVmRSS:\t    6812 kB\n"), Some(6812 * 1024));
        assert_eq!(resident("Name:\tkthreadd\n"), None);
    }
}
