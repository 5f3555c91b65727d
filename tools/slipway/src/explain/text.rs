//! The explanation for a person at a terminal. Pure.

use std::fmt::Write as _;

use comfy_table::Table;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use slipway_shared::ledger::{Entry, MetricEntry, Sample};
use slipway_shared::release::ReleaseRecord;

use super::Explanation;
use super::facts::Facts;
use super::plot::{highest, line, rates, total};

/// All of it.
pub(super) fn of(explanation: &Explanation) -> String {
    let mut text = String::new();
    if let Some(record) = &explanation.release {
        text.push_str(&release(record));
    }
    if let Some(facts) = &explanation.deployment {
        text.push_str(&deployment(facts));
    }
    for entry in &explanation.entries {
        text.push_str(&verdict(entry));
    }
    if explanation.deployment.is_some() && explanation.entries.is_empty() {
        text.push_str("\nno gate has left a verdict on it\n");
    }
    for tail in &explanation.logs {
        let _ = writeln!(text, "\n{}: the last lines of {}", tail.event, tail.function);
        for said in &tail.lines {
            let _ = writeln!(text, "   {said}");
        }
        if tail.lines.is_empty() {
            text.push_str("   it said nothing\n");
        }
    }
    for missing in &explanation.missing {
        let _ = writeln!(text, "\n{missing}");
    }
    text
}

fn release(record: &ReleaseRecord) -> String {
    let mut text = format!("release {}: {}\n", record.execution_id, record.state);
    let commit = record.shown_commit().unwrap_or("unknown");
    let _ = writeln!(text, "   commit {commit}, stack {}", record.stack);
    if let Some(reason) = &record.reason {
        let _ = writeln!(text, "   {reason}");
    }
    if let Some(overridden) = &record.overridden {
        let _ = writeln!(text, "   {overridden}");
    }
    if record.gathers {
        text.push_str("   its functions were released as one: none shifts before the suites of all have passed\n");
    }
    if record.deployment_id.is_none() {
        text.push_str("   no deployment decided it\n");
    }
    text
}

fn deployment(facts: &Facts) -> String {
    let mut text = format!("deployment {} of {}: {}\n", facts.id, facts.group, facts.status);
    if let Some(created) = facts.created {
        let _ = writeln!(text, "   created {created}");
    }
    for detail in facts.error.iter().chain(&facts.rollback) {
        let _ = writeln!(text, "   {detail}");
    }
    for event in facts.events.iter().filter(|event| event.hook.is_some() || event.name == "AllowTraffic") {
        let hook = event.hook.as_ref().map(|hook| format!(", hook {hook}")).unwrap_or_default();
        let _ = writeln!(text, "   {} {}{hook}", event.name, event.status);
    }
    text
}

fn verdict(entry: &Entry) -> String {
    let so_far = if entry.closed { "" } else { " so far" };
    let action = entry.action.as_ref().map(|action| format!(", {action}")).unwrap_or_default();
    let mut text = format!("\n{}: {}{so_far}{action}\n", entry.gate, entry.verdict);
    let _ = writeln!(text, "   {}, at {}", subject(entry), entry.at);
    if let Some(score) = entry.score {
        let _ = writeln!(text, "   score {score:.0} of 100 after {} looks", entry.looks);
    }
    for said in entry.reasons.iter().chain(&entry.notes) {
        let _ = writeln!(text, "   {said}");
    }
    for check in &entry.checks {
        let _ = writeln!(text, "   {:<8} {} ({} ms)", check.outcome, check.name, check.duration_ms);
    }
    if !entry.metrics.is_empty() {
        text.push_str(&indented(&table(&entry.metrics)));
        entry.metrics.iter().for_each(|metric| text.push_str(&plot(metric)));
    }
    text
}

/// The thing that was judged, as far as the gate could find it out.
fn subject(entry: &Entry) -> String {
    let Entry { function, alias, target_version, .. } = entry;
    let current = entry.current_version.as_deref().unwrap_or("?");
    match (function.is_empty(), alias.is_empty()) {
        (true, _) => "an unknown function".to_owned(),
        (false, true) => format!("service {function}, {target_version}"),
        (false, false) => format!("{function} from version {current} to {target_version} behind {alias}"),
    }
}

fn table(metrics: &[MetricEntry]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(["metric", "class", "current version", "target version", "odds ratio", "between"]);
    for metric in metrics {
        let high = metric.high.map_or_else(|| "∞".to_owned(), |high| format!("{high:.2}"));
        table.add_row([
            metric.name.clone(),
            metric.class.clone(),
            counted(total(&metric.series, |point| point.current)),
            counted(total(&metric.series, |point| point.target)),
            metric.estimate.map_or_else(|| "unknown".to_owned(), |estimate| format!("{estimate:.2}")),
            format!("{:.2} and {high}", metric.low),
        ]);
    }
    table.to_string()
}

fn counted(sample: Sample) -> String {
    let rate = sample.rate().map(|rate| format!(" ({:.2} %)", 100.0 * rate)).unwrap_or_default();
    format!("{} of {}{rate}", sample.bad, sample.requests)
}

fn plot(metric: &MetricEntry) -> String {
    let (current, target) = rates(&metric.series);
    let (Some(first), Some(last)) = (metric.series.first(), metric.series.last()) else { return String::new() };
    let most = highest(&current).max(highest(&target));
    let mut text = format!("   {}, from {} to {}, up to {:.1} %\n", metric.name, first.at, last.at, 100.0 * most);
    for (label, rates) in [("current", current), ("target", target)] {
        let _ = writeln!(text, "     {label:<8}{}", line(&rates, most));
    }
    text
}

fn indented(block: &str) -> String {
    block.lines().map(|line| format!("   {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use slipway_shared::ledger::Gate;
    use slipway_shared::ledger::contract::sample;

    use super::super::logs::Tail;
    use super::*;

    #[test]
    fn a_verdict_is_told_with_its_numbers_and_both_versions() {
        let text = of(&Explanation { entries: vec![sample("d-1", Gate::AllowTraffic)], ..Explanation::default() });
        for part in ["AllowTraffic: failed, stopped", "more failures", "4 of 10 (40.00 %)", "12.50", "target  █"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn a_hook_that_never_answered_is_explained_by_its_last_lines() {
        let tail = |lines: &[&str]| Tail {
            event: "BeforeAllowTraffic".into(),
            function: "CodeDeployHook_x".into(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let text = of(&Explanation { logs: vec![tail(&["Runtime exited"]), tail(&[])], ..Explanation::default() });
        assert!(text.contains("the last lines of CodeDeployHook_x\n   Runtime exited"), "{text}");
        assert!(text.contains("it said nothing"), "{text}");
    }
}
