//! The last lines of a hook's log.

use std::time::Duration;

use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::telemetry::Chain;

use super::facts::HookRun;

/// The lines that are shown.
const LINES: usize = 20;
/// What a hook says after its deployment has ended: Lambda tries an event again for some minutes.
const AFTERWARDS: Duration = Duration::from_secs(10 * 60);

/// The end of a log.
#[derive(Debug, Clone)]
pub(super) struct Tail {
    pub(super) event: String,
    pub(super) function: String,
    pub(super) lines: Vec<String>,
}

/// Reads the last lines of a run.
pub(super) async fn tail(settings: &AwsSettings, run: &HookRun) -> Result<Tail, String> {
    let client = aws::cloudwatchlogs(settings);
    // Lambda's own name for it: a function that logs elsewhere is told as one whose log cannot be read.
    let request = client.filter_log_events().log_group_name(format!("/aws/lambda/{}", run.function));
    let request = request.start_time(run.from.as_millisecond());
    let end = run.to.and_then(|to| to.checked_add(AFTERWARDS).ok());
    let mut pages = request.set_end_time(end.map(|end| end.as_millisecond())).into_paginator().send();
    let mut lines: Vec<(i64, String)> = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Chain(&error).to_string())?;
        let said = page.events().iter().filter_map(|event| Some((event.timestamp?, event.message.clone()?)));
        lines.extend(said.map(|(at, line)| (at, line.trim_end().to_owned())));
        lines.sort_by_key(|(at, _)| *at);
        lines.drain(..lines.len().saturating_sub(LINES));
    }
    let lines = lines.into_iter().map(|(_, line)| line).collect();
    Ok(Tail { event: run.event.clone(), function: run.function.clone(), lines })
}
