//! The record of a release.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IllegalTransition, ReleaseState};
use crate::objects::ObjectLocation;

/// Longest reason that is kept, in bytes. A record is one item of a transaction, which takes 4 MB in all.
const REASON_BYTES: usize = 4000;
/// Longest text about overrides that is kept, in bytes.
const OVERRIDDEN_BYTES: usize = 2000;
/// The time for which a closed release is remembered.
const RETENTION: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The version of the record's form that this code writes. It leaves a record of a later one alone.
pub const RECORD_VERSION: u32 = 1;

/// A release's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseRecord {
    /// The version of the record's form.
    pub version: u32,
    /// The pipeline execution that built it: the release's identity.
    pub execution_id: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The stack it goes to.
    pub stack: String,
    /// The state of the release now.
    pub state: ReleaseState,
    /// The reason for the state, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The start of the pipeline execution: releases are ordered by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_started: Option<Timestamp>,
    /// The time at which the release entered the queue.
    pub entered_at: Timestamp,
    /// The time of the record's last change.
    pub updated_at: Timestamp,
    /// The time at which it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// The time at which its notification was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified_at: Option<Timestamp>,
    /// The commit that the pipeline execution built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The place of the build's artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<ObjectLocation>,
    /// The content of the release, once the artifact is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// The content that was live before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Content>,
    /// The time of an update of the stack that was no release, and that this release replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by_hand_at: Option<Timestamp>,
    /// ARN of the change set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_set_id: Option<String>,
    /// The status the stack ended in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_status: Option<String>,
    /// The CodeDeploy deployment that decided a failure, or the last of a success, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_id: Option<String>,
    /// The overrides because of which it leaves alarms out of its deployment groups, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<String>,
    /// True if several functions are shifted as one: the ledger has a gathering of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gathers: bool,
}

/// The content of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// SHA-256 over the template and every function's package, in hexadecimal: the `Release` parameter.
    pub release: String,
    /// The commit that first had this content: the `Commit` parameter.
    pub commit: String,
    /// The key of the release's manifest in the artifact bucket: the `Manifest` parameter. None if the artifact had no manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
}

impl ReleaseRecord {
    /// A release that has just entered the queue.
    pub fn entered(execution_id: &str, pipeline: &str, stack: &str, now: Timestamp) -> Self {
        Self {
            version: RECORD_VERSION,
            execution_id: execution_id.to_owned(),
            pipeline: pipeline.to_owned(),
            stack: stack.to_owned(),
            state: ReleaseState::Waiting,
            reason: None,
            execution_started: None,
            entered_at: now,
            updated_at: now,
            closed_at: None,
            notified_at: None,
            commit: None,
            artifact: None,
            content: None,
            previous: None,
            changed_by_hand_at: None,
            change_set_id: None,
            stack_status: None,
            deployment_id: None,
            overridden: None,
            gathers: false,
        }
    }

    /// Moves the release to another state, or gives an open state another reason.
    ///
    /// # Errors
    /// No release makes that transition.
    pub fn become_state(
        &mut self,
        to: ReleaseState,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<(), IllegalTransition> {
        if !self.state.may_become(to) {
            return Err(IllegalTransition { from: self.state, to });
        }
        self.state = to;
        self.reason = reason.map(|reason| shortened(&reason, REASON_BYTES));
        self.updated_at = now;
        if to.is_closed() {
            self.closed_at = Some(now);
        }
        Ok(())
    }

    /// Keeps the overrides because of which it leaves alarms out.
    pub fn set_overridden(&mut self, overridden: Option<&str>) {
        self.overridden = overridden.map(|text| shortened(text, OVERRIDDEN_BYTES));
    }

    /// The commit to name in front of people: what was built, or else what first had the content.
    pub fn shown_commit(&self) -> Option<&str> {
        self.commit.as_deref().or(self.content.as_ref().map(|content| content.commit.as_str()))
    }

    /// The time after which nobody needs it; none while it is open.
    pub fn expires(&self) -> Option<Timestamp> {
        self.closed_at.map(|closed| closed.saturating_add(RETENTION).unwrap_or(Timestamp::MAX))
    }
}

/// `text` cut to at most `bytes` bytes at a character's edge, with an ellipsis where something was cut.
fn shortened(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(bytes)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_closed_record_says_when_and_expires() {
        let mut record = ReleaseRecord::entered("e", "p", "s", now());
        assert_eq!(record.expires(), None);
        record.become_state(ReleaseState::Failed, Some("the canary failed".into()), now()).unwrap();
        assert_eq!(record.closed_at, Some(now()));
        assert_eq!(record.expires(), Some("2027-12-25T10:00:00Z".parse().unwrap()));
    }

    #[test]
    fn an_illegal_transition_leaves_the_record_as_it_was() {
        let mut record = ReleaseRecord::entered("e", "p", "s", now());
        record.become_state(ReleaseState::Failed, Some("first".into()), now()).unwrap();
        let before = record.clone();
        let error = record.become_state(ReleaseState::Succeeded, None, now()).unwrap_err();
        assert_eq!(error.to_string(), "a release that is failed cannot become succeeded");
        assert_eq!(record, before);
    }

    #[test]
    fn a_long_reason_is_cut_at_a_character() {
        let mut record = ReleaseRecord::entered("e", "p", "s", now());
        record.become_state(ReleaseState::Failed, Some("é".repeat(REASON_BYTES)), now()).unwrap();
        assert_eq!(record.reason.unwrap(), format!("{}…", "é".repeat(REASON_BYTES / 2)));
    }
}
