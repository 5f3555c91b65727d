//! The outcome of each check of a dry run, for people and for programs. Pure.

use std::fmt;

use serde::Serialize;
use serde_json::json;
use slipway_shared::hook::{CheckOutcome, Finding, Reason};
use slipway_shared::reading::Fault;

use crate::failure::Failure;

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The answer was as expected.
    Passed,
    /// It was not.
    Failed,
    /// There was no answer to compare, or no time for one.
    Errored,
    /// It was not run.
    NotRun,
}

/// A check of a dry run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ran<'a> {
    /// The function's logical id.
    pub function: &'a str,
    /// The list of the suite that the check is in.
    pub list: &'static str,
    /// The check's name.
    pub check: &'a str,
    /// Its kind.
    pub kind: &'static str,
    /// The outcome.
    pub outcome: Outcome,
    /// The time that it took; none if it was not run.
    pub duration_ms: Option<u64>,
    /// The reasons for any outcome but passed, in the hook's words.
    pub reasons: Vec<String>,
}

impl Ran<'_> {
    /// Takes what the hook's code has found.
    pub fn found(&mut self, found: &CheckOutcome) {
        let told = |reason: &Reason| vec![reason.to_string()];
        (self.outcome, self.reasons) = match &found.finding {
            Finding::Passed => (Outcome::Passed, Vec::new()),
            Finding::Failed(reasons) => (Outcome::Failed, reasons.iter().map(ToString::to_string).collect()),
            Finding::Errored(reason) | Finding::Unfinished(reason) => (Outcome::Errored, told(reason)),
            Finding::Skipped(reason) => (Outcome::NotRun, told(reason)),
        };
        let milliseconds = u64::try_from(found.duration.as_millis()).unwrap_or(u64::MAX);
        self.duration_ms = Some(milliseconds).filter(|_| self.outcome != Outcome::NotRun);
    }
}

/// A line, and one for each reason.
impl fmt::Display for Ran<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Errored => "could not be made",
            Outcome::NotRun => "not run",
        };
        write!(formatter, "{} {} {:?}: {outcome}", self.function, self.list, self.check)?;
        if let Some(taken) = self.duration_ms {
            write!(formatter, " ({taken} ms)")?;
        }
        self.reasons.iter().try_for_each(|reason| write!(formatter, "\n  {reason}"))
    }
}

/// One line of JSON for a check.
///
/// # Errors
/// Never, unless a check cannot be written.
pub fn json(ran: &Ran<'_>) -> Result<String, Failure> {
    serde_json::to_string(ran).map_err(|error| Failure::environment("write an outcome", error))
}

/// One line of JSON for a fault of a file.
pub fn fault(fault: &Fault) -> String {
    let Fault { file, line, column, message, .. } = fault;
    json!({ "file": &**file, "line": line, "column": column, "message": message }).to_string()
}
