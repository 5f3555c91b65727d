//! `slipway check`: a manifest and the files that it names, every fault at once.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use slipway_shared::manifest::{Loaded, Manifest, ReadFile, ReadFileError, load};

use crate::cli::CheckOptions;
use crate::console;
use crate::failure::Failure;

/// Prints every fault, or what the manifest holds if there is none.
///
/// # Errors
/// Fails if there is no manifest, or if it has faults.
pub fn run(options: &CheckOptions) -> Result<(), Failure> {
    let Some(path) = options.file.to_str() else {
        return Err(Failure::Environment(format!("{} is no name in UTF-8", options.file.display())));
    };
    match fs::metadata(path) {
        Ok(entry) if entry.is_file() => {}
        Ok(_) => return Err(Failure::Environment(format!("{path} is no file"))),
        Err(error) => return Err(Failure::environment(format!("there is no manifest at {path}"), error)),
    }
    let Loaded { manifest, files } = load(&Disk, path);
    match manifest {
        Ok(manifest) => {
            console::result(&summary(path, &manifest, files.len()));
            Ok(())
        }
        Err(faults) => {
            faults.list().iter().for_each(|fault| console::result(&fault.to_string()));
            Err(Failure::SaidNo(format!("{} in {path}", counted(faults.list().len(), "fault"))))
        }
    }
}

fn summary(path: &str, manifest: &Manifest, files: usize) -> String {
    let suites = manifest.functions.values().map(|function| &function.suite);
    let (mut before, mut after) = (0, 0);
    for suite in suites {
        before += suite.checks.len();
        after += suite.public.len();
    }
    let functions = counted(manifest.functions.len(), "function");
    format!(
        "{path} is valid: {} with {functions}, {} before a shift and {} after it, in {}",
        manifest.application,
        counted(before, "check"),
        after,
        counted(files, "file"),
    )
}

fn counted(number: usize, what: &str) -> String {
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
