//! The network in which the programs look for AWS: one of the benchmark's own, in which AWS's name leads to the stub.
//!
//! So every program resolves, signs for and verifies the name that it would on AWS, and none can reach AWS. It needs Linux
//! namespaces: root, or a system that lets users have their own.

use std::io::Write as _;
use std::process::Command;

use anyhow::Context as _;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid};

/// The region of every call.
pub const REGION: &str = "eu-west-1";
/// The host that SDKs call in it.
pub const HOST: &str = "dynamodb.eu-west-1.amazonaws.com";

/// The network that the stub is in.
#[derive(Debug)]
pub enum Network {
    /// Nothing else is in it: AWS's name and port are the stub's.
    Own,
    /// The machine's: the stub has some port, and programs must be told.
    Shared {
        /// The reason why there is none of its own.
        reason: String,
    },
}

/// Moves this process, which must still have one thread only, into a network of its own if the system lets it.
///
/// # Errors
/// Fails if it had to be left half-way.
pub fn enter() -> anyhow::Result<Network> {
    if let Err(reason) = Command::new("ip").arg("-Version").output() {
        return Ok(Network::Shared { reason: format!("ip, of Debian's iproute2, does not run: {reason}") });
    }
    let (user, group) = (getuid(), getgid());
    let mut flags = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET;
    if !user.is_root() {
        flags |= CloneFlags::CLONE_NEWUSER;
    }
    if let Err(reason) = unshare(flags) {
        return Ok(Network::Shared { reason: format!("unshare: {reason}") });
    }
    if !user.is_root() {
        std::fs::write("/proc/self/setgroups", "deny").context("setgroups")?;
        std::fs::write("/proc/self/uid_map", format!("0 {user} 1")).context("uid_map")?;
        std::fs::write("/proc/self/gid_map", format!("0 {group} 1")).context("gid_map")?;
    }
    let up = Command::new("ip").args(["link", "set", "lo", "up"]).status()?;
    anyhow::ensure!(up.success(), "the loopback interface does not come up");
    name_the_stub()?;
    Ok(Network::Own)
}

/// Puts AWS's name into this process's view of `/etc/hosts`.
fn name_the_stub() -> anyhow::Result<()> {
    const NONE: Option<&str> = None;
    let mut hosts = tempfile::NamedTempFile::new()?;
    writeln!(hosts, "127.0.0.1 localhost {HOST}")?;
    // Without it, the mount below would be everybody's where mounts are shared.
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE).context("private mounts")?;
    mount(Some(hosts.path()), "/etc/hosts", NONE, MsFlags::MS_BIND, NONE).context("/etc/hosts")?;
    Ok(())
}
