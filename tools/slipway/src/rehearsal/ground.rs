//! The ground a rehearsal stands on: `target/slipway`, held by one rehearsal at a time.
//!
//! Only the builds' directories outlive a rehearsal: in them lies the build cache.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::toolchain;

/// Held while it lives.
#[derive(Debug)]
pub struct Ground {
    directory: PathBuf,
    _lock: File,
}

impl Ground {
    /// Takes the ground, and clears what an earlier rehearsal left.
    ///
    /// # Errors
    /// Fails if another rehearsal is on it.
    pub fn take() -> Result<Self, Failure> {
        let directory = toolchain::work_dir().join("rehearsal");
        let cannot = |error: io::Error| Failure::environment(format!("cannot use {}", directory.display()), error);
        fs::create_dir_all(&directory).map_err(cannot)?;
        let lock = File::create(directory.join("lock")).map_err(cannot)?;
        if lock.try_lock().is_err() {
            return Err(Failure::Environment("another rehearsal of this checkout is running".to_owned()));
        }
        let ground = Self { directory: directory.clone(), _lock: lock };
        clear_but_builds(&ground.plane_dir()).map_err(cannot)?;
        Ok(ground)
    }

    /// The directory in which the commits are made.
    pub fn checkout(&self) -> PathBuf {
        self.directory.join("checkout")
    }

    /// The directory in which the plane keeps its files.
    pub fn plane_dir(&self) -> PathBuf {
        self.directory.join("plane")
    }
}

/// Removes all but `codebuild/<project>/src` and what it may link to, the project's cache.
fn clear_but_builds(plane: &Path) -> io::Result<()> {
    for entry in entries(plane)? {
        if entry.file_name().is_some_and(|name| name == "codebuild") {
            for project in entries(&entry)? {
                for kept in entries(&project)? {
                    if kept.file_name().is_none_or(|name| name != "src" && name != "cache") {
                        remove(&kept)?;
                    }
                }
            }
        } else {
            remove(&entry)?;
        }
    }
    Ok(())
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(directory) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() && !path.is_symlink() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_builds_sources_and_caches_are_kept() {
        let plane = tempfile::tempdir().unwrap();
        for file in ["s3/b/o", "codebuild/p/src/target/x", "codebuild/p/cache/y", "codebuild/p/logs/l", "top"] {
            let file = plane.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "x").unwrap();
        }
        clear_but_builds(plane.path()).unwrap();
        let left = |path: &str| plane.path().join(path).exists();
        assert!(left("codebuild/p/src/target/x") && left("codebuild/p/cache/y"));
        assert!(!left("s3") && !left("top") && !left("codebuild/p/logs"));
    }
}
