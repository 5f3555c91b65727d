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
use crate::parameters::{ParameterNames, ReadParameter as _};
use crate::suite::{Suite, read_suite};
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
    /// The suite of what is judged, from where its parameter says that it lies.
    ///
    /// # Errors
    /// The verdict on a suite that is missing or cannot be used: errored.
    pub async fn suite(&self) -> Result<Suite, Verdict> {
        let name = self.names.suite(self.subject.name());
        read_suite(self.ports.parameters(), self.ports.objects(), &name)
            .await
            .map_err(|fault| Verdict::Errored(Reason::with_detail(fault.subject, fault.detail).into()))
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
