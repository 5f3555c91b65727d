//! A CPU quota, as Lambda gives a function with little memory, through control groups.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Both versions of control groups, where Linux distributions mount them.
const UNIFIED: &str = "/sys/fs/cgroup";
const CPU_ONLY: &str = "/sys/fs/cgroup/cpu";

/// Microseconds; assumed to be Lambda's, which AWS does not publish. Linux' own is 100 000.
const PERIOD: u64 = 20_000;
/// The kernel takes no less.
const LEAST: u64 = 1_000;

/// A group of processes that share a fraction of one CPU; it is removed when this is dropped.
#[derive(Debug)]
pub struct Quota {
    group: PathBuf,
}

impl Quota {
    /// Makes the group.
    ///
    /// # Errors
    /// Fails if the system has no CPU controller, or this user may not use it.
    pub fn new(share: f64) -> anyhow::Result<Self> {
        let name = format!("slipway-bench-{}", std::process::id());
        let unified = fs::read_to_string(Path::new(UNIFIED).join("cgroup.controllers"));
        let is_unified = unified.is_ok_and(|controllers| controllers.split_whitespace().any(|each| each == "cpu"));
        let group = Path::new(if is_unified { UNIFIED } else { CPU_ONLY }).join(name);
        fs::create_dir(&group).with_context(|| format!("{}", group.display()))?;
        let quota = Self { group };
        let microseconds = quota_of(share);
        if is_unified {
            quota.set("cpu.max", &format!("{microseconds} {PERIOD}"))?;
        } else {
            quota.set("cpu.cfs_period_us", &PERIOD.to_string())?;
            quota.set("cpu.cfs_quota_us", &microseconds.to_string())?;
        }
        Ok(quota)
    }

    /// Moves a process, with its threads, into the group.
    ///
    /// # Errors
    /// Fails if it has ended.
    pub fn hold(&self, process: u32) -> anyhow::Result<()> {
        self.set("cgroup.procs", &process.to_string())
    }

    fn set(&self, file: &str, value: &str) -> anyhow::Result<()> {
        let path = self.group.join(file);
        fs::write(&path, value).with_context(|| format!("{}", path.display()))
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // Its processes have ended. If one has not, the group stays, empty of any harm.
        let _ = fs::remove_dir(&self.group);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "microseconds of a period"
)]
fn quota_of(share: f64) -> u64 {
    ((share * PERIOD as f64).round() as u64).max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_part_of_the_period() {
        assert_eq!(quota_of(0.072), 1_440);
        assert_eq!(quota_of(0.000_1), LEAST);
    }
}
