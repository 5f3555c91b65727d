//! The log of the newest build: its last line while it runs, for a first build takes minutes and somebody waits for it, and its end
//! when it has failed.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The part of a log's end that is read to find its last line, in bytes.
const LAST_LINE: u64 = 2048;
/// The part of a log's end that is told of a build that failed, in bytes: a failed test with its reason and a summary.
const FAILED: u64 = 6000;

/// The last line of the newest build log below the plane's directory; none before the first build.
pub fn newest_line(plane_dir: &Path) -> Option<String> {
    let tail = newest_tail(plane_dir, LAST_LINE)?;
    tail.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

/// The end of the newest build log below the plane's directory, in whole lines, if that build has failed.
pub fn end_of_failed(plane_dir: &Path) -> Option<String> {
    let tail = newest_tail(plane_dir, FAILED)?;
    let lines = tail.split_once('\n').map_or_else(String::new, |(_, lines)| lines.trim_end().to_owned());
    lines.contains(" State: FAILED").then_some(lines)
}

fn newest_tail(plane_dir: &Path, bytes: u64) -> Option<String> {
    let logs = entries(&plane_dir.join("codebuild")).into_iter().flat_map(|project| entries(&project.join("logs")));
    let (_, newest) = logs.filter_map(|log| Some((modified(&log)?, log))).max()?;
    let mut file = File::open(newest).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(bytes))).ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    Some(String::from_utf8_lossy(&tail).into_owned())
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
        assert_eq!(end_of_failed(plane.path()), None);
        fs::write(logs.join("a.log"), "first\ntest it ... FAILED\n[Container] Phase complete: BUILD State: FAILED\n")
            .unwrap();
        let end = "test it ... FAILED\n[Container] Phase complete: BUILD State: FAILED";
        assert_eq!(end_of_failed(plane.path()).as_deref(), Some(end));
    }
}
