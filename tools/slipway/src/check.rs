//! `slipway check`: a manifest and the files that it names, every fault at once.

use slipway_shared::manifest::Manifest;

use crate::cli::CheckOptions;
use crate::console;
use crate::failure::Failure;
use crate::manifest::{Read, counted, read};

/// Prints every fault, or what the manifest holds if there is none.
///
/// # Errors
/// Fails if there is no manifest, or if it has faults.
pub fn run(options: &CheckOptions) -> Result<(), Failure> {
    let Read { manifest, files } = read(&options.file)?;
    console::result(&summary(&options.file.display().to_string(), &manifest, files));
    Ok(())
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
