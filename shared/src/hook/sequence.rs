//! Checks that build on one another: one captures a value from its answer, later ones use it.
//!
//! A check that uses a value is run only if the check that captured it passed: what follows from a bad answer proves nothing. A
//! check that is `always` run needs the value alone, so that what was made is removed even if it is not what it should be.

use std::collections::BTreeMap;

use serde_json::Value;

use super::verdict::{Finding, Reason, Reasons};
use crate::suite::{Check, Probe};

/// The values that the checks of a suite have captured so far.
#[derive(Debug, Default)]
pub struct Sequence {
    captured: BTreeMap<String, Captured>,
}

#[derive(Debug)]
struct Captured {
    value: String,
    /// True if the check that captured it passed.
    proven: bool,
}

impl Sequence {
    /// Puts captured values into the probe of a check.
    ///
    /// # Errors
    /// [`Finding::Skipped`] when one is missing, or is not proven and the check is not an `always` one.
    pub fn prepare(&self, check: &Check) -> Result<Probe, Finding> {
        for name in &check.uses() {
            let subject = match self.captured.get(name) {
                None => format!("check {:?}: not run, because {name:?} was not captured", check.name),
                Some(captured) if !captured.proven && !check.always => {
                    format!("check {:?}: not run, because the check that captured {name:?} did not pass", check.name)
                }
                Some(_) => continue,
            };
            return Err(Finding::Skipped(Reason::new(subject)));
        }
        let value = |name: &str| self.captured.get(name).map(|captured| captured.value.as_str());
        Ok(check.probe.filled(&value))
    }

    /// Takes what a check captures from its answer, whatever it found there; a check that passed and has nothing to capture fails.
    pub fn capture(&mut self, check: &Check, answer: &Value, finding: Finding) -> Finding {
        let mut missing = Vec::new();
        let proven = finding == Finding::Passed;
        for (name, pointer) in &check.capture {
            match at(answer, pointer).as_ref().and_then(as_text) {
                Some(value) => drop(self.captured.insert(name.clone(), Captured { value, proven })),
                None => missing.push(Reason::new(format!(
                    "check {:?}: the answer has no text, number or truth value at {pointer} to capture as {name:?}",
                    check.name
                ))),
            }
        }
        match Reasons::from_list(missing) {
            Some(reasons) if proven => Finding::Failed(reasons),
            _ => finding,
        }
    }
}

/// The value at a JSON pointer (RFC 6901); a text on the way is read as JSON, as API Gateway's proxy format carries bodies.
fn at(answer: &Value, pointer: &str) -> Option<Value> {
    let mut found = answer.clone();
    for token in pointer.split('/').skip(1) {
        if let Value::String(text) = &found {
            found = serde_json::from_str(text).ok()?;
        }
        found = found.pointer_mut(&format!("/{token}"))?.take();
    }
    Some(found)
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;
    use crate::suite::Suite;

    fn check(definition: Value) -> Check {
        let mut whole = json!({ "name": "check", "event": {}, "expect": {} });
        whole.as_object_mut().unwrap().extend(definition.as_object().unwrap().clone());
        // What it uses must be captured before it.
        let captures = json!({ "name": "create", "event": {}, "expect": {}, "capture": { "id": "/id" } });
        let checks = if whole.get("capture").is_some() { json!([whole]) } else { json!([captures, whole]) };
        Suite::parse(&json!({ "checks": checks }).to_string()).unwrap().checks.pop().unwrap()
    }

    fn event(sequence: &Sequence, check: &Check) -> Value {
        let Ok(Probe::Invoke(invoke)) = sequence.prepare(check) else { panic!("it is not run") };
        invoke.event
    }

    fn created(answer: &Value, finding: Finding) -> (Sequence, Finding) {
        let mut sequence = Sequence::default();
        let create = check(json!({ "capture": { "id": "/body/id" } }));
        let finding = sequence.capture(&create, answer, finding);
        (sequence, finding)
    }

    fn failed() -> Finding {
        Finding::Failed(Reason::new("bad").into())
    }

    #[test]
    fn what_a_check_captured_the_next_one_uses() {
        let (sequence, finding) = created(&json!({ "body": r#"{"id":"01J"}"# }), Finding::Passed);
        assert_eq!(finding, Finding::Passed);
        let read = check(json!({ "event": { "rawPath": "/contacts/${id}" }, "expect": { "body": { "id": "${id}" } } }));
        let Ok(Probe::Invoke(prepared)) = sequence.prepare(&read) else { panic!("it is not run") };
        assert_eq!(prepared.event, json!({ "rawPath": "/contacts/01J" }));
        assert_eq!(prepared.expect, Some(json!({ "body": { "id": "01J" } })));
    }

    #[test]
    fn after_a_bad_answer_only_what_always_runs_goes_on() {
        let (sequence, finding) = created(&json!({ "body": { "id": "01J" } }), failed());
        assert_eq!(finding, failed());
        let uses = json!({ "event": { "rawPath": "/contacts/${id}" } });
        let Err(Finding::Skipped(reason)) = sequence.prepare(&check(uses.clone())) else { panic!("it is run") };
        assert_eq!(reason.to_string(), r#"check "check": not run, because the check that captured "id" did not pass"#);
        let mut cleanup = check(uses);
        cleanup.always = true;
        assert_eq!(event(&sequence, &cleanup), json!({ "rawPath": "/contacts/01J" }));
    }

    #[test]
    fn what_was_not_captured_stops_even_what_always_runs() {
        let (sequence, finding) = created(&json!({ "body": "oops" }), Finding::Passed);
        assert!(matches!(finding, Finding::Failed(_)), "a check that passed must have what it captures");
        let mut cleanup = check(json!({ "event": { "rawPath": "/contacts/${id}" } }));
        cleanup.always = true;
        let Err(Finding::Skipped(reason)) = sequence.prepare(&cleanup) else { panic!("it is run") };
        assert_eq!(reason.to_string(), r#"check "check": not run, because "id" was not captured"#);
    }

    #[test]
    fn a_check_that_uses_nothing_is_always_run() {
        let check = check(json!({ "event": { "a": "$${id}" } }));
        assert_eq!(event(&Sequence::default(), &check), json!({ "a": "${id}" }));
    }

    #[test_case("/body/id", Some("01J"); "in a body that is a text")]
    #[test_case("/headers/etag", Some("\"1\""); "beside it")]
    #[test_case("/body/items/0/n", Some("2"); "a number in a list")]
    #[test_case("/body/a~1b", Some("true"); "an escaped name")]
    #[test_case("/body/items", None; "a list")]
    #[test_case("/body/none", None; "nothing")]
    #[test_case("/headers/etag/x", None; "below a text that is no object")]
    fn captures(pointer: &str, expected: Option<&str>) {
        let body = json!({ "id": "01J", "items": [{ "n": 2 }], "a/b": true }).to_string();
        let answer = json!({ "body": body, "headers": { "etag": "\"1\"" } });
        assert_eq!(at(&answer, pointer).as_ref().and_then(as_text).as_deref(), expected);
    }
}
