//! The git repository that is rehearsed: a clone of its HEAD, commits on top, pushes to the plane.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::failure::Failure;

/// A working clone that the rehearsal may commit to.
#[derive(Debug)]
pub struct Repository {
    directory: PathBuf,
}

/// A commit of the clone.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its full id, in hexadecimal.
    pub id: String,
    /// The first line of its message.
    pub subject: String,
}

impl Repository {
    /// Clones `source` at its HEAD into `directory`.
    ///
    /// # Errors
    /// Fails if `source` is no git repository, or has no commit.
    pub async fn clone_head(source: &Path, directory: PathBuf) -> Result<Self, Failure> {
        let top = git(source, &["rev-parse", "--show-toplevel"])
            .await
            .map_err(|_| Failure::Environment(format!("{} is not in a git repository", source.display())))?;
        let head = git(source, &["rev-parse", "--verify", "HEAD^{commit}"])
            .await
            .map_err(|_| Failure::Environment(format!("{} has no commit to rehearse", source.display())))?;
        if directory.exists() {
            std::fs::remove_dir_all(&directory)
                .map_err(|error| Failure::environment(format!("cannot clear {}", directory.display()), error))?;
        }
        let target = directory.to_string_lossy().into_owned();
        git(source, &["clone", "--quiet", "--no-checkout", "--local", &top, &target]).await?;
        let clone = Self { directory };
        clone.run(&["checkout", "--quiet", "-B", "main", &head]).await?;
        Ok(clone)
    }

    /// The directory of the clone.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// True if `source` has changes that are not committed: those are not rehearsed.
    pub async fn is_dirty(source: &Path) -> bool {
        git(source, &["status", "--porcelain"]).await.is_ok_and(|changes| !changes.is_empty())
    }

    /// The commit that is checked out.
    pub async fn head(&self) -> Result<Commit, Failure> {
        let line = self.run(&["log", "-1", "--format=%H %s"]).await?;
        let (id, subject) = line.split_once(' ').unwrap_or((&line, ""));
        Ok(Commit { id: id.to_owned(), subject: subject.to_owned() })
    }

    /// The commit before HEAD, when there is one.
    pub async fn parent(&self) -> Option<String> {
        self.run(&["rev-parse", "--verify", "--quiet", "HEAD^"]).await.ok()
    }

    /// Applies a patch and commits it; its first line is the subject.
    ///
    /// # Errors
    /// Fails if the patch no longer applies.
    pub async fn commit_patch(&self, patch: &str) -> Result<Commit, Failure> {
        let subject = patch.lines().next().unwrap_or_default();
        let file =
            tempfile::NamedTempFile::new().map_err(|error| Failure::environment("cannot keep a patch", error))?;
        std::fs::write(file.path(), patch).map_err(|error| Failure::environment("cannot keep a patch", error))?;
        self.run(&["apply", "--index", &file.path().to_string_lossy()]).await.map_err(|failure| {
            Failure::environment(format!("the commit \"{subject}\" does not apply"), failure.text())
        })?;
        let identity =
            ["-c", "user.name=Slipway rehearsal", "-c", "user.email=rehearsal@localhost", "-c", "commit.gpgsign=false"];
        let commit = ["commit", "--quiet", "--no-verify", "-m", subject];
        self.run(&[identity.as_slice(), commit.as_slice()].concat()).await?;
        self.head().await
    }

    /// Takes the last commit back, here only.
    pub async fn undo_commit(&self) -> Result<(), Failure> {
        self.run(&["reset", "--quiet", "--hard", "HEAD^"]).await.map(drop)
    }

    /// Pushes `revision` to `main` of the remote.
    pub async fn push(&self, url: &str, revision: &str) -> Result<(), Failure> {
        self.run(&["push", "--quiet", "--force", url, &format!("{revision}:refs/heads/main")]).await.map(drop)
    }

    async fn run(&self, arguments: &[&str]) -> Result<String, Failure> {
        git(&self.directory, arguments).await
    }
}

async fn git(directory: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| Failure::environment("git does not start", error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let verb = arguments.iter().find(|word| !word.starts_with('-')).unwrap_or(&"");
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::environment(format!("git {verb}"), said.trim().lines().last().unwrap_or("failed")))
}
