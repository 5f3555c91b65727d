//! `slipway check`: a manifest and the files that it names, every fault at once; and a dry run of its checks for whoever says against what.

mod ports;
mod report;
mod run;
mod target;

use serde_json::json;
use slipway_shared::manifest::Manifest;

use crate::cli::CheckOptions;
use crate::console;
use crate::failure::Failure;
use crate::manifest::{Read, counted, read_telling};
use report::{Outcome, Ran};

pub use target::Target;

/// Prints every fault, or what the manifest holds if there is none; then runs the checks of which it is said against what.
///
/// # Errors
/// Fails if there is no manifest, if it has faults, if a check has not passed, or if checks are asked for and none could be run.
pub async fn run(options: &CheckOptions) -> Result<(), Failure> {
    let Read { manifest, files } = read_telling(&options.file, &|fault| match options.json {
        true => console::result(&report::fault(fault)),
        false => console::result(&fault.to_string()),
    })?;
    let held = Held::of(options, &manifest, files);
    if options.url.is_none() && options.functions.is_empty() {
        console::result(&if options.json { held.to_json() } else { held.to_string() });
        return Ok(());
    }
    let ran = Box::pin(run::all(options, &manifest)).await?;
    for one in &ran {
        console::result(&if options.json { report::json(one)? } else { one.to_string() });
    }
    concluded(&ran)
}

fn concluded(ran: &[Ran<'_>]) -> Result<(), Failure> {
    let of = |outcome: Outcome| ran.iter().filter(|one| one.outcome == outcome).count();
    let (passed, failed, errored) = (of(Outcome::Passed), of(Outcome::Failed), of(Outcome::Errored));
    let all = format!(
        "{}: {passed} passed, {failed} failed, {errored} could not be made, {} not run",
        counted(ran.len(), "check"),
        of(Outcome::NotRun)
    );
    match (passed, failed + errored) {
        (0, 0) => Err(Failure::SaidNo(format!("{all}: nothing is shown by that"))),
        (_, 0) => {
            console::note(&all);
            Ok(())
        }
        _ => Err(Failure::SaidNo(all)),
    }
}

/// The content of a manifest without faults, in numbers.
struct Held<'a> {
    path: String,
    application: &'a str,
    functions: usize,
    checks: usize,
    public: usize,
    files: usize,
}

impl<'a> Held<'a> {
    fn of(options: &CheckOptions, manifest: &'a Manifest, files: usize) -> Self {
        let suites = || manifest.functions.values().map(|function| &function.suite);
        Self {
            path: options.file.display().to_string(),
            application: &manifest.application,
            functions: manifest.functions.len(),
            checks: suites().map(|suite| suite.checks.len()).sum(),
            public: suites().map(|suite| suite.public.len()).sum(),
            files,
        }
    }

    fn to_json(&self) -> String {
        let Self { path, application, functions, checks, public, files } = self;
        json!({
            "file": path, "application": application, "functions": functions, "checks": checks, "public": public, "files": files,
        })
        .to_string()
    }
}

impl std::fmt::Display for Held<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} is valid: {} with {}, {} before a shift and {} after it, in {}",
            self.path,
            self.application,
            counted(self.functions, "function"),
            counted(self.checks, "check"),
            self.public,
            counted(self.files, "file"),
        )
    }
}
