//! Child processes that cannot outlive the plane.
//!
//! Every child leads a process group of its own; ending the group ends whatever the child started.

use std::collections::HashSet;
use std::io;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// The process groups that the plane started and that are not known to have ended.
#[derive(Clone, Debug, Default)]
pub struct ProcessGroups(Arc<Mutex<HashSet<i32>>>);

impl ProcessGroups {
    /// Starts `command` as the leader of a process group of its own.
    ///
    /// # Errors
    /// Fails if the program cannot be started.
    pub fn spawn(&self, command: &mut Command) -> io::Result<ProcessGroup> {
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        let leader =
            child.id().and_then(|id| i32::try_from(id).ok()).ok_or_else(|| io::Error::other("no process id"))?;
        self.lock().insert(leader);
        Ok(ProcessGroup { child, leader, groups: self.clone() })
    }

    /// Kills every group that is left.
    pub fn kill_all(&self) {
        for leader in self.lock().drain() {
            kill_group(leader);
        }
    }

    /// The number of groups that are running.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// True if none is running.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<i32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A child and all it started. Dropping it kills the group.
#[derive(Debug)]
pub struct ProcessGroup {
    /// The leader, for its pipes.
    pub child: Child,
    leader: i32,
    groups: ProcessGroups,
}

impl ProcessGroup {
    /// The process id of the leader, which is also the group's.
    pub fn id(&self) -> i32 {
        self.leader
    }

    /// Waits for the leader to end; what it left running in its group is killed.
    ///
    /// # Errors
    /// Fails if the child cannot be waited for.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.kill();
        Ok(status)
    }

    /// Sends a signal to the whole group.
    pub fn signal(&self, signal: Signal) {
        // A group that has already ended cannot be signalled, and need not be.
        let _ = killpg(Pid::from_raw(self.leader), signal);
    }

    /// Kills the whole group at once.
    pub fn kill(&self) {
        if self.groups.lock().remove(&self.leader) {
            kill_group(self.leader);
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}

fn kill_group(leader: i32) {
    // ESRCH means that the group has ended, which is what is wanted.
    let _ = killpg(Pid::from_raw(leader), Signal::SIGKILL);
}
