//! Bringing a project's source directory to exactly what the source archive holds.
//!
//! In content it is a clean checkout: what is not in the archive is removed, except what the build's cache keeps. But
//! only files whose bytes differ are written, so that the others keep their times, by which tools such as cargo tell
//! what they need not build again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::glob::Globs;
use super::tree::{Kind, walk};

/// The bits of a mode that say that it is a symbolic link.
const LINK: u32 = 0o120_000;

/// The numbers of files that a checkout wrote, removed and left as they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The number of files that are new, or have other bytes.
    pub written: usize,
    /// The number of files that are no longer in the source.
    pub removed: usize,
    /// The number of files with the same bytes as before.
    pub unchanged: usize,
}

/// One file of a source archive.
struct Source {
    bytes: Vec<u8>,
    mode: u32,
}

/// Makes `directory` hold what the zip `archive` holds, and what was there of the paths that `kept` matches.
///
/// # Errors
/// Fails if the archive is no zip, has a path that leads out of it, or the directory cannot be changed.
pub fn synchronize(archive: &[u8], directory: &Path, kept: &Globs) -> io::Result<Changes> {
    fs::create_dir_all(directory)?;
    let (files, folders) = unpack(archive)?;
    let mut changes = Changes::default();
    let present = walk(directory)?;
    // Deepest first, so that a folder is empty before its turn comes.
    for (path, kind) in present.iter().rev() {
        let place = directory.join(path);
        match kind {
            // Fails where something that stays lies in it, which is what is wanted.
            Kind::Directory if files.contains_key(path) => fs::remove_dir_all(&place)?,
            Kind::Directory if !folders.contains(path) => drop(fs::remove_dir(&place)),
            Kind::Directory => {}
            _ if files.contains_key(path) => {}
            _ if kept.matches(path) && !folders.contains(path) => {}
            _ => {
                fs::remove_file(&place)?;
                changes.removed += 1;
            }
        }
    }
    for folder in &folders {
        fs::create_dir_all(directory.join(folder))?;
    }
    for (path, source) in &files {
        if is_current(&directory.join(path), source)? {
            changes.unchanged += 1;
        } else {
            write(&directory.join(path), source)?;
            changes.written += 1;
        }
    }
    Ok(changes)
}

/// Reads one file of a zip; none when it has no such file.
///
/// # Errors
/// Fails if the archive is no zip.
pub fn read_file(archive: &[u8], path: &str) -> io::Result<Option<String>> {
    let mut zip = zip::ZipArchive::new(io::Cursor::new(archive)).map_err(io::Error::other)?;
    let Ok(mut entry) = zip.by_name(path) else { return Ok(None) };
    let mut text = String::new();
    entry.read_to_string(&mut text)?;
    Ok(Some(text))
}

type Files = BTreeMap<String, Source>;

/// The archive's files, and every folder that they or the archive need.
fn unpack(archive: &[u8]) -> io::Result<(Files, BTreeSet<String>)> {
    let mut zip = zip::ZipArchive::new(io::Cursor::new(archive)).map_err(io::Error::other)?;
    let (mut files, mut folders) = (Files::new(), BTreeSet::new());
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(io::Error::other)?;
        let Some(path) = entry.enclosed_name().map(|path| path.to_string_lossy().into_owned()) else {
            let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
            return Err(io::Error::other(format!("{name} leads out of the archive")));
        };
        let path = path.trim_end_matches('/').to_owned();
        let ends = path.match_indices('/').map(|(at, _)| at);
        folders.extend(ends.map(|at| path[..at].to_owned()));
        if entry.is_dir() {
            folders.insert(path);
            continue;
        }
        let mode = entry.unix_mode().unwrap_or(0o100_644);
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(path, Source { bytes, mode });
    }
    folders.remove("");
    Ok((files, folders))
}

/// Git knows one bit of a file's mode: whether it can be run.
fn permissions(mode: u32) -> u32 {
    if mode & 0o111 == 0 { 0o644 } else { 0o755 }
}

fn is_current(place: &Path, source: &Source) -> io::Result<bool> {
    let Ok(metadata) = fs::symlink_metadata(place) else { return Ok(false) };
    if source.mode & LINK == LINK {
        return Ok(metadata.is_symlink() && fs::read_link(place)?.as_os_str().as_encoded_bytes() == source.bytes);
    }
    let same_shape = metadata.is_file()
        && metadata.len() == source.bytes.len() as u64
        && metadata.permissions().mode() & 0o777 == permissions(source.mode);
    Ok(same_shape && fs::read(place)? == source.bytes)
}

fn write(place: &Path, source: &Source) -> io::Result<()> {
    if fs::symlink_metadata(place).is_ok() {
        // Never through a link, and never into a file that something still runs.
        fs::remove_file(place)?;
    }
    if source.mode & LINK == LINK {
        return symlink(String::from_utf8_lossy(&source.bytes).as_ref(), place);
    }
    fs::write(place, &source.bytes)?;
    fs::set_permissions(place, fs::Permissions::from_mode(permissions(source.mode)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::SystemTime;

    use tempfile::TempDir;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(files: &[(&str, &str, u32)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (path, content, mode) in files {
            zip.start_file(*path, SimpleFileOptions::default().unix_permissions(*mode)).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn modified(place: &Path) -> SystemTime {
        fs::metadata(place).unwrap().modified().unwrap()
    }

    #[test]
    fn only_what_differs_is_written_and_what_is_gone_is_removed() {
        let folder = TempDir::new().unwrap();
        let first = archive(&[("same.txt", "a", 0o644), ("sub/old.txt", "b", 0o644), ("run.sh", "c", 0o644)]);
        synchronize(&first, folder.path(), &Globs::default()).unwrap();
        let past = SystemTime::UNIX_EPOCH;
        fs::File::options().write(true).open(folder.path().join("same.txt")).unwrap().set_modified(past).unwrap();

        let second = archive(&[("same.txt", "a", 0o644), ("new.txt", "d", 0o644), ("run.sh", "c", 0o755)]);
        let changes = synchronize(&second, folder.path(), &Globs::default()).unwrap();
        assert_eq!(changes, Changes { written: 2, removed: 1, unchanged: 1 });
        assert_eq!(modified(&folder.path().join("same.txt")), past);
        assert!(!folder.path().join("sub").exists());
        assert_eq!(fs::metadata(folder.path().join("run.sh")).unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn what_a_build_left_goes_and_what_the_cache_names_stays() {
        let folder = TempDir::new().unwrap();
        let source = archive(&[("a.txt", "a", 0o644)]);
        synchronize(&source, folder.path(), &Globs::default()).unwrap();
        fs::create_dir_all(folder.path().join("target/deep")).unwrap();
        fs::write(folder.path().join("target/deep/kept"), "k").unwrap();
        fs::write(folder.path().join("left.txt"), "l").unwrap();
        fs::write(folder.path().join("a.txt"), "spoilt by the build").unwrap();

        synchronize(&source, folder.path(), &Globs::new(["target/**/*"]).unwrap()).unwrap();
        assert!(folder.path().join("target/deep/kept").exists());
        assert!(!folder.path().join("left.txt").exists());
        assert_eq!(fs::read_to_string(folder.path().join("a.txt")).unwrap(), "a");

        synchronize(&source, folder.path(), &Globs::default()).unwrap();
        assert!(!folder.path().join("target").exists());
    }

    #[test]
    fn a_folder_and_a_file_may_change_places() {
        let folder = TempDir::new().unwrap();
        synchronize(&archive(&[("a/b", "1", 0o644), ("c", "2", 0o644)]), folder.path(), &Globs::default()).unwrap();
        synchronize(&archive(&[("a", "1", 0o644), ("c/d", "2", 0o644)]), folder.path(), &Globs::default()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "1");
        assert_eq!(fs::read_to_string(folder.path().join("c/d")).unwrap(), "2");
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        let folder = TempDir::new().unwrap();
        let evil = archive(&[("../evil.txt", "x", 0o644)]);
        assert!(synchronize(&evil, &folder.path().join("src"), &Globs::default()).is_err());
        assert!(!folder.path().join("evil.txt").exists());
    }
}
