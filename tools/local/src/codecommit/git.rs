//! Running `git` with nothing of the user's or the machine's configuration.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::core::{Hub, ServiceError};

/// Where the service keeps its repositories.
pub fn root(hub: &Hub) -> PathBuf {
    hub.data_dir.join("codecommit")
}

/// Where the repository of that name lies, whether or not it exists.
pub fn directory(hub: &Hub, name: &str) -> PathBuf {
    root(hub).join(format!("{name}.git"))
}

/// `git` in `directory`, in an environment that holds only what makes it run: no user's aliases, hooks, credential
/// stores or signing keys, and no `GIT_DIR` of the repository that the plane was started from.
pub fn command(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()))
        .env("HOME", directory)
        .env("XDG_CONFIG_HOME", directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C");
    command
}

/// One repository's `git`.
#[derive(Clone)]
pub struct Git {
    hub: Arc<Hub>,
    directory: PathBuf,
}

impl Git {
    /// The repository in `directory`.
    pub fn new(hub: &Arc<Hub>, directory: PathBuf) -> Self {
        Self { hub: Arc::clone(hub), directory }
    }

    /// What `git <arguments>` prints; `None` when it says no.
    ///
    /// # Errors
    /// When `git` cannot be run at all.
    pub async fn ask(&self, arguments: &[&str]) -> Result<Option<Vec<u8>>, ServiceError> {
        let (success, output, _) = self.output(arguments).await?;
        Ok(success.then_some(output))
    }

    /// What `git <arguments>` prints.
    ///
    /// # Errors
    /// When it fails: with what it said.
    pub async fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, ServiceError> {
        let (success, output, complaint) = self.output(arguments).await?;
        if success {
            return Ok(output);
        }
        let verb = arguments.first().copied().unwrap_or_default();
        Err(ServiceError::internal(format!("git {verb} failed: {}", String::from_utf8_lossy(&complaint).trim())))
    }

    async fn output(&self, arguments: &[&str]) -> Result<(bool, Vec<u8>, Vec<u8>), ServiceError> {
        let broken = |error: std::io::Error| ServiceError::internal(format!("git could not be run: {error}"));
        let mut command = command(&self.directory);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = self.hub.processes.spawn(&mut command).map_err(broken)?;
        let (mut output, mut complaint) = (Vec::new(), Vec::new());
        let (mut stdout, mut stderr) = (process.child.stdout.take(), process.child.stderr.take());
        let read_output = async {
            match &mut stdout {
                Some(pipe) => pipe.read_to_end(&mut output).await,
                None => Ok(0),
            }
        };
        let read_complaint = async {
            match &mut stderr {
                Some(pipe) => pipe.read_to_end(&mut complaint).await,
                None => Ok(0),
            }
        };
        futures::try_join!(read_output, read_complaint).map_err(broken)?;
        let status = process.wait().await.map_err(broken)?;
        Ok((status.success(), output, complaint))
    }
}
