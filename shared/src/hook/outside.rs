//! A hook as it is seen from outside: the function that a deployment calls, its limits, and what its log says of its attempts.
//!
//! A hook that runs nothing of ours says nothing of itself, so whoever looks for it reads what Lambda writes: the lines of the platform,
//! as JSON or as text (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>), and the last lines that
//! the hook itself wrote before it ended.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use jiff::Timestamp;
use serde_json::Value;

use super::appspec;
use super::compare::shortened;
use super::deployment::Revision;
use super::lifecycle::LifecycleEvent;
use super::ports::ReadDeployment;
use super::silence::HookLimits;
use crate::call::CallError;
use crate::identity::DeploymentId;

/// The last lines of a hook that are told.
const LAST_LINES: usize = 5;
/// Longest line that is told, in characters.
const LONGEST_LINE: usize = 300;

/// The function of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookFunction {
    /// The limits of its calls.
    pub limits: HookLimits,
    /// `LoggingConfig.LogGroup`.
    pub log_group: String,
}

/// `lambda:GetFunctionConfiguration`, `lambda:GetFunctionEventInvokeConfig`.
pub trait ReadHook {
    /// The function of that name as it is called without a qualifier; `None` if there is none.
    fn read_hook(&self, name: &str) -> impl Future<Output = Result<Option<HookFunction>, CallError>> + Send;
}

/// `logs:FilterLogEvents`.
pub trait ReadHookLog {
    /// The lines of a log group in a stretch of time, as far as CloudWatch Logs has them by now.
    fn read_hook_log(
        &self,
        group: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Vec<String>, CallError>> + Send;
}

/// The name of the function that a deployment calls at a lifecycle event; `None` if its revision does not tell.
///
/// # Errors
/// Fails if the deployment or its revision cannot be read.
pub async fn hook_of<D: ReadDeployment + Sync>(
    deployments: &D,
    id: &DeploymentId,
    event: LifecycleEvent,
) -> Result<Option<String>, CallError> {
    let info = deployments.read_deployment(id).await?;
    let content = match &info.revision {
        Some(Revision::Text { content: Some(content), .. }) => Some(content.clone()),
        Some(revision @ Revision::Text { .. }) => deployments.read_revision(&info.application, revision).await?,
        Some(Revision::Object { .. }) | None => None,
    };
    let name = content.and_then(|content| appspec::hook(&content, event));
    // Both forms occur: the plain name, and an ARN whose seventh part is the name.
    Ok(name.map(|name| match name.strip_prefix("arn:") {
        Some(rest) => rest.split(':').nth(5).unwrap_or_default().to_owned(),
        None => name,
    }))
}

/// The attempts of a hook, by its log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts {
    /// The reasons why the attempts of one call ended without an answer, oldest first. Of several calls, it is that with the most.
    pub failures: Vec<String>,
    /// True if one began and has not ended.
    pub are_under_way: bool,
    /// The hook's own last lines, oldest first.
    pub last_lines: Vec<String>,
}

/// A line of the platform's.
#[derive(Debug, PartialEq)]
enum Platform {
    Started(String),
    Ended { request: String, failure: Option<String> },
    NotInitialised(String),
    Other,
}

impl Attempts {
    /// Reads a log. Attempts of one call have one request id.
    #[must_use]
    pub fn of(lines: &[String]) -> Self {
        let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let (mut under_way, mut own) = (BTreeSet::new(), Vec::new());
        let mut initialisation = None;
        for line in lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
            match Platform::read(line) {
                Some(Platform::Started(request)) => {
                    under_way.insert(request);
                }
                Some(Platform::Ended { request, failure }) => {
                    under_way.remove(&request);
                    if let Some(failure) = failure {
                        failures.entry(request).or_default().push(initialisation.take().unwrap_or(failure));
                    }
                }
                Some(Platform::NotInitialised(failure)) => initialisation = Some(failure),
                Some(Platform::Other) => {}
                None => own.push(own_line(line)),
            }
        }
        let most = failures.into_values().max_by_key(Vec::len).unwrap_or_default();
        let first = own.len().saturating_sub(LAST_LINES);
        Self { failures: most, are_under_way: !under_way.is_empty(), last_lines: own.split_off(first) }
    }
}

impl Platform {
    fn read(line: &str) -> Option<Self> {
        match serde_json::from_str::<Value>(line) {
            Ok(value) => Self::of_json(&value),
            Err(_) => Self::of_text(line),
        }
    }

    fn of_json(line: &Value) -> Option<Self> {
        let kind = line.get("type")?.as_str()?.strip_prefix("platform.")?;
        let word = |name: &str| line.pointer(&format!("/record/{name}")).and_then(Value::as_str);
        let failure = word("status")
            .filter(|status| *status != "success")
            .map(|status| word("errorType").map_or_else(|| status.to_owned(), |kind| format!("{status}, {kind}")));
        Some(match (kind, word("requestId")) {
            ("start", Some(request)) => Self::Started(request.to_owned()),
            ("report", Some(request)) => Self::Ended { request: request.to_owned(), failure },
            ("initReport", _) => failure.map_or(Self::Other, |failure| Self::NotInitialised(of_start(&failure))),
            _ => Self::Other,
        })
    }

    fn of_text(line: &str) -> Option<Self> {
        let request = |rest: &str| rest.split_whitespace().next().unwrap_or_default().to_owned();
        let failure = || {
            let fields: Vec<&str> = line.split('\t').collect();
            let field = |name: &str| fields.iter().find_map(|field| field.trim().strip_prefix(name));
            let status = field("Status: ").filter(|status| *status != "success")?;
            Some(field("Error Type: ").map_or_else(|| status.to_owned(), |kind| format!("{status}, {kind}")))
        };
        if let Some(rest) = line.strip_prefix("START RequestId: ") {
            Some(Self::Started(request(rest)))
        } else if let Some(rest) = line.strip_prefix("REPORT RequestId: ") {
            Some(Self::Ended { request: request(rest), failure: failure() })
        } else if line.starts_with("INIT_REPORT ") {
            Some(failure().map_or(Self::Other, |failure| Self::NotInitialised(of_start(&failure))))
        } else {
            let is_platforms = line.starts_with("END RequestId: ") || line.starts_with("INIT_START ");
            is_platforms.then_some(Self::Other)
        }
    }
}

fn of_start(failure: &str) -> String {
    format!("it did not start ({failure})")
}

/// The message of a line, where it is one of JSON, with its error.
fn own_line(line: &str) -> String {
    let message = serde_json::from_str::<Value>(line).ok().and_then(|line| {
        let word = |name: &str| line.get(name).or_else(|| line.get("fields")?.get(name)).and_then(Value::as_str);
        let message = word("message").or_else(|| word("errorMessage"))?;
        Some(word("error").map_or_else(|| message.to_owned(), |error| format!("{message}: {error}")))
    });
    shortened(message.as_deref().unwrap_or(line), LONGEST_LINE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    fn platform(kind: &str, record: &Value) -> String {
        json!({"time": "2026-11-27T08:00:00.000Z", "type": format!("platform.{kind}"), "record": record}).to_string()
    }

    #[test]
    fn attempts_are_read_from_text() {
        let read = Attempts::of(&lines(&[
            "INIT_START Runtime Version: provided:al2023.v1",
            "START RequestId: a Version: $LATEST",
            "looking for the suite",
            "2026-11-27T08:00:03.000Z a Task timed out after 3.00 seconds",
            "END RequestId: a",
            "REPORT RequestId: a\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tStatus: timeout",
            "START RequestId: b Version: $LATEST",
            "END RequestId: b",
            "REPORT RequestId: b\tDuration: 3.00 ms\tBilled Duration: 3 ms",
            "START RequestId: a Version: $LATEST",
        ]));
        assert_eq!((read.failures, read.are_under_way), (vec!["timeout".to_owned()], true));
        assert_eq!(
            read.last_lines,
            ["looking for the suite", "2026-11-27T08:00:03.000Z a Task timed out after 3.00 seconds"]
        );
    }

    #[test]
    fn attempts_are_read_from_json() {
        let mut log = vec![platform("start", &json!({"requestId": "a", "version": "$LATEST"}))];
        for message in ["1", "2", "3", "4", "5"] {
            log.push(json!({"level": "INFO", "fields": {"message": message}}).to_string());
        }
        log.push(json!({"level": "ERROR", "message": "no answer", "error": "denied"}).to_string());
        log.push(platform("report", &json!({"requestId": "a", "status": "error", "errorType": "Runtime.ExitError"})));
        let read = Attempts::of(&log);
        assert_eq!(
            (read.failures.as_slice(), read.are_under_way),
            (&["error, Runtime.ExitError".to_owned()][..], false)
        );
        assert_eq!(read.last_lines, ["2", "3", "4", "5", "no answer: denied"]);
    }

    #[test_case("INIT_REPORT Init Duration: 1.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint",
        "REPORT RequestId: a\tDuration: 1.00 ms\tStatus: error\tError Type: Runtime.InvalidEntrypoint"; "text")]
    #[test_case(
        r#"{"type":"platform.initReport","record":{"status":"error","errorType":"Runtime.InvalidEntrypoint"}}"#,
        r#"{"type":"platform.report","record":{"requestId":"a","status":"error"}}"#; "json")]
    fn a_hook_that_does_not_start_says_so(init: &str, report: &str) {
        let read = Attempts::of(&lines(&[init, report]));
        assert_eq!(read.failures, ["it did not start (error, Runtime.InvalidEntrypoint)"]);
    }

    #[test]
    fn of_several_calls_the_attempts_of_one_are_counted() {
        let failed = |request: &str| platform("report", &json!({"requestId": request, "status": "timeout"}));
        let read = Attempts::of(&[failed("a"), failed("b"), failed("b"), failed("c")]);
        assert_eq!(read.failures, ["timeout", "timeout"]);
        assert_eq!(Attempts::of(&[]), Attempts::default());
    }
}
