//! `slipway check`: a manifest and the files that it names, every fault at once; and a dry run of its checks for whoever says against what.

mod ports;
mod report;
mod run;
mod target;

use serde_json::json;
use slipway_shared::suite::Suite;

use crate::cli::CheckOptions;
use crate::console;
use crate::failure::Failure;
use crate::manifest::{Content, Read, counted, read_any};
use report::{Outcome, Ran};

pub use target::Target;

/// Prints every fault, or what the manifest holds if there is none; then runs the checks of which it is said against what.
///
/// # Errors
/// Fails if there is no manifest, if it has faults, if a check has not passed, or if checks are asked for and none could be run.
pub async fn run(options: &CheckOptions) -> Result<(), Failure> {
    let content = read_any(&options.file, &|fault| match options.json {
        true => console::result(&report::fault(fault)),
        false => console::result(&fault.to_string()),
    })?;
    let held = Held::of(options, &content);
    if options.url.is_none() && options.functions.is_empty() {
        console::result(&if options.json { held.to_json() } else { held.to_string() });
        return Ok(());
    }
    let ran = Box::pin(run::all(options, &held.suites)).await?;
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

/// The content of a file without faults.
struct Held<'a> {
    path: String,
    /// The application's name; none of a suite by itself.
    application: Option<&'a str>,
    /// The suites, by the functions' logical ids. One by itself has the name of its file.
    suites: Vec<(String, &'a Suite)>,
    /// The number of stages.
    stages: usize,
    files: usize,
}

impl<'a> Held<'a> {
    fn of(options: &CheckOptions, content: &'a Content) -> Self {
        let path = options.file.display().to_string();
        match content {
            Content::Manifest(Read { manifest, files }) => {
                let suites = manifest.functions.iter().map(|(id, function)| (id.clone(), &function.suite)).collect();
                Self {
                    path,
                    application: Some(&manifest.application),
                    suites,
                    stages: manifest.stages.len(),
                    files: *files,
                }
            }
            Content::Suite(suite, files) => {
                let name = options.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                Self { path, application: None, suites: vec![(name, suite)], stages: 0, files: *files }
            }
        }
    }

    fn checks(&self) -> usize {
        self.suites.iter().map(|(_, suite)| suite.checks.len()).sum()
    }

    fn public(&self) -> usize {
        self.suites.iter().map(|(_, suite)| suite.public.len()).sum()
    }

    fn to_json(&self) -> String {
        let Self { path, application, suites, stages, files } = self;
        let functions = if application.is_some() { suites.len() } else { 0 };
        json!({
            "file": path, "application": application, "functions": functions, "stages": stages, "checks": self.checks(),
            "public": self.public(), "files": files,
        })
        .to_string()
    }
}

impl std::fmt::Display for Held<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, application, suites, stages, files } = self;
        let (checks, public) = (counted(self.checks(), "check"), self.public());
        let functions = counted(suites.len(), "function");
        match application {
            Some(name) if *stages > 0 => {
                let stages = counted(*stages, "stage");
                write!(formatter, "{path} is valid: {name} with {functions} and {stages}, ")?;
            }
            Some(name) => write!(formatter, "{path} is valid: {name} with {functions}, ")?,
            None => write!(formatter, "{path} is a valid suite: ")?,
        }
        write!(formatter, "{checks} before a shift and {public} after it, in {}", counted(*files, "file"))
    }
}
