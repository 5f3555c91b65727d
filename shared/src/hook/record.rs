//! A hook's verdict as an entry of the ledger.

use jiff::Timestamp;

use super::compare::shortened;
use super::conclude::Conclusion;
use super::lifecycle::LifecycleEvent;
use super::policy::HookStatus;
use super::subject::Deployed;
use super::verdict::{CheckOutcome, Finding};
use crate::identity::Stage;
use crate::ledger::{CheckEntry, Entry, Notice};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 300;

/// The entry about a conclusion. Reasons are shortened, and quoted answers with them. A hook sends no message: `canary-watch` tells people
/// of one that failed, when the deployment is over.
pub(super) fn entry(
    deployment: &str,
    event: LifecycleEvent,
    conclusion: &Conclusion,
    about: (&Stage, Timestamp),
) -> Entry {
    let (verdict, evidence) = (&conclusion.verdict, &conclusion.evidence);
    let mut entry = Entry {
        closed: !conclusion.waits,
        action: Some(action(conclusion)),
        reasons: verdict.reasons().map(|reason| shortened(&reason.to_string(), LONGEST_REASON)).collect(),
        checks: evidence.outcomes.iter().map(check).collect(),
        notice: (conclusion.status == HookStatus::Failed).then_some(Notice::Owed),
        ..Entry::new(deployment, event, verdict.as_str(), about)
    };
    if let Some(subject) = &evidence.subject {
        subject.application.clone_into(&mut entry.application);
        subject.group.clone_into(&mut entry.deployment_group);
        subject.name().clone_into(&mut entry.function);
        match &subject.deployed {
            Deployed::Function(shift) => {
                shift.alias.clone_into(&mut entry.alias);
                entry.current_version = shift.current_version.as_ref().map(ToString::to_string);
                entry.target_version = shift.target_version.to_string();
            }
            Deployed::Service(service) => entry.target_version = service.revision.clone().unwrap_or_default(),
        }
    }
    entry.fitted()
}

fn action(conclusion: &Conclusion) -> String {
    match conclusion.waits {
        true => "waits for the functions that are released with it".to_owned(),
        false => conclusion.status.reported(),
    }
}

fn check(outcome: &CheckOutcome) -> CheckEntry {
    let word = match outcome.finding {
        Finding::Passed => "passed",
        Finding::Failed(_) => "failed",
        Finding::Errored(_) => "errored",
        Finding::Skipped(_) => "skipped",
        Finding::Unfinished(_) => "unfinished",
    };
    CheckEntry {
        name: shortened(&outcome.name, LONGEST_REASON),
        outcome: word.to_owned(),
        duration_ms: u64::try_from(outcome.duration.as_millis()).unwrap_or(u64::MAX),
    }
}
