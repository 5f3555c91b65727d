//! Releases for a person at a terminal. Pure.

use std::fmt::Write as _;

use comfy_table::Table;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use slipway_shared::release::{Content, Live, ReleaseRecord, StageKey, StageState};

/// The part that a release has in its stage: `live`, `previous` or `leading`.
pub(super) fn role(state: &StageState, release: &str) -> Option<&'static str> {
    let is = |live: &Option<Live>| live.as_ref().is_some_and(|live| live.execution_id == release);
    match state {
        _ if is(&state.live) => Some("live"),
        _ if state.leading.as_deref() == Some(release) => Some("leading"),
        _ if is(&state.previous) => Some("previous"),
        _ => None,
    }
}

/// A table of the releases of a stage.
pub(super) fn list(stage: &StageKey, state: &StageState, releases: &[ReleaseRecord]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(["entered", "release", "commit", "state", "", "reason"]);
    for record in releases {
        table.add_row([
            format!("{:.0}", record.entered_at),
            record.execution_id.clone(),
            record.shown_commit().map_or("unknown", short).to_owned(),
            record.state.to_string(),
            role(state, &record.execution_id).unwrap_or_default().to_owned(),
            record.reason.as_deref().map(first_line).unwrap_or_default(),
        ]);
    }
    format!("{stage}\n{table}\n")
}

/// Everything about one release.
pub(super) fn whole(stage: &StageKey, state: &StageState, record: &ReleaseRecord) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<12}{value}");
    };
    let role = role(state, &record.execution_id).map(|role| format!(", {role}")).unwrap_or_default();
    line("Release", &record.execution_id);
    line("Stage", &format!("{stage}, stack {}", record.stack));
    line("State", &format!("{}{role}", record.state));
    if let Some(reason) = &record.reason {
        line("Why", reason);
    }
    line("Pipeline", &record.pipeline);
    line("Commit", record.shown_commit().unwrap_or("unknown"));
    if let Some(artifact) = &record.artifact {
        line("Artifact", &artifact.to_string());
    }
    line("From", &content(record.previous.as_ref()));
    line("To", &content(record.content.as_ref()));
    let times = [
        ("Started", record.execution_started),
        ("Entered", Some(record.entered_at)),
        ("Closed", record.closed_at),
        ("Told", record.notified_at),
        ("By hand", record.changed_by_hand_at),
    ];
    for (label, time) in times {
        if let Some(time) = time {
            line(label, &time.to_string());
        }
    }
    let more = [
        ("Change set", &record.change_set_id),
        ("Stack", &record.stack_status),
        ("Deployment", &record.deployment_id),
        ("Overridden", &record.overridden),
    ];
    for (label, value) in more {
        if let Some(value) = value {
            line(label, value);
        }
    }
    if record.gathers {
        line("Gathers", "its functions are released as one: none shifts before the suites of all have passed");
    }
    text
}

fn content(content: Option<&Content>) -> String {
    let short_digest = |digest: &str| digest.chars().take(12).collect::<String>();
    content.map_or_else(
        || "nothing".to_owned(),
        |content| format!("commit {} (release {})", short(&content.commit), short_digest(&content.release)),
    )
}

/// A commit as people write it.
fn short(commit: &str) -> &str {
    let is_hash = commit.len() == 40 && commit.is_ascii();
    if is_hash { &commit[..8] } else { commit }
}

/// Enough of a reason for a line.
fn first_line(reason: &str) -> String {
    const LONGEST: usize = 60;
    let line = reason.lines().next().unwrap_or_default();
    if line.chars().count() <= LONGEST { line.to_owned() } else { line.chars().take(LONGEST).chain(['…']).collect() }
}
