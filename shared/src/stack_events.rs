//! CloudFormation's EventBridge event for a stack's status, and what each status means for a release.
//!
//! AWS documents the event as `CloudFormation Stack Status Change` with the detail members `stack-id`,
//! `status-details.status`, `status-details.status-reason` and `client-request-token`.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The `source` of the event in this module.
pub const SOURCE: &str = "aws.cloudformation";
/// A stack changed its status.
pub const STACK_STATUS_CHANGE: &str = "CloudFormation Stack Status Change";

/// A stack's new status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackStatusChange {
    /// ARN of the stack.
    pub stack_id: String,
    /// The status it has now.
    pub status: StackStatus,
    /// CloudFormation's words on it.
    pub reason: Option<String>,
    /// The token of the operation that caused it; Slipway's own is the pipeline execution's id.
    pub client_request_token: Option<String>,
}

/// The reason why an event could not be read.
#[derive(Debug, Error)]
#[error("the detail of a {STACK_STATUS_CHANGE} event could not be read")]
pub struct StackEventError {
    #[source]
    source: serde_json::Error,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Detail {
    stack_id: String,
    status_details: StatusDetails,
    #[serde(default)]
    client_request_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct StatusDetails {
    status: String,
    #[serde(default)]
    status_reason: Option<String>,
}

impl StackStatusChange {
    /// Reads an EventBridge envelope whose detail-type is [`STACK_STATUS_CHANGE`].
    ///
    /// # Errors
    /// The stack's id or its status is missing.
    pub fn from_envelope(envelope: &Value) -> Result<Self, StackEventError> {
        let detail = Detail::deserialize(&envelope["detail"]).map_err(|source| StackEventError { source })?;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(Self {
            stack_id: detail.stack_id,
            status: StackStatus::new(detail.status_details.status),
            reason: given(detail.status_details.status_reason),
            client_request_token: given(detail.client_request_token),
        })
    }

    /// The stack's name: the second segment of `arn:…:stack/<name>/<uuid>`.
    pub fn stack_name(&self) -> &str {
        self.stack_id.split('/').nth(1).unwrap_or(&self.stack_id)
    }
}

/// A stack's status, in CloudFormation's own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackStatus(String);

/// The readiness of a stack for the next change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackStanding {
    /// The stack holds nothing yet: a change set of type `CREATE` makes it.
    Empty,
    /// Something is under way: wait for its end.
    Busy,
    /// A change set of type `UPDATE` may be executed.
    Updatable,
    /// No change set can be executed until a person repairs or deletes the stack.
    Wedged,
}

/// The end of an operation on a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackOutcome {
    /// The operation did what it was asked for.
    Succeeded,
    /// The operation failed or was rolled back.
    Failed,
}

impl StackStatus {
    /// A status as CloudFormation spells it.
    pub fn new(word: impl Into<String>) -> Self {
        Self(word.into())
    }

    /// CloudFormation's word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The readiness of the stack for the next change.
    pub fn standing(&self) -> StackStanding {
        match self.as_str() {
            "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => StackStanding::Empty,
            word if word.ends_with("_IN_PROGRESS") => StackStanding::Busy,
            "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE" => StackStanding::Updatable,
            _ => StackStanding::Wedged,
        }
    }

    /// The way out of a status in which no change set can be made, as the command to type; empty for any other status.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html>, "Update rollback failed" and
    /// "Delete stack fails"; a stack in `ROLLBACK_COMPLETE` can only be deleted (`DescribeStacks`, stack status codes).
    #[must_use]
    pub fn cure(&self, stack: &str) -> String {
        if self.standing() != StackStanding::Wedged {
            return String::new();
        }
        let delete = format!("aws cloudformation delete-stack --stack-name {stack}");
        match self.as_str() {
            "UPDATE_ROLLBACK_FAILED" => format!(
                "Mend what its events name, continue the rollback, then release again: \
                 aws cloudformation continue-update-rollback --stack-name {stack}"
            ),
            "UPDATE_FAILED" => format!(
                "An update without rollback failed. Roll it back, then release again: \
                 aws cloudformation rollback-stack --stack-name {stack}"
            ),
            "DELETE_FAILED" => format!("Mend what its events name, delete it, then release again: {delete}"),
            _ => format!("It was never made: correct the cause, delete it, then release again: {delete}"),
        }
    }

    /// The end of a create or update, or `None` while it goes on (and for statuses that belong to neither).
    ///
    /// `UPDATE_COMPLETE_CLEANUP_IN_PROGRESS` is not an end: the stack refuses the next operation until the cleanup is done.
    pub fn outcome(&self) -> Option<StackOutcome> {
        match self.as_str() {
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" => Some(StackOutcome::Succeeded),
            "CREATE_FAILED"
            | "ROLLBACK_COMPLETE"
            | "ROLLBACK_FAILED"
            | "UPDATE_FAILED"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "UPDATE_ROLLBACK_FAILED"
            | "DELETE_COMPLETE"
            | "DELETE_FAILED" => Some(StackOutcome::Failed),
            _ => None,
        }
    }
}

impl std::fmt::Display for StackStatus {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    #[test_case("REVIEW_IN_PROGRESS", StackStanding::Empty, None)]
    #[test_case("UPDATE_IN_PROGRESS", StackStanding::Busy, None)]
    #[test_case("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", StackStanding::Busy, None)]
    #[test_case("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", StackStanding::Busy, None)]
    #[test_case("CREATE_COMPLETE", StackStanding::Updatable, Some(StackOutcome::Succeeded))]
    #[test_case("UPDATE_COMPLETE", StackStanding::Updatable, Some(StackOutcome::Succeeded))]
    #[test_case("UPDATE_ROLLBACK_COMPLETE", StackStanding::Updatable, Some(StackOutcome::Failed))]
    #[test_case("ROLLBACK_COMPLETE", StackStanding::Wedged, Some(StackOutcome::Failed))]
    #[test_case("UPDATE_ROLLBACK_FAILED", StackStanding::Wedged, Some(StackOutcome::Failed))]
    fn a_status_says_what_can_be_done_and_how_it_ended(
        word: &str,
        standing: StackStanding,
        outcome: Option<StackOutcome>,
    ) {
        let status = StackStatus::new(word);
        assert_eq!((status.standing(), status.outcome()), (standing, outcome));
    }

    #[test_case("ROLLBACK_COMPLETE", "delete-stack --stack-name app")]
    #[test_case("ROLLBACK_FAILED", "delete-stack --stack-name app")]
    #[test_case("CREATE_FAILED", "delete-stack --stack-name app")]
    #[test_case("DELETE_FAILED", "delete-stack --stack-name app")]
    #[test_case("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name app")]
    #[test_case("UPDATE_FAILED", "rollback-stack --stack-name app")]
    #[test_case("UPDATE_COMPLETE", "")]
    fn a_wedged_stack_has_a_command_that_helps(word: &str, command: &str) {
        let cure = StackStatus::new(word).cure("app");
        assert!(cure.ends_with(command) && cure.is_empty() == command.is_empty(), "{cure}");
    }

    #[test]
    fn an_event_without_token_or_reason_is_read() {
        let envelope = json!({"source": SOURCE, "detail-type": STACK_STATUS_CHANGE, "detail": {
            "stack-id": "arn:aws:cloudformation:eu-west-1:111122223333:stack/app-production/1f-2a",
            "status-details": {"status": "UPDATE_COMPLETE", "status-reason": ""}, "client-request-token": ""}});
        let change = StackStatusChange::from_envelope(&envelope).unwrap();
        assert_eq!(change.stack_name(), "app-production");
        assert_eq!((change.reason, change.client_request_token), (None, None));
    }

    #[test]
    fn an_event_without_a_status_is_an_error() {
        let envelope = json!({"detail-type": STACK_STATUS_CHANGE, "detail": {"stack-id": "arn:x:stack/a/b"}});
        assert!(StackStatusChange::from_envelope(&envelope).is_err());
    }
}
