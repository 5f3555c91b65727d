//! A dry run: the checks of a suite against the answers that stand beside them as examples.

use serde_json::Value;

use crate::hook::{Finding, Reason, Sequence, unmet};
use crate::reading::At;
use crate::suite::{Check, Probe, Suite};

/// Reports every example that its own check would not pass. Values are captured from examples as they would be from answers.
pub(super) fn dry_run(at: &At<'_>, suite: &Suite) {
    for (list, checks) in at.entries().unwrap_or_default() {
        let items = checks.items().unwrap_or_default();
        let checks = match list {
            "checks" => &suite.checks,
            "public" => &suite.public,
            _ => continue,
        };
        // Were a check left out for its faults, the others would not be where they are.
        if items.len() == checks.len() {
            run(&items, checks);
        }
    }
}

fn run(items: &[At<'_>], checks: &[Check]) {
    let mut sequence = Sequence::default();
    for (item, check) in items.iter().zip(checks) {
        let entries = item.entries().unwrap_or_default();
        let Some((_, at)) = entries.iter().find(|(name, _)| *name == "example") else { continue };
        // A check whose values nobody captured, for want of an example, cannot be held against its own.
        let (Some(example), Ok(probe)) = (&check.example, sequence.prepare(check)) else { continue };
        let tell = |reason: &Reason| at.fault(format!("the example does not pass its {reason}"));
        mismatches(check, &probe, example).iter().for_each(tell);
        if let Finding::Failed(reasons) = sequence.capture(check, example, Finding::Passed) {
            reasons.iter().for_each(tell);
        }
    }
}

fn mismatches(check: &Check, probe: &Probe, example: &Value) -> Vec<Reason> {
    let (expected, wants) = match probe {
        Probe::Invoke(invoke) => (invoke.expect.clone(), &invoke.wants),
        Probe::Http(http) => {
            let status = example.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
            (Some(http.expect.to_value(status.unwrap_or_default())), &http.wants)
        }
        Probe::Latency(_) | Probe::Logs(_) | Probe::Drift(_) | Probe::Alarms(_) => return Vec::new(),
    };
    let mut reasons =
        expected.map(|expected| Finding::differences(&check.name, &expected, example)).unwrap_or_default();
    reasons.extend(unmet(&check.name, wants, example));
    reasons
}
