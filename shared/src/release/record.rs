//! The record of a release.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{IllegalTransition, ReleaseState};

/// A standard parameter's value holds at most 4 KB.
const PARAMETER_BYTES: usize = 4096;
/// Longest reason that is kept, in bytes; the rest of a record is far below what remains of a parameter.
const REASON_BYTES: usize = 2000;
/// Longest text about overrides that is kept, in bytes.
const OVERRIDDEN_BYTES: usize = 600;

/// A release's record, the JSON text of the parameter `releases/<pipeline execution id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseRecord {
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
    /// The time at which the release was claimed.
    pub claimed_at: Timestamp,
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
    /// The content of the release, once the artifact is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// The content that the stack had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Content>,
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
    /// SHA-256 over the template and every function's package, in hexadecimal: the `Release` parameter and tag.
    pub release: String,
    /// The commit that first had this content: the `Commit` parameter and tag.
    pub commit: String,
    /// The key of the release's manifest in the artifact bucket: the `Manifest` parameter. None if the artifact had no manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
}

/// The parameter `releases/current`: the newest release that took the stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CurrentRelease {
    /// The pipeline execution it belongs to.
    pub execution_id: String,
    /// The start of that execution.
    pub execution_started: Timestamp,
    /// Its content, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// The reason why a stored text is no record, or a record does not fit a parameter.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The text is not this JSON.
    #[error("the text of a release record could not be read")]
    Unreadable(#[source] serde_json::Error),
    /// The record could not be written as JSON.
    #[error("a release record could not be written as JSON")]
    Unwritable(#[source] serde_json::Error),
    /// The record is larger than a standard parameter.
    #[error("a release record of {bytes} bytes does not fit the {PARAMETER_BYTES} of a standard parameter")]
    TooLarge {
        /// The size of its JSON.
        bytes: usize,
    },
}

impl ReleaseRecord {
    /// A release that was just claimed.
    pub fn claimed(execution_id: &str, pipeline: &str, stack: &str, now: Timestamp) -> Self {
        Self {
            execution_id: execution_id.to_owned(),
            pipeline: pipeline.to_owned(),
            stack: stack.to_owned(),
            state: ReleaseState::Preparing,
            reason: None,
            execution_started: None,
            claimed_at: now,
            updated_at: now,
            closed_at: None,
            notified_at: None,
            commit: None,
            content: None,
            previous: None,
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

    /// The text of the parameter.
    ///
    /// # Errors
    /// The record does not fit a standard parameter.
    pub fn to_text(&self) -> Result<String, RecordError> {
        let text = serde_json::to_string(self).map_err(RecordError::Unwritable)?;
        if text.len() > PARAMETER_BYTES { Err(RecordError::TooLarge { bytes: text.len() }) } else { Ok(text) }
    }

    /// Reads the text of the parameter.
    ///
    /// # Errors
    /// The text is not a release record.
    pub fn from_text(text: &str) -> Result<Self, RecordError> {
        serde_json::from_str(text).map_err(RecordError::Unreadable)
    }
}

impl CurrentRelease {
    /// The text of the parameter.
    ///
    /// # Errors
    /// The value could not be written as JSON.
    pub fn to_text(&self) -> Result<String, RecordError> {
        serde_json::to_string(self).map_err(RecordError::Unwritable)
    }

    /// Reads the text of the parameter.
    ///
    /// # Errors
    /// The text is not this JSON.
    pub fn from_text(text: &str) -> Result<Self, RecordError> {
        serde_json::from_str(text).map_err(RecordError::Unreadable)
    }
}

/// `text` cut to at most `bytes` bytes at a character's edge, with an ellipsis where something was cut.
///
/// The measure is the JSON form (an escaped quote takes two bytes), because that is what the parameter holds.
fn shortened(text: &str, bytes: usize) -> String {
    let mut used = 0;
    let mut kept = String::new();
    for character in text.chars() {
        used += match character {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            control if control.is_control() => 6,
            other => other.len_utf8(),
        };
        if used > bytes {
            kept.push('…');
            break;
        }
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    fn full_record() -> ReleaseRecord {
        let manifest = Some(format!("manifests/{}.json", "e".repeat(64)));
        let content = Content { release: "f".repeat(64), commit: "c".repeat(40), manifest };
        ReleaseRecord {
            execution_started: Some(now()),
            commit: Some("d".repeat(40)),
            content: Some(content.clone()),
            previous: Some(content),
            change_set_id: Some("a".repeat(300)),
            deployment_id: Some("d-123456789".into()),
            ..ReleaseRecord::claimed("0d9f4c0e-0001-4a5e-9c55-7f8f6a3d2b10", &"p".repeat(100), &"s".repeat(128), now())
        }
    }

    #[test]
    fn a_record_survives_its_parameter() {
        let mut record = full_record();
        record.become_state(ReleaseState::Failed, Some("the canary failed".into()), now()).unwrap();
        assert_eq!(ReleaseRecord::from_text(&record.to_text().unwrap()).unwrap(), record);
        assert_eq!(record.closed_at, Some(now()));
    }

    #[test]
    fn an_illegal_transition_leaves_the_record_as_it_was() {
        let mut record = full_record();
        record.become_state(ReleaseState::Failed, Some("first".into()), now()).unwrap();
        let before = record.clone();
        let error = record.become_state(ReleaseState::Succeeded, None, now()).unwrap_err();
        assert_eq!(error.to_string(), "a release that is failed cannot become succeeded");
        assert_eq!(record, before);
    }

    proptest! {
        #[test]
        fn any_reason_fits_a_standard_parameter(reason in "\\PC{0,6000}|[\u{0}-\u{1f}\"\\\\]{0,4000}") {
            let mut record = full_record();
            record.become_state(ReleaseState::Failed, Some(reason), now()).unwrap();
            prop_assert!(record.to_text().is_ok());
        }
    }
}
