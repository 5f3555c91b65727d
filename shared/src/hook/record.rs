//! A verdict as it is kept in Parameter Store: JSON within the 4 KB of a standard parameter.
//!
//! Parts that do not fit are left out in order of worth: first the checks that passed, then the other checks' times and names, then
//! reasons beyond the first few; each omission is counted. Reasons are shortened at the end, and quoted answers with them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::compare::shortened;
use super::lifecycle::LifecycleEvent;
use super::notebook::Evidence;
use super::policy::HookStatus;
use super::verdict::{CheckOutcome, Finding, Verdict};
use crate::identity::Stage;
use crate::parameters::MAX_VALUE_BYTES;

/// Longest reason, in characters.
const LONGEST_REASON: usize = 300;

/// One verdict, as read by people and by the `slipway` command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// CodeDeploy's deployment.
    pub deployment_id: String,
    /// The lifecycle event that was judged.
    pub lifecycle_event: String,
    /// The stage, by whose policy the status follows.
    pub stage: String,
    /// `passed`, `failed`, `inconclusive`, `errored`.
    pub verdict: String,
    /// The status that was about to be reported: `Succeeded` or `Failed`; `Waiting` if that is left to whoever comes last.
    pub status: String,
    /// The reasons for the verdict, shortened; none if it passed.
    pub reasons: Vec<String>,
    /// The time of the invocation, ISO 8601.
    pub at: Timestamp,
    /// CodeDeploy's application.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub application: Option<String>,
    /// CodeDeploy's deployment group.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deployment_group: Option<String>,
    /// The name of the function that was judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub function: Option<String>,
    /// The name of the ECS service that was judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<String>,
    /// The alias whose traffic is shifted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alias: Option<String>,
    /// The version that the alias pointed to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_version: Option<String>,
    /// The version that was judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target_version: Option<String>,
    /// The checks, those that were skipped too.
    pub checks: Vec<RecordedCheck>,
    /// The number of reasons and checks that were left out for their size.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub left_out: usize,
}

/// One check that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedCheck {
    /// Its name in the suite.
    pub name: String,
    /// `passed`, `failed`, `errored`, `skipped`, `unfinished`.
    pub outcome: String,
    /// The time that it took, in milliseconds.
    pub duration_ms: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The heading of a record: all of it apart from the verdict and the evidence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heading<'a> {
    pub(super) deployment_id: &'a str,
    pub(super) event: LifecycleEvent,
    pub(super) stage: Stage,
    pub(super) at: Timestamp,
}

impl Record {
    pub(super) fn new(heading: Heading<'_>, verdict: &Verdict, status: HookStatus, evidence: &Evidence) -> Self {
        let subject = evidence.subject.as_ref();
        let shift = subject.and_then(|subject| subject.shift());
        Self {
            deployment_id: heading.deployment_id.to_string(),
            lifecycle_event: heading.event.to_string(),
            stage: heading.stage.to_string(),
            verdict: verdict.as_str().to_owned(),
            status: status.as_str().to_owned(),
            reasons: verdict.reasons().map(|reason| shortened(&reason.to_string(), LONGEST_REASON)).collect(),
            at: heading.at,
            application: subject.map(|subject| subject.application.clone()).filter(|name| !name.is_empty()),
            deployment_group: subject.map(|subject| subject.group.clone()).filter(|name| !name.is_empty()),
            function: shift.map(|shift| shift.function.to_string()),
            service: subject.filter(|_| shift.is_none()).map(|subject| subject.name().to_owned()),
            alias: shift.map(|shift| shift.alias.clone()),
            current_version: shift.and_then(|shift| shift.current_version.as_ref()).map(ToString::to_string),
            target_version: shift.map(|shift| shift.target_version.to_string()),
            checks: evidence.outcomes.iter().map(RecordedCheck::of).collect(),
            left_out: 0,
        }
    }

    /// As JSON of at most [`MAX_VALUE_BYTES`], by leaving out what is worth least.
    #[must_use]
    pub fn to_parameter(mut self) -> String {
        loop {
            let text = self.json();
            if text.len() <= MAX_VALUE_BYTES || !self.leave_something_out() {
                return text;
            }
        }
    }

    fn leave_something_out(&mut self) -> bool {
        let passed = self.checks.iter().rposition(|check| check.outcome == "passed");
        if let Some(position) = passed {
            self.checks.remove(position);
        } else if self.checks.pop().is_none() && (self.reasons.len() < 2 || self.reasons.pop().is_none()) {
            return false;
        }
        self.left_out += 1;
        true
    }

    /// Parameter Store refuses `{{` as a nested parameter. In JSON it occurs only inside a text, where it can be escaped.
    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default().replace("{{", "{\\u007b")
    }
}

impl RecordedCheck {
    fn of(outcome: &CheckOutcome) -> Self {
        let word = match outcome.finding {
            Finding::Passed => "passed",
            Finding::Failed(_) => "failed",
            Finding::Errored(_) => "errored",
            Finding::Skipped(_) => "skipped",
            Finding::Unfinished(_) => "unfinished",
        };
        Self {
            name: shortened(&outcome.name, LONGEST_REASON),
            outcome: word.to_owned(),
            duration_ms: u64::try_from(outcome.duration.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::verdict::{Reason, Reasons, judge};
    use super::*;

    fn record(outcomes: Vec<CheckOutcome>) -> Record {
        let verdict = judge(&outcomes);
        let heading = Heading {
            deployment_id: "d-ABC",
            event: LifecycleEvent::BeforeAllowTraffic,
            stage: Stage::Production,
            at: Timestamp::UNIX_EPOCH,
        };
        Record::new(heading, &verdict, HookStatus::Failed, &Evidence { outcomes, ..Evidence::default() })
    }

    fn outcome(name: &str, detail: Option<&str>) -> CheckOutcome {
        let finding = detail.map_or(Finding::Passed, |detail| {
            Finding::Failed(Reasons::from(Reason::with_detail(format!("check {name:?}"), detail)))
        });
        CheckOutcome { name: name.into(), finding, duration: Duration::from_millis(7) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn always_fits_and_always_reads_back(
            checks in proptest::collection::vec(("[a-zäß\"\\\\{}]{0,320}", proptest::option::of("[ -~ä{]{0,400}")), 0..40)
        ) {
            let record = record(checks.iter().map(|(name, detail)| outcome(name, detail.as_deref())).collect());
            let text = record.clone().to_parameter();
            prop_assert!(text.len() <= MAX_VALUE_BYTES, "{} bytes", text.len());
            prop_assert!(!text.contains("{{"));
            let read: Record = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&read.verdict, &record.verdict);
            prop_assert_eq!(read.reasons.first(), record.reasons.first());
            prop_assert_eq!(read.left_out + read.reasons.len() + read.checks.len(), record.reasons.len() + record.checks.len());
        }
    }

    #[test]
    fn leaves_out_passed_checks_before_reasons() {
        let mut outcomes = vec![outcome("bad", Some("expected 1, got 2"))];
        outcomes.extend((0..200).map(|index| outcome(&format!("good {index}"), None)));
        let read: Record = serde_json::from_str(&record(outcomes).to_parameter()).unwrap();
        assert_eq!(read.reasons, ["check \"bad\": expected 1, got 2"]);
        assert_eq!(read.checks[0].name, "bad");
        assert!(read.left_out > 100);
    }
}
