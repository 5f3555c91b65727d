//! The message that people read about a release. Pure.

use slipway_shared::notifications::Notification;
use slipway_shared::release::{Content, ReleaseRecord, ReleaseState};
use slipway_shared::stack_events::StackStatus;

use crate::settings::Settings;

/// SNS takes 100 characters, ASCII only, for an e-mail's subject.
const SUBJECT_CHARACTERS: usize = 100;

/// The message about a closed release.
pub(super) fn notification(settings: &Settings, record: &ReleaseRecord) -> Notification {
    let commit = record.shown_commit().map_or("an unknown commit", short);
    let subject = format!("{}: {} ({commit})", settings.stack, headline(record.state));
    Notification { subject: ascii(&subject), body: body(settings, record) }
}

fn headline(state: ReleaseState) -> &'static str {
    match state {
        ReleaseState::Succeeded => "released",
        ReleaseState::Failed => "release failed",
        ReleaseState::Unchanged => "nothing to release",
        ReleaseState::Superseded => "release superseded",
        ReleaseState::Waiting | ReleaseState::Executing | ReleaseState::Ignored => "release",
    }
}

fn body(settings: &Settings, record: &ReleaseRecord) -> String {
    let Settings { application, stage, stack, .. } = settings;
    let mut lines = vec![format!("{application} to {stage}: {}.", headline(record.state)), String::new()];
    let mut line = |label: &str, text: String| lines.push(format!("{label:<12}{text}"));
    line("What", format!("stack {stack}, pipeline {}, execution {}", record.pipeline, record.execution_id));
    line("Commit", record.shown_commit().unwrap_or("unknown").to_owned());
    line("From", described(record.previous.as_ref()));
    line("To", described(record.content.as_ref()));
    let status = record.stack_status.as_ref().map(|status| format!(" (the stack is {status})")).unwrap_or_default();
    line("Outcome", format!("{}{status}", record.state));
    line("Why", record.reason.clone().unwrap_or_else(|| "no reason recorded".to_owned()));
    if let Some(deployment) = &record.deployment_id {
        line("Deployment", deployment.clone());
    }
    if let Some(overridden) = &record.overridden {
        line("Overridden", overridden.clone());
    }
    if let Some(at) = record.changed_by_hand_at {
        line("By hand", format!("somebody changed the stack at {at}, after the last release; this one replaces that"));
    }
    if let Some(closed) = record.closed_at {
        line("When", closed.to_string());
    }
    line("Next", next_step(record));
    lines.join("\n") + "\n"
}

/// The advice to the reader.
fn next_step(record: &ReleaseRecord) -> String {
    let back = || match &record.previous {
        Some(previous) => format!("users have commit {} again", short(&previous.commit)),
        None => "nothing was released before".to_owned(),
    };
    match (record.state, record.stack_status.as_deref()) {
        (ReleaseState::Succeeded, _) => "nothing; the release is live".to_owned(),
        (ReleaseState::Unchanged, _) => "nothing; what is live has the same content".to_owned(),
        (ReleaseState::Superseded, _) => "nothing; what is live is newer".to_owned(),
        (_, Some(status)) if !StackStatus::new(status).cure(&record.stack).is_empty() => {
            StackStatus::new(status).cure(&record.stack)
        }
        (_, Some(_)) => format!("{}: correct the cause and push again", back()),
        (_, None) => "nothing was changed: correct the cause and push again".to_owned(),
    }
}

fn described(content: Option<&Content>) -> String {
    content.map_or_else(
        || "nothing".to_owned(),
        |content| {
            format!(
                "commit {} (release {})",
                short(&content.commit),
                content.release.chars().take(12).collect::<String>()
            )
        },
    )
}

/// A commit as people write it.
fn short(commit: &str) -> &str {
    let is_hash = commit.len() == 40 && commit.chars().all(|character| character.is_ascii_hexdigit());
    if is_hash { &commit[..8] } else { commit }
}

/// Printable ASCII, cut to what a subject may have.
fn ascii(text: &str) -> String {
    let printable = |character: char| if character.is_ascii_graphic() || character == ' ' { character } else { '?' };
    text.chars().map(printable).take(SUBJECT_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Checksums;
    use slipway_shared::release::Queue;
    use std::collections::BTreeMap;

    fn settings(stack: &str) -> Settings {
        Settings {
            application: "rolodex".parse().unwrap(),
            stage: "production".parse().unwrap(),
            stack: stack.into(),
            pipeline: "rolodex".into(),
            template: "template.yaml".into(),
            artifact_bucket: "artifacts".into(),
            ledger_table: None,
            releases_table: "releases".into(),
            topic_arn: None,
            execution_role_arn: None,
            parameters: BTreeMap::new(),
            checksums: Checksums::Required,
            queue: Queue::Newest,
        }
    }

    fn record(state: ReleaseState, reason: &str) -> ReleaseRecord {
        let at = "2026-11-20T10:00:00Z".parse().unwrap();
        let mut record = ReleaseRecord::entered("0d9f4c0e-0001", "rolodex", "rolodex-production", at);
        record.commit = Some("b".repeat(40));
        record.content = Some(Content { release: "2".repeat(64), commit: "b".repeat(40), manifest: None });
        record.previous = Some(Content { release: "1".repeat(64), commit: "a".repeat(40), manifest: None });
        if matches!(state, ReleaseState::Succeeded | ReleaseState::Failed) {
            record.become_state(ReleaseState::Executing, None, at).unwrap();
        }
        record.become_state(state, Some(reason.into()), at).unwrap();
        record
    }

    #[test]
    fn a_failure_says_what_why_and_what_next() {
        let mut record = record(ReleaseState::Failed, "ApiAlias (AWS::Lambda::Alias): the canary failed");
        record.stack_status = Some("UPDATE_ROLLBACK_COMPLETE".into());
        record.deployment_id = Some("d-ABCDEF123".into());
        let message = notification(&settings("rolodex-production"), &record);
        insta::assert_snapshot!(format!("{}\n\n{}", message.subject, message.body));
    }

    #[test]
    fn a_success_says_from_where_to_where() {
        let mut record = record(ReleaseState::Succeeded, "the stack is UPDATE_COMPLETE");
        record.stack_status = Some("UPDATE_COMPLETE".into());
        let message = notification(&settings("rolodex-production"), &record);
        insta::assert_snapshot!(format!("{}\n\n{}", message.subject, message.body));
    }

    #[test]
    fn a_subject_is_short_and_ascii_whatever_the_names_are() {
        let message = notification(&settings(&"é".repeat(120)), &record(ReleaseState::Superseded, "newer"));
        assert!(message.subject.is_ascii());
        assert_eq!(message.subject.chars().count(), SUBJECT_CHARACTERS);
    }
}
