//! The newest line of the build that runs: a first build takes minutes, and somebody waits for it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The part of a log's end that is read to find its last line, in bytes.
const TAIL: u64 = 2048;

/// The last line of the newest build log below the plane's directory; none before the first build.
pub fn newest_line(plane_dir: &Path) -> Option<String> {
    let logs = entries(&plane_dir.join("codebuild")).into_iter().flat_map(|project| entries(&project.join("logs")));
    let (_, newest) = logs.filter_map(|log| Some((modified(&log)?, log))).max()?;
    let mut file = File::open(newest).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    let tail = String::from_utf8_lossy(&tail);
    tail.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_logs_last_line_is_found() {
        let plane = tempfile::tempdir().unwrap();
        assert_eq!(newest_line(plane.path()), None);
        let logs = plane.path().join("codebuild/project/logs");
        fs::create_dir_all(&logs).unwrap();
        fs::write(logs.join("a.log"), "first\nCompiling it\n\n").unwrap();
        assert_eq!(newest_line(plane.path()).as_deref(), Some("Compiling it"));
    }
}
