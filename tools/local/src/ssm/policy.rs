//! Parameter policies: when a parameter expires, and when somebody is told that it will or that nobody changes it.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html>

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::core::{Engine, ServiceError, Timestamp};

/// The most policies of a parameter.
const POLICIES: usize = 10;

/// One policy of a parameter, with its text as it was put.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Policy {
    pub(super) rule: Rule,
    pub(super) text: String,
    pub(super) finished: bool,
}

/// The action of a policy, and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Deletes the parameter at that time.
    Expiration(Timestamp),
    /// Publishes an event so long before the parameter expires.
    ExpirationNotification(Duration),
    /// Publishes an event when the parameter has not changed for so long.
    NoChangeNotification(Duration),
}

impl Rule {
    /// The policy's type as the API spells it.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Expiration(_) => "Expiration",
            Self::ExpirationNotification(_) => "ExpirationNotification",
            Self::NoChangeNotification(_) => "NoChangeNotification",
        }
    }

    fn read(policy: &Value) -> Result<Self, ServiceError> {
        let kind = policy["Type"].as_str().unwrap_or_default();
        let attributes = &policy["Attributes"];
        match kind {
            "Expiration" => timestamp(&attributes["Timestamp"]).map(Self::Expiration),
            "ExpirationNotification" => {
                span(&attributes["Before"], &attributes["Unit"]).map(Self::ExpirationNotification)
            }
            "NoChangeNotification" => span(&attributes["After"], &attributes["Unit"]).map(Self::NoChangeNotification),
            _ => {
                let message = format!(
                    "The policy type {kind} isn't supported. Parameter Store supports the following policy types: Expiration, ExpirationNotification, and NoChangeNotification."
                );
                return Err(ServiceError::new("InvalidPolicyTypeException", message));
            }
        }
        .filter(|_| policy["Version"] == "1.0")
        .ok_or_else(|| {
            let message = format!("The attributes of the policy {kind} are not valid: {policy}");
            ServiceError::new("InvalidPolicyAttributeException", message)
        })
    }
}

/// Reads a time in the form of ISO_INSTANT or ISO_OFFSET_DATE_TIME.
fn timestamp(value: &Value) -> Option<Timestamp> {
    let at: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

fn span(count: &Value, unit: &Value) -> Option<Duration> {
    let hours = match unit.as_str()? {
        "Hours" => 1,
        "Days" => 24,
        _ => return None,
    };
    let count: u64 = count.as_str()?.parse().ok().filter(|count| *count > 0)?;
    Some(Duration::from_secs(count.checked_mul(hours)?.checked_mul(3600)?))
}

/// Reads `Policies`: a JSON array. An empty policy, `[{}]`, takes all policies away, as an empty list does.
pub(super) fn read(text: &str) -> Result<Vec<Policy>, ServiceError> {
    let parsed: Value = serde_json::from_str(text).unwrap_or_default();
    let empty = |policy: &Value| policy.as_object().is_some_and(serde_json::Map::is_empty);
    let list = match &parsed {
        Value::Array(list) if list.iter().all(empty) => return Ok(Vec::new()),
        Value::Array(list) => list,
        // Assumed: the code and text for what is not a JSON array.
        one if empty(one) => return Ok(Vec::new()),
        _ => return Err(ServiceError::validation("Policies is not a JSON array of parameter policies.")),
    };
    if list.len() > POLICIES {
        let message = format!("You specified more than the maximum number of allowed policies, {POLICIES}.");
        return Err(ServiceError::new("PoliciesLimitExceededException", message));
    }
    let policies = list
        .iter()
        .map(|policy| Ok(Policy { rule: Rule::read(policy)?, text: policy.to_string(), finished: false }))
        .collect::<Result<Vec<Policy>, ServiceError>>()?;
    let expirations = policies.iter().filter(|policy| policy.rule.kind() == "Expiration").count();
    let told = policies.iter().any(|policy| policy.rule.kind() == "ExpirationNotification");
    if expirations > 1 || (told && expirations == 0) {
        // Assumed: a notification of an expiration that no policy sets is such a conflict, too.
        let message = "There is a conflict in the policies specified for this parameter.";
        return Err(ServiceError::new("IncompatiblePolicyException", message));
    }
    Ok(policies)
}

/// The policies of a version that were not put anew: a change starts the wait for the next change anew.
pub(super) fn kept(policies: &[Policy]) -> Vec<Policy> {
    let anew = |rule: Rule| matches!(rule, Rule::NoChangeNotification(_));
    let kept = |policy: &Policy| Policy { finished: policy.finished && !anew(policy.rule), ..policy.clone() };
    policies.iter().map(kept).collect()
}

/// The `Policies` member of an answer.
pub(super) fn shown(policies: &[Policy]) -> Value {
    let one = |policy: &Policy| {
        let status = if policy.finished { "Finished" } else { "Pending" };
        json!({ "PolicyText": policy.text, "PolicyType": policy.rule.kind(), "PolicyStatus": status })
    };
    policies.iter().map(one).collect()
}

/// The times at which the policies of a parameter that was last written at `written` are due.
pub(super) fn deadlines(policies: &[Policy], written: Timestamp) -> Vec<(Timestamp, Policy)> {
    let expires = policies.iter().find_map(|policy| match policy.rule {
        Rule::Expiration(at) => Some(at),
        _ => None,
    });
    let due = |rule: Rule| match rule {
        Rule::Expiration(at) => Some(at),
        Rule::ExpirationNotification(before) => expires.map(|at| at - before),
        Rule::NoChangeNotification(after) => Some(written + after),
    };
    let waiting = policies.iter().filter(|policy| !policy.finished);
    waiting.filter_map(|policy| Some((due(policy.rule)?, policy.clone()))).collect()
}

/// The policies of one parameter are these now; none when it is gone.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) key: String,
    pub(super) deadlines: Vec<(Timestamp, Policy)>,
}

/// The time of a policy has come.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) key: String,
    pub(super) policy: Policy,
}

/// Knows when which policy is due.
#[derive(Debug, Default)]
pub(super) struct Deadlines(BTreeMap<String, Vec<(Timestamp, Policy)>>);

impl Engine for Deadlines {
    type Input = Change;
    type Effect = Due;

    fn step(&mut self, input: Option<Change>, now: Timestamp) -> Vec<Due> {
        if let Some(Change { key, deadlines }) = input {
            self.0.insert(key, deadlines);
        }
        let mut due = Vec::new();
        for (key, deadlines) in &mut self.0 {
            let (come, left) = std::mem::take(deadlines).into_iter().partition(|(at, _)| *at <= now);
            *deadlines = left;
            let come: Vec<(Timestamp, Policy)> = come;
            due.extend(come.into_iter().map(|(_, policy)| Due { key: key.clone(), policy }));
        }
        self.0.retain(|_, deadlines| !deadlines.is_empty());
        due
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.0.values().flatten().map(|(at, _)| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::core::Simulation;

    const EXPIRES: &str = r#"{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2023-11-20T22:13:20Z"}}"#;
    const BEFORE: &str =
        r#"{"Type":"ExpirationNotification","Version":"1.0","Attributes":{"Before":"2","Unit":"Days"}}"#;
    const UNCHANGED: &str =
        r#"{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"5","Unit":"Hours"}}"#;

    #[test]
    fn every_policy_is_due_in_its_time() {
        let written = Timestamp::from_millis(1_700_000_000_000);
        let policies = read(&format!("[{EXPIRES},{BEFORE},{UNCHANGED}]")).unwrap();
        let mut simulation = Simulation::new(Deadlines::default(), written);
        simulation.at(written, Change { key: "k".into(), deadlines: deadlines(&policies, written) });
        let mut seen = Vec::new();
        simulation.run_until(written + Duration::from_secs(30 * 86_400), |due, now| {
            seen.push((due.policy.rule.kind(), now.since(written).as_secs() / 3600));
            Vec::new()
        });
        let day = 24;
        let expected = [("NoChangeNotification", 5), ("ExpirationNotification", 4 * day), ("Expiration", 6 * day)];
        assert_eq!(seen, expected);
    }

    #[test_case("x", "ValidationException"; "no JSON")]
    #[test_case(r#"[{"Type":"Revenge","Version":"1.0","Attributes":{}}]"#, "InvalidPolicyTypeException"; "an unknown type")]
    #[test_case(r#"[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"tomorrow"}}]"#, "InvalidPolicyAttributeException"; "no time")]
    #[test_case(r#"[{"Type":"Expiration","Version":"2.0","Attributes":{"Timestamp":"2030-01-01T00:00:00Z"}}]"#, "InvalidPolicyAttributeException"; "another version")]
    #[test_case(r#"[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"5","Unit":"Weeks"}}]"#, "InvalidPolicyAttributeException"; "an unknown unit")]
    fn faults_are_refused(text: &str, code: &str) {
        assert_eq!(read(text).unwrap_err().code, code);
    }

    #[test]
    fn policies_that_exclude_each_other_are_refused() {
        for text in [format!("[{EXPIRES},{EXPIRES}]"), format!("[{BEFORE}]")] {
            assert_eq!(read(&text).unwrap_err().code, "IncompatiblePolicyException");
        }
        let many = [UNCHANGED; 11].join(",");
        assert_eq!(read(&format!("[{many}]")).unwrap_err().code, "PoliciesLimitExceededException");
    }

    #[test]
    fn an_empty_policy_is_none() {
        for text in ["[]", "[{}]", "{}"] {
            assert_eq!(read(text).unwrap(), []);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}", count in "[0-9]{0,25}", unit in "(Days|Hours)", at in "[-+0-9TZ:.]{0,30}") {
            drop(read(&text));
            let span = json!({ "Type": "NoChangeNotification", "Version": "1.0", "Attributes": { "After": count, "Unit": unit } });
            let time = json!({ "Type": "Expiration", "Version": "1.0", "Attributes": { "Timestamp": at } });
            for policy in [span, time] {
                if let Ok(policies) = read(&json!([policy]).to_string()) {
                    deadlines(&policies, Timestamp::from_millis(1_700_000_000_000));
                }
            }
        }
    }

    #[test]
    fn a_time_may_have_an_offset() {
        let text =
            r#"[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2019-11-01T22:13:48.87+10:30"}}]"#;
        let Rule::Expiration(at) = read(text).unwrap()[0].rule else { panic!("no expiration") };
        assert_eq!(at.iso8601(), "2019-11-01T11:43:48.870Z");
    }
}
