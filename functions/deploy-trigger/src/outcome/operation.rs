//! One operation on a stack, read off the stack's events. Pure.

use jiff::Timestamp;
use slipway_shared::identity::DeploymentId;
use slipway_shared::stack_events::StackStatus;
use slipway_shared::stacks::StackEvent;

/// One operation of a stack, as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The status the stack ended in, if it did.
    pub(crate) end: Option<StackStatus>,
    /// The time at which it ended.
    pub(crate) ended_at: Option<Timestamp>,
    /// The first failure: the cause of everything that failed after it.
    pub(crate) first_failure: Option<Failure>,
    /// The CodeDeploy deployments that the events mention, in order.
    pub(crate) deployments: Vec<DeploymentId>,
}

/// A resource that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The resource's name in the template.
    pub(crate) logical_id: String,
    /// Its type, in CloudFormation's words: `AWS::Lambda::Alias`.
    pub(crate) resource_type: String,
    /// CloudFormation's reason for the failure.
    pub(crate) reason: String,
}

impl Operation {
    /// The operation that was started with `token`; `None` if the events show no such start.
    pub(crate) fn with_token(newest_first: &[StackEvent], token: &str) -> Option<Self> {
        let is_ours = |event: &StackEvent| starts(event) && event.client_request_token.as_deref() == Some(token);
        let start = newest_first.iter().position(is_ours)?;
        // In order of time: from the start to the next operation's start, or to now.
        let events: Vec<&StackEvent> = newest_first[..start].iter().rev().take_while(|event| !starts(event)).collect();
        let of_stack = events.iter().rev().filter(|event| event.is_of_stack());
        let mut ends = of_stack.map(|event| (StackStatus::new(&event.status), event.timestamp));
        let end = ends.find(|(status, _)| status.outcome().is_some());
        Some(Self {
            ended_at: end.as_ref().and_then(|(_, at)| *at),
            end: end.map(|(status, _)| status),
            first_failure: events.iter().find_map(|event| failure(event)),
            deployments: deployments(&events),
        })
    }
}

/// True if the event is the stack's own start of a create or an update.
fn starts(event: &StackEvent) -> bool {
    event.is_of_stack() && matches!(event.status.as_str(), "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS")
}

/// The failure an event tells of, unless it is only the echo of another resource's.
fn failure(event: &StackEvent) -> Option<Failure> {
    if event.is_of_stack() || !event.status.ends_with("_FAILED") {
        return None;
    }
    let reason = event.reason.clone().unwrap_or_else(|| event.status.clone());
    let is_echo = reason.starts_with("Resource creation cancelled") || reason.starts_with("Resource update cancelled");
    (!is_echo).then(|| Failure {
        logical_id: event.logical_id.clone(),
        resource_type: event.resource_type.clone(),
        reason,
    })
}

/// Every deployment id in the events' words and physical ids, each once.
///
/// An alias that CodeDeploy shifts has the deployment's id in the reasons of its events; the sentence around it is
/// documented nowhere, so that only the id is looked for.
fn deployments(events: &[&StackEvent]) -> Vec<DeploymentId> {
    let mut found: Vec<DeploymentId> = Vec::new();
    for text in events.iter().flat_map(|event| [event.reason.as_deref(), Some(event.physical_id.as_str())]).flatten() {
        for word in text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-')) {
            // CodeDeploy's own ids: nine capital letters and digits.
            let is_id = word.strip_prefix("d-").is_some_and(|rest| {
                rest.len() >= 9
                    && rest.chars().all(|character| character.is_ascii_uppercase() || character.is_ascii_digit())
            });
            if let Some(id) = is_id.then(|| word.parse().ok()).flatten()
                && !found.contains(&id)
            {
                found.push(id);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/app/1";

    /// `(logical id, status, reason, token)`; a logical id of "app" is the stack itself. Oldest first, as people think.
    fn history(events: &[(&str, &str, &str, &str)]) -> Vec<StackEvent> {
        let event = |&(logical_id, status, reason, token): &(&str, &str, &str, &str)| StackEvent {
            stack_id: STACK.into(),
            logical_id: logical_id.into(),
            physical_id: if logical_id == "app" { STACK.into() } else { format!("{logical_id}-physical") },
            resource_type: if logical_id == "app" { "AWS::CloudFormation::Stack" } else { "AWS::Lambda::Alias" }.into(),
            status: status.into(),
            reason: (!reason.is_empty()).then(|| reason.into()),
            client_request_token: (!token.is_empty()).then(|| token.into()),
            timestamp: None,
        };
        events.iter().rev().map(event).collect()
    }

    #[test]
    fn the_first_failure_is_the_cause_and_echoes_are_not() {
        let events = history(&[
            ("app", "UPDATE_IN_PROGRESS", "", "e1"),
            ("Other", "UPDATE_FAILED", "Resource update cancelled", "e1"),
            ("Alias", "UPDATE_IN_PROGRESS", "CodeDeploy deployment d-ABCDEF123 started", "e1"),
            ("Alias", "UPDATE_FAILED", "Deployment d-ABCDEF123 was rolled back: alarm", "e1"),
            ("Late", "UPDATE_FAILED", "something after", "e1"),
            ("app", "UPDATE_ROLLBACK_IN_PROGRESS", "", "e1"),
            ("Alias", "UPDATE_IN_PROGRESS", "CodeDeploy deployment d-ROLLBACK1 started", "e1"),
            ("app", "UPDATE_ROLLBACK_COMPLETE", "", "e1"),
        ]);
        let operation = Operation::with_token(&events, "e1").unwrap();
        assert_eq!(operation.end, Some(StackStatus::new("UPDATE_ROLLBACK_COMPLETE")));
        assert_eq!(operation.first_failure.unwrap().logical_id, "Alias");
        let ids: Vec<_> = operation.deployments.iter().map(DeploymentId::as_str).collect();
        assert_eq!(ids, ["d-ABCDEF123", "d-ROLLBACK1"]);
    }

    #[test]
    fn operations_are_kept_apart() {
        let events = history(&[
            ("app", "UPDATE_IN_PROGRESS", "", "e1"),
            ("Alias", "UPDATE_FAILED", "first", "e1"),
            ("app", "UPDATE_ROLLBACK_COMPLETE", "", "e1"),
            ("app", "UPDATE_IN_PROGRESS", "", "e2"),
            ("app", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "", "e2"),
        ]);
        assert_eq!(Operation::with_token(&events, "e1").unwrap().first_failure.unwrap().reason, "first");
        let second = Operation::with_token(&events, "e2").unwrap();
        assert_eq!((second.end, second.first_failure), (None, None));
        assert_eq!(Operation::with_token(&events, "e3"), None);
    }

    #[test]
    fn words_that_only_look_like_ids_are_none() {
        let events = history(&[
            ("app", "UPDATE_IN_PROGRESS", "", "e1"),
            ("Thing", "UPDATE_FAILED", "add-ABCDEF123 and d-short and d-lowercase1 failed", "e1"),
        ]);
        assert_eq!(Operation::with_token(&events, "e1").unwrap().deployments, []);
    }
}
