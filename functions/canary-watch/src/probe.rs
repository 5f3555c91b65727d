//! Requests of the watch's own, where users send too few to tell the versions apart.
//!
//! They are the suite's requests that change nothing (GET and HEAD), sent to both versions by their numbers, so that Lambda and the
//! function itself count them apart from what users asked through the alias; a header says what they are, for whoever reads a log.

use serde_json::{Value, json};
use slipway_shared::hook::{InvokeVersion, Shift};
use slipway_shared::identity::FunctionVersion;
use slipway_shared::suite::{Check, Probe, Suite};
use slipway_shared::telemetry::Chain;

use crate::ports::Ports;

/// The requests of either version in a minute below which the watch asks itself. A canary of ten minutes then has enough at its end.
pub(crate) const FEW: u64 = 8;
/// The requests that are sent to each version in one run.
const REQUESTS: usize = 16;
/// The header that tells a probe.
const MARK: (&str, &str) = ("x-slipway-probe", "canary-watch");

/// Sends requests of the suite to both versions, in turns. What comes of them is told by the metrics; here it is only sent. Returns the
/// number that each version got: none if no request of the suite is safe.
pub(crate) async fn send<P: Ports>(ports: &P, suite: &Suite, shift: &Shift) -> usize {
    let Some(current) = &shift.current_version else { return 0 };
    let events = safe(&suite.checks);
    let mut sent = 0;
    for event in events.iter().cycle().take(if events.is_empty() { 0 } else { REQUESTS }) {
        let ask =
            async |version: &FunctionVersion| ports.functions().invoke_version(&shift.function, version, event).await;
        let (one, other) = tokio::join!(ask(current), ask(&shift.target_version));
        if let Some(error) = [one.err(), other.err()].into_iter().flatten().next() {
            tracing::warn!(error = %Chain(&error), "a probe could not be sent: no more are");
            break;
        }
        sent += 1;
    }
    sent
}

/// The events of the checks that change nothing and need nothing of another check.
fn safe(checks: &[Check]) -> Vec<Value> {
    let invoked = checks.iter().filter(|check| check.uses().is_empty());
    let events = invoked.filter_map(|check| match &check.probe {
        Probe::Invoke(invoke) => Some(&invoke.event),
        _ => None,
    });
    events.filter(|event| is_safe(event)).map(marked).collect()
}

/// True if the event stands for a request that by HTTP changes nothing (RFC 9110, section 9.2.1).
fn is_safe(event: &Value) -> bool {
    let method = event.pointer("/requestContext/http/method").or_else(|| event.get("httpMethod"));
    matches!(method.and_then(Value::as_str), Some("GET" | "HEAD"))
}

fn marked(event: &Value) -> Value {
    let mut event = event.clone();
    if let Some(event) = event.as_object_mut() {
        let headers = event.entry("headers").or_insert_with(|| json!({}));
        if let Some(headers) = headers.as_object_mut() {
            headers.insert(MARK.0.to_owned(), json!(MARK.1));
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_change_nothing_are_sent_and_marked() {
        let suite = json!({"checks": [
            {"name": "a", "event": {"rawPath": "/a", "requestContext": {"http": {"method": "GET"}}}, "expect": {"statusCode": 200}},
            {"name": "b", "event": {"rawPath": "/b", "requestContext": {"http": {"method": "POST"}}},
             "expect": {"statusCode": 201}, "capture": {"id": "/body/id"}},
            {"name": "c", "event": {"rawPath": "/b/${id}", "requestContext": {"http": {"method": "GET"}}}, "expect": {"statusCode": 200}},
            {"name": "d", "event": {"path": "/d", "httpMethod": "HEAD", "headers": {"accept": "*/*"}}, "expect": {"statusCode": 200}},
        ]});
        let suite = Suite::parse(&suite.to_string()).unwrap();
        let events = safe(&suite.checks);
        assert_eq!(events.len(), 2, "{events:?}");
        assert_eq!(events[0]["headers"], json!({"x-slipway-probe": "canary-watch"}));
        assert_eq!(events[1]["headers"], json!({"accept": "*/*", "x-slipway-probe": "canary-watch"}));
    }

    #[test]
    fn an_event_that_is_no_request_is_never_sent() {
        assert!(!is_safe(&json!({"Records": []})) && !is_safe(&json!("GET")));
    }
}
