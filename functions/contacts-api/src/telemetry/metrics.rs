//! Request metrics, gathered so that a busy function does not write a line for each request.
//!
//! A request that comes after a pause is written at once. While requests come close together, one line for each kind of request is
//! written in each window, ten seconds unless set otherwise; the last of a burst wait for the next request, or for the end of the process, with their own time.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Answered;
use super::emf::{Dimensions, Line, MOST_VALUES};
use crate::settings::MetricsSettings;

/// The function's request metrics; none are written without settings.
#[derive(Debug)]
pub struct Metrics(Option<Mutex<Gathered>>);

impl Metrics {
    /// Metrics as the settings say.
    #[must_use]
    pub fn new(settings: Option<MetricsSettings>) -> Self {
        Self(settings.map(|settings| Mutex::new(Gathered::new(settings))))
    }

    /// True if any are written.
    #[must_use]
    pub const fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes a request that took `latency`; `resource` is the function as it was invoked.
    pub fn record(&self, request: &Answered, resource: &str, latency: Duration) {
        if let Some(gathered) = &self.0 {
            let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
            write(&gathered.record(request, resource, latency, since_epoch(SystemTime::now())));
        }
    }

    /// Writes what was gathered.
    pub fn flush(&self) {
        if let Some(gathered) = &self.0 {
            write(&gathered.lock().unwrap_or_else(PoisonError::into_inner).take_lines());
        }
    }
}

/// One write for all lines, so that none is torn by a log line. Nobody can be told that standard output is closed.
fn write(lines: &[u8]) {
    if !lines.is_empty() {
        let _ = std::io::stdout().lock().write_all(lines);
    }
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[derive(Debug)]
struct Gathered {
    settings: MetricsSettings,
    /// The time of the first of the groups' requests, since the epoch.
    since: Option<Duration>,
    /// The time of the last request of all, since the epoch.
    last: Option<Duration>,
    groups: Vec<Group>,
}

/// Requests of one kind.
#[derive(Debug)]
struct Group {
    method: &'static str,
    route: String,
    status: &'static str,
    failed: bool,
    /// The function as it was invoked.
    resource: String,
    latency: Vec<f64>,
}

impl Gathered {
    const fn new(settings: MetricsSettings) -> Self {
        Self { settings, since: None, last: None, groups: Vec::new() }
    }

    /// Adds a request; answers the lines that are to be written now.
    fn record(&mut self, request: &Answered, resource: &str, latency: Duration, now: Duration) -> Vec<u8> {
        let mut lines = if self.has_passed(self.since, now) { self.take_lines() } else { Vec::new() };
        let after_a_pause = self.last.is_none() || self.has_passed(self.last, now);
        self.last = Some(now);
        self.since.get_or_insert(now);
        let full = self.add(request, resource, latency.as_secs_f64() * 1000.0);
        if after_a_pause || full {
            lines.extend(self.take_lines());
        }
        lines
    }

    /// Adds the request to its group. True if the group then holds as much as a line can.
    fn add(&mut self, request: &Answered, resource: &str, milliseconds: f64) -> bool {
        let status = request.status_class();
        let of_its_kind = |group: &&mut Group| {
            group.method == request.method
                && group.status == status
                && group.route == request.route
                && group.resource == resource
        };
        if let Some(group) = self.groups.iter_mut().find(of_its_kind) {
            group.latency.push(milliseconds);
            return group.latency.len() >= MOST_VALUES;
        }
        self.groups.push(Group {
            method: request.method,
            route: request.route.clone(),
            status,
            failed: request.has_failed(),
            resource: resource.to_owned(),
            latency: vec![milliseconds],
        });
        false
    }

    /// One line for each group, and nothing is gathered any more.
    fn take_lines(&mut self) -> Vec<u8> {
        let since = self.since.take().unwrap_or_default();
        let timestamp = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let mut lines = Vec::new();
        for group in self.groups.drain(..) {
            let of = Dimensions {
                service: &self.settings.service,
                resource: &group.resource,
                executed_version: &self.settings.version,
                route: &group.route,
                method: group.method,
                status: group.status,
            };
            let line = Line::new(&self.settings.namespace, of, timestamp, &group.latency, group.failed);
            // Texts and numbers are always written; a number that is none cannot come of a duration.
            if serde_json::to_writer(&mut lines, &line).is_ok() {
                lines.push(b'\n');
            }
        }
        lines
    }

    /// True if a window has passed since then.
    fn has_passed(&self, since: Option<Duration>, now: Duration) -> bool {
        since.is_some_and(|since| now.saturating_sub(since) >= self.settings.window)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn gathered() -> Gathered {
        Gathered::new(MetricsSettings {
            namespace: "Slipway".to_owned(),
            service: "contacts".to_owned(),
            version: "7".to_owned(),
            window: Duration::from_secs(10),
        })
    }

    fn answered(route: &str, status: u16) -> Answered {
        Answered { method: "GET", route: route.to_owned(), status: Some(status) }
    }

    /// `(route, status, number of requests, time)` of each line.
    fn read(lines: &[u8]) -> Vec<(String, String, u64, u64)> {
        let text = std::str::from_utf8(lines).unwrap();
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["Latency"].as_array().unwrap().len() as u64, line["Requests"].as_u64().unwrap());
            let word = |name: &str| line[name].as_str().unwrap().to_owned();
            (
                word("Route"),
                word("Status"),
                line["Requests"].as_u64().unwrap(),
                line["_aws"]["Timestamp"].as_u64().unwrap(),
            )
        };
        text.lines().map(line).collect()
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn kind(route: &str, status: &str, requests: u64, seconds: u64) -> (String, String, u64, u64) {
        (route.to_owned(), status.to_owned(), requests, seconds * 1000)
    }

    #[test]
    fn a_request_after_a_pause_is_written_at_once() {
        let mut gathered = gathered();
        let latency = Duration::from_micros(1_500);
        assert_eq!(
            read(&gathered.record(&answered("/a", 200), "contacts:live", latency, at(1))),
            [kind("/a", "2xx", 1, 1)]
        );
        assert_eq!(
            read(&gathered.record(&answered("/a", 404), "contacts:live", latency, at(60))),
            [kind("/a", "4xx", 1, 60)]
        );
        assert!(gathered.take_lines().is_empty());
    }

    #[test]
    fn close_requests_are_gathered_by_kind_and_keep_their_time() {
        let mut gathered = gathered();
        let latency = Duration::from_millis(1);
        gathered.record(&answered("/a", 200), "contacts:live", latency, at(1));
        for (route, status, second) in [("/a", 200, 2), ("/b", 200, 3), ("/a", 201, 4), ("/a", 503, 5)] {
            assert!(gathered.record(&answered(route, status), "contacts:live", latency, at(second)).is_empty());
        }
        let expected = [kind("/a", "2xx", 2, 2), kind("/b", "2xx", 1, 2), kind("/a", "5xx", 1, 2)];
        let mut written = read(&gathered.record(&answered("/a", 200), "contacts:live", latency, at(300)));
        assert_eq!(written.pop(), Some(kind("/a", "2xx", 1, 300)));
        assert_eq!(written, expected);
    }

    #[test]
    fn what_was_invoked_otherwise_is_counted_apart() {
        let mut gathered = gathered();
        gathered.record(&answered("/a", 200), "contacts:7", Duration::ZERO, at(1));
        for (resource, status) in [("contacts:7", 200), ("contacts:live", 200), ("contacts:live", 503)] {
            gathered.record(&answered("/a", status), resource, Duration::ZERO, at(2));
        }
        let lines = gathered.take_lines();
        let counted = std::str::from_utf8(&lines).unwrap().lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["ExecutedVersion"], "7");
            (line["Resource"].as_str().unwrap().to_owned(), line["Requests"].as_u64(), line["Failures"].as_u64())
        });
        let expected = [("contacts:7", 1, 0), ("contacts:live", 1, 0), ("contacts:live", 1, 1)];
        let expected =
            expected.map(|(resource, requests, failures)| (resource.to_owned(), Some(requests), Some(failures)));
        assert_eq!(counted.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_busy_function_writes_every_ten_seconds() {
        let mut gathered = gathered();
        let mut lines = 0;
        for second in 0..61 {
            lines +=
                read(&gathered.record(&answered("/a", 200), "contacts:live", Duration::from_millis(1), at(second)))
                    .len();
        }
        assert_eq!(lines, 6);
    }

    #[test]
    fn no_line_has_more_values_than_it_may() {
        let mut gathered = gathered();
        let mut counted = 0;
        for _ in 0..1_000 {
            for (_, _, requests, _) in
                read(&gathered.record(&answered("/a", 200), "contacts:live", Duration::from_millis(1), at(1)))
            {
                assert!(requests <= 100);
                counted += requests;
            }
        }
        counted += read(&gathered.take_lines()).iter().map(|(_, _, requests, _)| requests).sum::<u64>();
        assert_eq!(counted, 1_000);
    }
}
