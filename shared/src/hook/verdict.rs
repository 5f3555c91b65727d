//! The conclusion of a gate, and its reasons.
//!
//! A verdict has four outcomes because "the version is bad", "nothing could be learned" and "the gate itself broke" need different
//! people. CodeDeploy knows two; [`super::policy`] maps them, fail closed. Every outcome but `Passed` carries at least one reason.

use std::fmt;
use std::time::Duration;

/// One reason: a subject that may be logged, and a detail that may quote an answer and therefore is only recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    subject: String,
    detail: Option<String>,
}

impl Reason {
    /// A reason without any quotation.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), detail: None }
    }

    /// A reason whose detail quotes what was seen.
    #[must_use]
    pub fn with_detail(subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { subject: subject.into(), detail: Some(detail.into()) }
    }

    /// The same reason as that of a check.
    #[must_use]
    pub fn within(self, check: &str) -> Self {
        Self { subject: format!("check {check:?}: {}", self.subject), detail: self.detail }
    }

    /// The part that quotes nothing: for logs.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// The whole reason: for records.
impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.subject)?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(formatter, ": {detail}"))
    }
}

/// At least one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasons {
    first: Reason,
    more: Vec<Reason>,
}

impl Reasons {
    /// `None` if there is no reason at all.
    #[must_use]
    pub fn from_list(reasons: Vec<Reason>) -> Option<Self> {
        let mut reasons = reasons.into_iter();
        Some(Self { first: reasons.next()?, more: reasons.collect() })
    }

    /// In the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Reason> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

impl From<Reason> for Reasons {
    fn from(first: Reason) -> Self {
        Self { first, more: Vec::new() }
    }
}

/// The conclusion of one hook about one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every check found what it expected.
    Passed,
    /// A check did not hold: the version is bad.
    Failed(Reasons),
    /// Nothing could be learned about the version.
    Inconclusive(Reasons),
    /// The gate itself could not do its work.
    Errored(Reasons),
}

impl Verdict {
    /// Errored, for one reason.
    #[must_use]
    pub fn errored(reason: impl Into<String>) -> Self {
        Self::Errored(Reason::new(reason).into())
    }

    /// Inconclusive, for one reason.
    #[must_use]
    pub fn inconclusive(reason: impl Into<String>) -> Self {
        Self::Inconclusive(Reason::new(reason).into())
    }

    /// `passed`, `failed`, `inconclusive` or `errored`: the words of logs and records.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Inconclusive(_) => "inconclusive",
            Self::Errored(_) => "errored",
        }
    }

    /// The reasons; none for `Passed`.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        let reasons = match self {
            Self::Passed => None,
            Self::Failed(reasons) | Self::Inconclusive(reasons) | Self::Errored(reasons) => Some(reasons),
        };
        reasons.into_iter().flat_map(Reasons::iter)
    }
}

/// The finding of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The answer was as expected.
    Passed,
    /// The answer was not as expected.
    Failed(Reasons),
    /// There was no answer to compare.
    Errored(Reason),
    /// It was not run: what it builds on is not there.
    Skipped(Reason),
    /// The hook's time was over before it ended, or began.
    Unfinished(Reason),
}

/// One check that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOutcome {
    /// The check's name in the suite.
    pub name: String,
    /// The finding of the check.
    pub finding: Finding,
    /// The time that it took.
    pub duration: Duration,
}

/// Concludes from all checks. A bad answer outweighs a check that could not be made or was not run; no checks at all prove nothing.
#[must_use]
pub fn judge(outcomes: &[CheckOutcome]) -> Verdict {
    let mut failed = Vec::new();
    let mut errored = Vec::new();
    for outcome in outcomes {
        match &outcome.finding {
            Finding::Passed => {}
            Finding::Failed(reasons) => failed.extend(reasons.iter().cloned()),
            Finding::Errored(reason) | Finding::Skipped(reason) | Finding::Unfinished(reason) => {
                errored.push(reason.clone());
            }
        }
    }
    let bad = !failed.is_empty();
    failed.extend(errored);
    match Reasons::from_list(failed) {
        Some(reasons) if bad => Verdict::Failed(reasons),
        Some(reasons) => Verdict::Errored(reasons),
        None if outcomes.is_empty() => Verdict::inconclusive("no check was run"),
        None => Verdict::Passed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn outcome(kind: u8) -> CheckOutcome {
        let finding = match kind {
            0 => Finding::Passed,
            1 => Finding::Failed(Reason::with_detail("bad", "expected 1, got 2").into()),
            2 => Finding::Errored(Reason::new("no answer")),
            3 => Finding::Skipped(Reason::new("not run")),
            _ => Finding::Unfinished(Reason::new("no time")),
        };
        CheckOutcome { name: "check".into(), finding, duration: Duration::ZERO }
    }

    proptest! {
        #[test]
        fn passes_only_if_there_are_checks_and_all_passed(kinds in proptest::collection::vec(0u8..5, 0..6)) {
            let outcomes: Vec<_> = kinds.iter().map(|kind| outcome(*kind)).collect();
            let verdict = judge(&outcomes);
            prop_assert_eq!(verdict == Verdict::Passed, !kinds.is_empty() && kinds.iter().all(|kind| *kind == 0));
            prop_assert_eq!(matches!(verdict, Verdict::Failed(_)), kinds.contains(&1));
            let bad = kinds.iter().filter(|kind| **kind != 0).count();
            prop_assert_eq!(verdict.reasons().count(), if kinds.is_empty() { 1 } else { bad });
        }
    }

    #[test]
    fn a_log_never_quotes_an_answer() {
        let reason = Reason::with_detail("check \"health\": body.status", "expected \"ok\", got \"sick\"");
        assert_eq!(reason.to_string(), "check \"health\": body.status: expected \"ok\", got \"sick\"");
        assert_eq!(reason.subject(), "check \"health\": body.status");
    }
}
