//! Walking a directory: what lies in it, by relative path.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The kind of a path's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory, which is walked.
    Directory,
    /// Any other file, of which the content is taken.
    File,
    /// A symbolic link, whatever it points at.
    Link,
}

/// Everything under `root`, with `/` between folders. Links are not followed. A name that is not UTF-8 is given with
/// replacement characters.
///
/// # Errors
/// Fails if a directory cannot be read.
pub fn walk(root: &Path) -> io::Result<BTreeMap<String, Kind>> {
    let mut found = BTreeMap::new();
    descend(root, "", &mut found)?;
    Ok(found)
}

fn descend(directory: &Path, prefix: &str, found: &mut BTreeMap<String, Kind>) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            descend(&entry.path(), &format!("{path}/"), found)?;
            found.insert(path, Kind::Directory);
        } else {
            found.insert(path, if kind.is_symlink() { Kind::Link } else { Kind::File });
        }
    }
    Ok(())
}
