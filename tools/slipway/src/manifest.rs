//! The manifest, or a suite by itself, of this machine's files.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use slipway_shared::manifest::{Loaded, LoadedSuite, Manifest, ReadFile, ReadFileError, is_suite, load, load_suite};
use slipway_shared::reading::{Fault, Faults};
use slipway_shared::suite::Suite;

use crate::console;
use crate::failure::Failure;

/// A manifest without faults.
#[derive(Debug)]
pub struct Read {
    /// The manifest.
    pub manifest: Manifest,
    /// The number of files that it is made of.
    pub files: usize,
}

/// A file without faults.
#[derive(Debug)]
pub enum Content {
    /// A manifest.
    Manifest(Read),
    /// A suite by itself, and the number of files that it is made of.
    Suite(Suite, usize),
}

/// Reads a manifest with the files that it names, and prints every fault of them.
///
/// # Errors
/// Fails if there is no manifest, or if it has faults.
pub fn read(path: &Path) -> Result<Read, Failure> {
    manifest(named(path)?, &|fault| console::result(&fault.to_string()))
}

/// Reads a manifest, or a suite by itself, and tells every fault.
///
/// # Errors
/// As [`read`].
pub fn read_any(path: &Path, tell: &dyn Fn(&Fault)) -> Result<Content, Failure> {
    let path = named(path)?;
    if !is_suite(&Disk, path) {
        return manifest(path, tell).map(Content::Manifest);
    }
    let LoadedSuite { suite, files } = load_suite(&Disk, path);
    Ok(Content::Suite(without_faults(suite, path, tell)?, files.len()))
}

fn manifest(path: &str, tell: &dyn Fn(&Fault)) -> Result<Read, Failure> {
    let Loaded { manifest, files } = load(&Disk, path);
    Ok(Read { manifest: without_faults(manifest, path, tell)?, files: files.len() })
}

/// The name of a file that is there.
fn named(path: &Path) -> Result<&str, Failure> {
    let Some(path) = path.to_str() else {
        return Err(Failure::Environment(format!("{} is no name in UTF-8", path.display())));
    };
    match fs::metadata(path) {
        Ok(entry) if entry.is_file() => Ok(path),
        Ok(_) => Err(Failure::Environment(format!("{path} is no file"))),
        Err(error) => Err(Failure::environment(format!("there is no manifest at {path}"), error)),
    }
}

fn without_faults<T>(read: Result<T, Faults>, path: &str, tell: &dyn Fn(&Fault)) -> Result<T, Failure> {
    read.map_err(|faults| {
        faults.list().iter().for_each(tell);
        Failure::SaidNo(format!("{} in {path}", counted(faults.list().len(), "fault")))
    })
}

/// The number of things, in words.
pub fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The files of this machine.
struct Disk;

impl ReadFile for Disk {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, ReadFileError> {
        let unreadable = |reason: String| ReadFileError::Unreadable { path: path.to_owned(), reason };
        match fs::metadata(Path::new(path)) {
            Ok(entry) if !entry.is_file() => return Err(unreadable("it is no file".to_owned())),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(ReadFileError::Missing(path.to_owned())),
            Err(error) => return Err(unreadable(error.to_string())),
        }
        fs::read(path).map_err(|error| unreadable(error.to_string()))
    }
}
