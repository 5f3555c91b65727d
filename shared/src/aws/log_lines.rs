//! CloudWatch Logs behind the ports of hooks, and of whoever looks for one.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::translate;
use crate::call::CallError;
use crate::hook::{LogLines, ReadHookLog, ReadLogLines};

const OPERATION: &str = "FilterLogEvents";
/// So many pages of a day are read; a page may hold 10,000 lines.
const PAGES: usize = 50;

/// Log lines over CloudWatch Logs' SDK client.
#[derive(Debug, Clone)]
pub struct AwsLogLines {
    client: Client,
}

impl AwsLogLines {
    /// Over a client of [`super::cloudwatchlogs()`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Reads lines of a group; of the streams whose names begin so, if a prefix is given.
    async fn read(
        &self,
        group: &str,
        (since, until): (Timestamp, Timestamp),
        prefix: Option<String>,
        lines: &mut Vec<String>,
    ) -> Result<(), CallError> {
        let mut token = None;
        for _ in 0..PAGES {
            let request =
                self.client.filter_log_events().log_group_name(group).set_log_stream_name_prefix(prefix.clone());
            let request = request.start_time(since.as_millisecond()).end_time(until.as_millisecond());
            let page = request.set_next_token(token).send().await.map_err(|error| translate(OPERATION, error))?;
            lines.extend(page.events.unwrap_or_default().into_iter().filter_map(|event| event.message));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(());
            }
        }
        // What was not read cannot be said to be clean.
        Err(CallError::Unexpected { operation: OPERATION, source: format!("more than {PAGES} pages of lines").into() })
    }
}

impl ReadLogLines for AwsLogLines {
    async fn read_log_lines(&self, wanted: &LogLines) -> Result<Vec<String>, CallError> {
        let mut lines = Vec::new();
        for prefix in prefixes(wanted) {
            self.read(&wanted.group, (wanted.since, wanted.until), Some(prefix), &mut lines).await?;
        }
        Ok(lines)
    }
}

impl ReadHookLog for AwsLogLines {
    async fn read_hook_log(&self, group: &str, since: Timestamp, until: Timestamp) -> Result<Vec<String>, CallError> {
        let mut lines = Vec::new();
        self.read(group, (since, until), None, &mut lines).await?;
        Ok(lines)
    }
}

/// Lambda names a stream `<day>/[<version>]<id>`, by the day in UTC on which the environment began
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html>). One may have begun a day before.
fn prefixes(wanted: &LogLines) -> BTreeSet<String> {
    const DAY: Duration = Duration::from_secs(86_400);
    let mut days = BTreeSet::new();
    let mut time = wanted.since - DAY;
    while time < wanted.until + DAY {
        days.insert(day(time.min(wanted.until)));
        time += DAY;
    }
    days.into_iter().map(|day| format!("{day}/[{}]", wanted.version)).collect()
}

fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y/%m/%d").to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Connection, settings};
    use super::*;

    fn wanted(since: &str, until: &str) -> LogLines {
        let (since, until) = (since.parse().unwrap(), until.parse().unwrap());
        LogLines { group: "/aws/lambda/fn".into(), version: "7".parse().unwrap(), since, until }
    }

    #[test]
    fn streams_are_named_by_day_and_version() {
        let prefixes: Vec<String> =
            prefixes(&wanted("2026-11-26T23:59:00Z", "2026-11-27T00:01:00Z")).into_iter().collect();
        assert_eq!(prefixes, ["2026/11/25/[7]", "2026/11/26/[7]", "2026/11/27/[7]"]);
    }

    #[tokio::test]
    async fn reads_all_pages_of_the_versions_own_streams() {
        let connection = Connection::answering(200, &json!({"events": [{"message": "a"}], "nextToken": "more"}))
            .then(200, &json!({"events": [{"message": "b"}]}))
            .then(200, &json!({"events": []}));
        let logs = AwsLogLines::new(super::super::cloudwatchlogs(&settings(&connection)));
        let lines = logs.read_log_lines(&wanted("2026-11-27T08:00:00Z", "2026-11-27T09:00:00Z")).await.unwrap();
        assert_eq!(lines, ["a", "b"]);
        let requests = connection.requests();
        assert_eq!(requests[0].json()["logStreamNamePrefix"], "2026/11/26/[7]");
        assert_eq!(requests[2].json()["logStreamNamePrefix"], "2026/11/27/[7]");
    }

    #[tokio::test]
    async fn a_hooks_log_is_read_whole() {
        let connection = Connection::answering(200, &json!({"events": [{"message": "a"}]}));
        let logs = AwsLogLines::new(super::super::cloudwatchlogs(&settings(&connection)));
        let (since, until) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(60).unwrap());
        assert_eq!(logs.read_hook_log("/aws/lambda/hook", since, until).await.unwrap(), ["a"]);
        let asked = connection.only_request().json();
        assert_eq!(asked, json!({"logGroupName": "/aws/lambda/hook", "startTime": 0, "endTime": 60_000}));
    }
}
