//! The report: what happened, why, and whether it is what should have happened.

use comfy_table::{ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};
use serde::Serialize;
use serde_json::Value;

use super::access::{self, RoleUse};
use super::act::{Act, short};
use super::tally::Step;

/// The report of a whole rehearsal.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The repository that was rehearsed.
    pub repository: String,
    /// The commit that everything began with.
    pub baseline: String,
    /// Plane seconds in a real second.
    pub time_scale: f64,
    /// Real seconds from start to end.
    pub seconds: f64,
    /// True if every act came to what it should have.
    pub passed: bool,
    /// The acts, one for each push, in order.
    pub acts: Vec<Act>,
    /// The calls that each role was denied, and the grants that it never used.
    pub roles: Vec<RoleUse>,
}

impl Report {
    /// The report for people.
    pub fn text(&self) -> String {
        let mut text =
            format!("Rehearsal of {} at {}, time scale {}\n", self.repository, short(&self.baseline), self.time_scale);
        for act in &self.acts {
            text.push_str(&act_text(act));
        }
        text.push_str(&access::text(&self.roles));
        let verdict =
            if self.passed { "everything came to what it should" } else { "something did not come to what it should" };
        text.push_str(&format!(
            "\n{}: {verdict}; {:.0} s in all\n",
            if self.passed { "PASSED" } else { "FAILED" },
            self.seconds
        ));
        text
    }
}

fn act_text(act: &Act) -> String {
    let mut text = format!("\n== {}: {} \"{}\"\n", act.title, short(&act.commit), act.subject);
    text.push_str(&format!("   outcome   {}\n", kebab(&act.outcome)));
    if !act.reason.is_empty() {
        text.push_str(&format!("   reason    {}\n", act.reason.replace('\n', "\n             ")));
    }
    text.push_str("   timeline\n");
    let begin = act.timeline.first().map_or(0.0, |moment| moment.real_seconds);
    for moment in &act.timeline {
        text.push_str(&format!("   {:>7.1}s  {}  {}\n", moment.real_seconds - begin, moment.at, moment.what));
    }
    for verdict in &act.verdicts {
        text.push_str(&format!("   verdict   {}: {}\n", verdict.event, verdict_text(&verdict.verdict)));
    }
    if act.steps.iter().any(|step| step.current_requests + step.target_requests > 0) {
        text.push_str(&indent(&steps_table(&act.steps)));
    }
    text.push_str(&format!(
        "   users     {} requests, {} errors, {} lost, {} answered by the new version\n",
        act.requests, act.errors, act.lost, act.on_target
    ));
    if !act.errors_by_request.is_empty() {
        let kinds = act.errors_by_request.iter().map(|(kind, count)| format!("{kind}: {count}"));
        text.push_str(&format!("   errors    {}\n", kinds.collect::<Vec<_>>().join(", ")));
    }
    if let Some(record) = &act.release_record {
        text.push_str(&format!("   record    {}\n", record_text(record)));
    }
    for fault in &act.faults {
        text.push_str(&format!("   FAULT     {fault}\n"));
    }
    text
}

fn steps_table(steps: &[Step]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["weight", "for", "old version", "new version", "share", "errors", "within sampling error"]);
    for step in steps {
        let total = step.current_requests + step.target_requests;
        #[expect(clippy::cast_precision_loss, reason = "a rehearsal sends thousands of requests, not 2^53")]
        let share = if total == 0 { 0.0 } else { step.target_requests as f64 / total as f64 };
        table.add_row([
            format!("{:.0} %", step.weight * 100.0),
            format!("{:.1} s", step.seconds),
            format!("v{}: {}", step.current_version, step.current_requests),
            step.target_version.as_ref().map_or_else(|| "-".to_owned(), |v| format!("v{v}: {}", step.target_requests)),
            format!("{:.1} %", share * 100.0),
            step.errors.to_string(),
            if step.within_sampling_error { "yes" } else { "NO" }.to_owned(),
        ]);
    }
    table.to_string()
}

fn verdict_text(verdict: &Value) -> String {
    let outcome = verdict["verdict"].as_str().unwrap_or("unreadable");
    let reasons: Vec<&str> = verdict["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if reasons.is_empty() { outcome.to_owned() } else { format!("{outcome}: {}", reasons.join("; ")) }
}

fn record_text(record: &Value) -> String {
    let field = |name: &str| record[name].as_str().unwrap_or("-").to_owned();
    let release = record["content"]["release"].as_str().unwrap_or("-");
    format!("{}, release {}, commit {}", field("state"), short(release), short(&field("commit")))
}

fn kebab(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn indent(block: &str) -> String {
    block.lines().map(|line| format!("   {line}\n")).collect()
}
