//! Running `git` with nothing of the user's or the machine's configuration.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::core::{Hub, ServiceError};

/// The directory in which the service keeps its repositories.
pub fn root(hub: &Hub) -> PathBuf {
    hub.data_dir.join("codecommit")
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

    /// Runs `git <arguments>` and returns its output; `None` if it fails.
    ///
    /// # Errors
    /// Fails if `git` cannot be run at all.
    pub async fn ask(&self, arguments: &[&str]) -> Result<Option<Vec<u8>>, ServiceError> {
        let (success, output, _) = self.output(arguments).await?;
        Ok(success.then_some(output))
    }

    /// Runs `git <arguments>` and returns its output.
    ///
    /// # Errors
    /// Fails if `git` does, with its message.
    pub async fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, ServiceError> {
        let (success, output, complaint) = self.output(arguments).await?;
        if success { Ok(output) } else { Err(failed(arguments, &complaint)) }
    }

    /// Feeds `input` to `git <arguments>`, with further variables in its environment, and returns its output.
    ///
    /// # Errors
    /// Fails if `git` does, with its message.
    pub async fn feed(&self, arguments: &[&str], set: &[(&str, &str)], input: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let mut command = command(&self.directory);
        command.args(arguments).envs(set.iter().copied());
        let (success, output, complaint) = self.run_command(command, input).await?;
        if success { Ok(output) } else { Err(failed(arguments, &complaint)) }
    }

    async fn output(&self, arguments: &[&str]) -> Result<(bool, Vec<u8>, Vec<u8>), ServiceError> {
        let mut command = command(&self.directory);
        command.args(arguments);
        self.run_command(command, &[]).await
    }

    async fn run_command(&self, mut command: Command, input: &[u8]) -> Result<(bool, Vec<u8>, Vec<u8>), ServiceError> {
        let broken = |error: std::io::Error| ServiceError::internal(format!("git could not be run: {error}"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = self.hub.processes.spawn(&mut command).map_err(broken)?;
        let (mut output, mut complaint) = (Vec::new(), Vec::new());
        let (stdin, stdout, stderr) =
            (process.child.stdin.take(), process.child.stdout.take(), process.child.stderr.take());
        let write_input = async {
            if let Some(mut pipe) = stdin {
                // A git that has read enough closes its end; whether it succeeded is told by its status.
                let _ = pipe.write_all(input).await;
            }
            Ok(0)
        };
        let read_output = read_all(stdout, &mut output);
        let read_complaint = read_all(stderr, &mut complaint);
        futures::try_join!(write_input, read_output, read_complaint).map_err(broken)?;
        let status = process.wait().await.map_err(broken)?;
        Ok((status.success(), output, complaint))
    }
}

async fn read_all(pipe: Option<impl tokio::io::AsyncRead + Unpin>, into: &mut Vec<u8>) -> std::io::Result<usize> {
    match pipe {
        Some(mut pipe) => pipe.read_to_end(into).await,
        None => Ok(0),
    }
}

fn failed(arguments: &[&str], complaint: &[u8]) -> ServiceError {
    let verb = arguments.first().copied().unwrap_or_default();
    ServiceError::internal(format!("git {verb} failed: {}", String::from_utf8_lossy(complaint).trim()))
}
