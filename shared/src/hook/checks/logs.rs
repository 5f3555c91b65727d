//! Looking for errors in the target version's own log lines.
//!
//! Lambda gives the end of an invocation's log (4 KB) with its answer, at once; CloudWatch Logs has all of it, also of invocations by
//! users, seconds later. Before the shift the hook's own invocations are all there are: their ends are looked at, and where an end was
//! cut, CloudWatch Logs is waited for until it has that invocation's last line.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use regex::Regex;
use tokio::time::sleep;

use super::super::ports::{HookPorts, LogLines, ReadConfiguration as _, ReadLogLines as _};
use super::super::report_line::ReportLine;
use super::super::subject::Shift;
use super::super::verdict::{Finding, Reason};
use super::{List, Run};
use crate::suite::{Check, Logs};
use crate::telemetry::Chain;

/// An end of this size may have been cut.
const WHOLE_TAIL: usize = 4000;
/// Before CloudWatch Logs is asked again.
const PAUSE: Duration = Duration::from_secs(1);
/// So many lines are quoted.
const QUOTED: usize = 3;
/// Without the deployment's start, lines of so long ago are looked at.
const LOOK_BACK: Duration = Duration::from_secs(3600);

pub(super) async fn run<P: HookPorts>(run: &Run<P>, check: &Check, logs: &Logs) -> Finding {
    let name = &check.name;
    let Some(shift) = run.case.subject.shift() else {
        return Finding::Errored(Reason::new(format!("check {name:?}: a service has no log of its own")));
    };
    let patterns = match (compiled(&logs.patterns), compiled(&logs.except)) {
        (Ok(patterns), Ok(except)) => (patterns, except),
        (Err(fault), _) | (_, Err(fault)) => {
            return Finding::Errored(Reason::with_detail(format!("check {name:?}: a pattern cannot be used"), fault));
        }
    };
    let lines = match lines(run, shift).await {
        Ok(lines) => lines,
        Err(reason) => return Finding::Errored(reason.within(name)),
    };
    judged(name, logs, &lines, &patterns)
}

fn compiled(patterns: &[String]) -> Result<Vec<Regex>, String> {
    patterns.iter().map(|pattern| Regex::new(pattern).map_err(|error| error.to_string())).collect()
}

fn judged(
    check: &str,
    logs: &Logs,
    lines: &BTreeSet<String>,
    (patterns, except): &(Vec<Regex>, Vec<Regex>),
) -> Finding {
    let matches = |any: &[Regex], line: &str| any.iter().any(|pattern| pattern.is_match(line));
    let bad: Vec<&String> = lines.iter().filter(|line| matches(patterns, line) && !matches(except, line)).collect();
    if bad.len() <= logs.at_most as usize {
        return Finding::Passed;
    }
    let quoted: Vec<&str> = bad.iter().take(QUOTED).map(|line| line.trim()).collect();
    let subject = format!("check {check:?}: {} log lines are errors, and {} are let pass", bad.len(), logs.at_most);
    Finding::Failed(Reason::with_detail(subject, quoted.join(" | ")).into())
}

async fn lines<P: HookPorts>(run: &Run<P>, shift: &Shift) -> Result<BTreeSet<String>, Reason> {
    let tails = run.kept_tails();
    let seen: BTreeSet<String> = tails.iter().flat_map(|tail| tail.lines()).map(str::to_owned).collect();
    let cut = tails.iter().filter(|tail| tail.len() >= WHOLE_TAIL);
    let awaited: Vec<String> = cut.filter_map(|tail| ReportLine::find(tail)?.request).collect();
    if run.list == List::Checks && awaited.is_empty() {
        return Ok(seen);
    }
    let ports = &run.case.ports;
    let configuration = ports.configurations().read_configuration(&shift.function, &shift.target_version).await;
    let configuration = configuration
        .map_err(|error| Reason::with_detail("the configuration cannot be read", Chain(&error).to_string()))?;
    let now = Timestamp::now();
    let since = run.case.subject.began.unwrap_or(now - LOOK_BACK).min(now);
    let group = configuration.log_group.unwrap_or_else(|| format!("/aws/lambda/{}", shift.function));
    let wanted = LogLines { group, version: shift.target_version.clone(), since, until: now };
    loop {
        let read = ports.logs().read_log_lines(&wanted).await;
        let read = read.map_err(|error| Reason::with_detail("the log cannot be read", Chain(&error).to_string()))?;
        let ended =
            |request: &String| read.iter().any(|line| line.contains(request) && ReportLine::find(line).is_some());
        if awaited.iter().all(ended) {
            return Ok(seen.into_iter().chain(read).collect());
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(logs: &Logs, lines: &[&str]) -> Finding {
        let patterns = (compiled(&logs.patterns).unwrap(), compiled(&logs.except).unwrap());
        judged("quiet", logs, &lines.iter().map(|line| (*line).to_owned()).collect(), &patterns)
    }

    fn logs() -> Logs {
        Logs { patterns: vec![r"\bERROR\b".into(), "panicked at".into()], except: vec!["known".into()], at_most: 1 }
    }

    #[test]
    fn lines_are_counted_once_and_known_ones_not_at_all() {
        assert_eq!(finding(&logs(), &["INFO fine", "ERROR a known one", "ERROR one", "TERRORS"]), Finding::Passed);
        let Finding::Failed(reasons) = finding(&logs(), &["ERROR one", "thread panicked at"]) else {
            panic!("it passes")
        };
        let told: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [r#"check "quiet": 2 log lines are errors, and 1 are let pass: ERROR one | thread panicked at"#]
        );
    }
}
