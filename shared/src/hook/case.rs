//! The means of the checks of one hook, and the way in which both hooks run them.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::compare::differences;
use super::notebook::Notebook;
use super::ports::HookPorts;
use super::subject::Subject;
use super::verdict::{CheckOutcome, Finding, Reason, Reasons, Verdict};
use crate::manifest::Manifest;
use crate::objects::{GetObject as _, ObjectLocation};
use crate::parameters::{ParameterNames, ReadParameter as _};
use crate::suite::{Suite, SuiteSource};
use crate::telemetry::Chain;

/// One version to judge.
#[derive(Debug)]
pub struct Case<P> {
    /// The systems that the checks may use.
    pub ports: Arc<P>,
    /// The names of the parameters with suites and URLs.
    pub names: ParameterNames,
    /// The version that is judged, and its deployment.
    pub subject: Subject,
    /// The notebook for outcomes.
    pub notebook: Notebook,
    /// The checks that an earlier call of the same hook found to pass: they need not be run again.
    pub passed: BTreeSet<String>,
    /// The time at which the checks are given up as a whole.
    pub until: Instant,
}

impl<P: HookPorts> Case<P> {
    /// The suite of what is judged: its parameter's value, or the S3 object that this names.
    ///
    /// # Errors
    /// The verdict on a suite that is missing or cannot be used: errored.
    pub async fn suite(&self) -> Result<Suite, Verdict> {
        let errored = |reason: Reason| Verdict::Errored(reason.into());
        let unusable = |detail: String| errored(Reason::with_detail("the suite cannot be used", detail));
        let value = self.parameter(&self.names.suite(self.subject.name()), "suite").await.map_err(errored)?;
        let parse = |text: &str| Suite::parse(text).map_err(|faults| unusable(faults.to_string()));
        match SuiteSource::of(&value).map_err(unusable)? {
            SuiteSource::Text(text) => parse(&text),
            SuiteSource::Object(location) => parse(&self.object(&location).await.map_err(errored)?),
            SuiteSource::Manifest { location, function } => {
                let text = self.object(&location).await.map_err(errored)?;
                let mut manifest = Manifest::parse(&text).map_err(|faults| unusable(faults.to_string()))?;
                let named = manifest.functions.remove(&function).map(|function| function.suite);
                named.ok_or_else(|| unusable(format!("the manifest {location} does not name {function}")))
            }
        }
    }

    /// The text of an object that holds a suite or a manifest.
    async fn object(&self, location: &ObjectLocation) -> Result<String, Reason> {
        let content = self.ports.objects().get_object(location).await.map_err(|error| {
            let missing = if error.is_not_found() { "there is no" } else { "cannot read the" };
            Reason::with_detail(format!("{missing} suite at {location}"), Chain(&error).to_string())
        })?;
        String::from_utf8(content)
            .map_err(|_| Reason::with_detail("the suite cannot be used", format!("{location} is no text")))
    }

    /// One parameter, called `what` in reasons.
    ///
    /// # Errors
    /// The reason why it cannot be read.
    pub async fn parameter(&self, name: &str, what: &str) -> Result<String, Reason> {
        let read = self.ports.parameters().read_parameter(name).await;
        read.map(|parameter| parameter.value).map_err(|error| {
            let missing = if error.is_not_found() { "there is no" } else { "cannot read the" };
            Reason::with_detail(format!("{missing} {what} at {name}"), Chain(&error).to_string())
        })
    }

    /// Times one check and notes what it found.
    pub async fn run(&self, name: &str, check: impl Future<Output = Finding>) {
        let began = Instant::now();
        let finding = check.await;
        self.notebook.note(CheckOutcome { name: name.to_owned(), finding, duration: began.elapsed() });
    }
}

impl Finding {
    /// Compares an answer with what was expected.
    #[must_use]
    pub fn compared(check: &str, expected: &Value, answer: &Value) -> Self {
        Reasons::from_list(Self::differences(check, expected, answer)).map_or(Self::Passed, Self::Failed)
    }

    /// Every place in which an answer is not what was expected.
    #[must_use]
    pub fn differences(check: &str, expected: &Value, answer: &Value) -> Vec<Reason> {
        let reasons = differences(expected, answer).into_iter().map(|difference| {
            let place = if difference.path.is_empty() { "the answer" } else { &difference.path };
            Reason::with_detail(format!("check {check:?}: {place}"), difference.detail)
        });
        reasons.collect()
    }
}
