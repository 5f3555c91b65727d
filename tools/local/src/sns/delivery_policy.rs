//! The number of tries at an HTTP endpoint, the waits between them, and the content type.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::errors::invalid;
use crate::core::ServiceError;

/// The retries of a topic or subscription that says nothing else.
fn default_retries() -> Value {
    json!({
        "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
    })
}

const CONTENT_TYPE: &str = "text/plain; charset=UTF-8";
const FUNCTIONS: &[&str] = &["arithmetic", "exponential", "geometric", "linear"];

/// A checked policy of a topic or a subscription, as it was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct DeliveryPolicy {
    retries: Option<Map<String, Value>>,
    content_type: Option<String>,
    pub(super) disable_overrides: bool,
}

impl DeliveryPolicy {
    /// Reads `{"http": {...}}` of a topic.
    pub(super) fn of_topic(text: &str) -> Result<Self, ServiceError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let policy = parse(text)?;
        let http = policy.get("http").cloned().unwrap_or_else(|| json!({}));
        Self::read(&http, ["defaultHealthyRetryPolicy", "defaultRequestPolicy", "defaultThrottlePolicy"])
    }

    /// Reads the policy of a subscription.
    pub(super) fn of_subscription(text: &str) -> Result<Self, ServiceError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        Self::read(&parse(text)?, ["healthyRetryPolicy", "requestPolicy", "throttlePolicy"])
    }

    fn read(policy: &Value, [retries, request, throttle]: [&str; 3]) -> Result<Self, ServiceError> {
        let members = policy.as_object().ok_or_else(|| fault("it is not an object"))?;
        for (name, value) in members {
            match name.as_str() {
                name if name == throttle && !value.is_null() => {
                    return Err(ServiceError::not_implemented("sns", &format!("a DeliveryPolicy with a {throttle}")));
                }
                "disableSubscriptionOverrides" => {}
                // A topic's own delivery policy may have an entry for sick endpoints, which is obsolete.
                name if [retries, request, throttle].contains(&name) || name == "sicklyRetryPolicy" => {}
                other => return Err(fault(&format!("unrecognized member {other}"))),
            }
        }
        Ok(Self {
            retries: policy.get(retries).and_then(Value::as_object).map(checked_retries).transpose()?,
            content_type: policy[request]["headerContentType"].as_str().map(str::to_owned),
            disable_overrides: policy["disableSubscriptionOverrides"] == true,
        })
    }

    /// True if nothing is set.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The policy of a topic as `GetTopicAttributes` shows what was set.
    pub(super) fn shown(&self) -> String {
        let mut http = json!({});
        if let Some(retries) = &self.retries {
            http["defaultHealthyRetryPolicy"] = json!(retries);
        }
        http["disableSubscriptionOverrides"] = json!(self.disable_overrides);
        if let Some(content_type) = &self.content_type {
            http["defaultRequestPolicy"] = json!({ "headerContentType": content_type });
        }
        json!({ "http": http }).to_string()
    }

    /// The policy of a subscription as it was set.
    pub(super) fn shown_subscription(&self) -> String {
        let mut policy = json!({});
        if let Some(retries) = &self.retries {
            policy["healthyRetryPolicy"] = json!(retries);
        }
        if let Some(content_type) = &self.content_type {
            policy["requestPolicy"] = json!({ "headerContentType": content_type });
        }
        policy.to_string()
    }

    /// The policy of a topic with every default filled in.
    pub(super) fn effective(&self) -> String {
        json!({ "http": {
            "defaultHealthyRetryPolicy": self.all_retries(),
            "disableSubscriptionOverrides": self.disable_overrides,
            "defaultRequestPolicy": { "headerContentType": self.content_type() },
        }})
        .to_string()
    }

    /// The policy of a subscription with every default filled in.
    pub(super) fn effective_subscription(&self) -> String {
        json!({
            "healthyRetryPolicy": self.all_retries(), "sicklyRetryPolicy": null, "throttlePolicy": null,
            "requestPolicy": { "headerContentType": self.content_type() }, "guaranteed": false,
        })
        .to_string()
    }

    /// This policy of a subscription over that of its topic.
    pub(super) fn over(&self, topic: &Self) -> Self {
        if topic.disable_overrides {
            return topic.clone();
        }
        Self {
            retries: self.retries.clone().or_else(|| topic.retries.clone()),
            content_type: self.content_type.clone().or_else(|| topic.content_type.clone()),
            disable_overrides: false,
        }
    }

    /// The content type of posts.
    pub(super) fn content_type(&self) -> &str {
        self.content_type.as_deref().unwrap_or(CONTENT_TYPE)
    }

    fn all_retries(&self) -> Value {
        let mut retries = default_retries();
        for (name, value) in self.retries.iter().flatten() {
            retries[name] = value.clone();
        }
        retries
    }

    /// The waits before each retry: at once, at the least delay, growing, and at the greatest.
    pub(super) fn waits(&self) -> Vec<Duration> {
        let retries = self.all_retries();
        let number = |name: &str| retries[name].as_u64().unwrap_or_default();
        let (low, high) = (number("minDelayTarget"), number("maxDelayTarget"));
        let (none, least, most) =
            (number("numNoDelayRetries"), number("numMinDelayRetries"), number("numMaxDelayRetries"));
        let growing = number("numRetries").saturating_sub(none + least + most);
        let function = retries["backoffFunction"].as_str().unwrap_or("linear");
        let repeated = |seconds: u64, times: u64| (0..times).map(move |_| seconds);
        repeated(0, none)
            .chain(repeated(low, least))
            .chain((0..growing).map(|step| growth(function, low, high, step, growing)))
            .chain(repeated(high, most))
            .map(Duration::from_secs)
            .collect()
    }
}

/// The delay of one step of the growing phase. Assumed: the curves between the two delays, of which SNS documents the
/// names and a picture.
fn growth(function: &str, low: u64, high: u64, step: u64, steps: u64) -> u64 {
    let at = if steps > 1 { step as f64 / (steps - 1) as f64 } else { 0.0 };
    let part = match function {
        "arithmetic" => at * (at + 1.0) / 2.0,
        "geometric" => at.powi(2),
        "exponential" => (10_f64.powf(at) - 1.0) / 9.0,
        _ => at,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds between two delays")]
    let above = (part * high.saturating_sub(low) as f64).round() as u64;
    low + above
}

fn parse(text: &str) -> Result<Value, ServiceError> {
    let parsed: Value = serde_json::from_str(text).map_err(|error| fault(&error.to_string()))?;
    if parsed.is_object() { Ok(parsed) } else { Err(fault("it is not an object")) }
}

fn fault(reason: &str) -> ServiceError {
    invalid(format!("DeliveryPolicy: {reason}"))
}

/// Limits of the retry settings. Assumed: the texts.
fn checked_retries(retries: &Map<String, Value>) -> Result<Map<String, Value>, ServiceError> {
    for (name, value) in retries {
        let fits = match name.as_str() {
            "backoffFunction" => value.as_str().is_some_and(|function| FUNCTIONS.contains(&function)),
            "numRetries" => value.as_u64().is_some_and(|n| n <= 100),
            "minDelayTarget" | "maxDelayTarget" => value.as_u64().is_some_and(|n| (1..=3600).contains(&n)),
            "numNoDelayRetries" | "numMinDelayRetries" | "numMaxDelayRetries" => {
                value.as_u64().is_some_and(|n| n <= 100)
            }
            other => return Err(fault(&format!("unrecognized member {other}"))),
        };
        if !fits {
            return Err(fault(&format!("{name} has an invalid value {value}")));
        }
    }
    let number = |name: &str| retries.get(name).and_then(Value::as_u64);
    if let (Some(low), Some(high)) = (number("minDelayTarget"), number("maxDelayTarget"))
        && low > high
    {
        return Err(fault("maxDelayTarget must be greater than or equal to minDelayTarget"));
    }
    let phases = ["numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries"];
    let sum: u64 = phases.iter().filter_map(|name| number(name)).sum();
    if sum > number("numRetries").unwrap_or(3) {
        return Err(fault("numRetries must be greater than or equal to the sum of the retries of all phases"));
    }
    Ok(retries.clone())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn the_default_is_three_retries_twenty_seconds_apart() {
        assert_eq!(DeliveryPolicy::default().waits(), vec![Duration::from_secs(20); 3]);
    }

    #[test]
    fn phases_follow_one_another() {
        let policy = DeliveryPolicy::of_subscription(
            r#"{"healthyRetryPolicy": {"minDelayTarget": 10, "maxDelayTarget": 30, "numRetries": 7, "numNoDelayRetries": 1, "numMinDelayRetries": 2, "numMaxDelayRetries": 1, "backoffFunction": "linear"}}"#,
        );
        let waits: Vec<u64> = policy.unwrap().waits().iter().map(Duration::as_secs).collect();
        assert_eq!(waits, [0, 10, 10, 10, 20, 30, 30]);
    }

    #[test_case("[]"; "no object")]
    #[test_case(r#"{"http": {"retry": {}}}"#; "an unknown member")]
    #[test_case(r#"{"http": {"defaultHealthyRetryPolicy": {"numRetries": 101}}}"#; "too many retries")]
    #[test_case(r#"{"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 30, "maxDelayTarget": 20}}}"#; "delays turned round")]
    #[test_case(r#"{"http": {"defaultHealthyRetryPolicy": {"backoffFunction": "quadratic"}}}"#; "an unknown function")]
    fn faults_are_refused(text: &str) {
        assert_eq!(DeliveryPolicy::of_topic(text).unwrap_err().code, "InvalidParameter");
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let policy = DeliveryPolicy::of_topic(r#"{"http": {"defaultHealthyRetryPolicy": {"numRetries": 1}}}"#).unwrap();
        let effective: Value = serde_json::from_str(&policy.effective()).unwrap();
        assert_eq!(effective["http"]["defaultHealthyRetryPolicy"]["numRetries"], 1);
        assert_eq!(effective["http"]["defaultHealthyRetryPolicy"]["minDelayTarget"], 20);
        assert_eq!(effective["http"]["defaultRequestPolicy"]["headerContentType"], CONTENT_TYPE);
    }
}
