//! Filter policies of subscriptions: an event pattern over a message's attributes or its body, within SNS's limits.
//! <https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>

use serde_json::{Map, Value};

use super::errors::invalid;
use crate::core::ServiceError;
use crate::eventbridge::pattern::{Pattern, PatternError};

/// The most keys with values in a policy.
const KEYS: usize = 5;
/// The most combinations of values in a policy.
const COMBINATIONS: usize = 150;

/// The part of a message that a policy is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scope {
    #[default]
    MessageAttributes,
    MessageBody,
}

impl Scope {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::MessageAttributes => "MessageAttributes",
            Self::MessageBody => "MessageBody",
        }
    }

    /// Reads the attribute `FilterPolicyScope`.
    pub(super) fn read(text: &str) -> Result<Self, ServiceError> {
        match text {
            "" | "MessageAttributes" => Ok(Self::MessageAttributes),
            "MessageBody" => Ok(Self::MessageBody),
            other => Err(invalid(format!(
                "FilterPolicyScope: Invalid value [{other}]. Please use either MessageBody or MessageAttributes"
            ))),
        }
    }
}

/// A filter policy that SNS takes, with the text in which it was set.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) text: String,
    pattern: Pattern,
}

impl Filter {
    /// Reads `FilterPolicy`; none when it is empty, which takes a policy away.
    pub(super) fn read(text: &str, scope: Scope) -> Result<Option<Self>, ServiceError> {
        if text.is_empty() {
            return Ok(None);
        }
        let policy: Value = serde_json::from_str(text).unwrap_or_default();
        if policy.as_object().is_some_and(Map::is_empty) {
            return Ok(None);
        }
        let pattern = Pattern::parse(text).map_err(|error| fault(&reason(&error)))?;
        if scope == Scope::MessageAttributes && nested(&policy) {
            return Err(invalid("Filter policy scope MessageAttributes does not support nested filter policy"));
        }
        let mut keys = Vec::new();
        leaves(&policy, 1, &mut keys);
        if keys.len() > KEYS {
            return Err(fault(&format!("Filter policy can not have more than {KEYS} keys")));
        }
        let product = keys.iter().try_fold(1_usize, |product, combinations| product.checked_mul(*combinations));
        if product.is_none_or(|product| product > COMBINATIONS) {
            return Err(fault("Filter policy is too complex"));
        }
        Ok(Some(Self { text: text.to_owned(), pattern }))
    }

    /// True if a message's attributes or body fit.
    pub(super) fn takes(&self, event: &Value) -> bool {
        event.is_object() && self.pattern.matches(event)
    }
}

/// The reason in SNS's words, whose matcher is an older one than EventBridge's.
fn reason(error: &PatternError) -> String {
    match error.redacted() {
        Some(syntax) => format!("failed to parse JSON. {syntax}"),
        None => error.reason().replacen("prefix/suffix match pattern", "prefix match pattern", 1),
    }
}

fn fault(reason: &str) -> ServiceError {
    invalid(format!("FilterPolicy: {reason}"))
}

fn nested(policy: &Value) -> bool {
    policy.as_object().into_iter().flatten().any(|(name, member)| match (name.as_str(), member) {
        ("$or", Value::Array(branches)) => branches.iter().any(nested),
        (_, member) => member.is_object(),
    })
}

/// The combinations that each key stands for: its values, times how deep it lies.
fn leaves(policy: &Value, depth: usize, keys: &mut Vec<usize>) {
    for (name, member) in policy.as_object().into_iter().flatten() {
        match (name.as_str(), member) {
            ("$or", Value::Array(branches)) => branches.iter().for_each(|branch| leaves(branch, depth, keys)),
            (_, Value::Array(values)) => keys.push(values.len().max(1) * depth),
            (_, nested) => leaves(nested, depth + 1, keys),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn refused(policy: &str, scope: Scope) -> String {
        Filter::read(policy, scope).unwrap_err().message
    }

    #[test_case(r#"{"a":{"b":["x"]}}"#, "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy"; "nested")]
    #[test_case(r#"{"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"],"f":["x"]}"#, "Invalid parameter: FilterPolicy: Filter policy can not have more than 5 keys"; "six keys")]
    #[test_case(r#"{"a":[{"wrong":true}]}"#, "Invalid parameter: FilterPolicy: Unrecognized match type wrong\n at [Source: (String)\"{\"a\":[{\"wrong\":true}]}\"; line: 1, column: 20]"; "an unknown operator")]
    #[test_case(r#"{"a":[]}"#, "Invalid parameter: FilterPolicy: Empty arrays are not allowed\n at [Source: (String)\"{\"a\":[]}\"; line: 1, column: 8]"; "no values")]
    #[test_case(r#"{"a":"x"}"#, "Invalid parameter: FilterPolicy: \"a\" must be an object or an array\n at [Source: (String)\"{\"a\":\"x\"}\"; line: 1, column: 7]"; "no list")]
    #[test_case(r#"{"a":{"suffix":"x"}}"#, "Invalid parameter: FilterPolicy: \"suffix\" must be an object or an array\n at [Source: (String)\"{\"a\":{\"suffix\":\"x\"}}\"; line: 1, column: 17]"; "no list though nested")]
    #[test_case("invalid", "Invalid parameter: FilterPolicy: failed to parse JSON. Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 8]"; "no JSON")]
    #[test_case(r#"{"key":[{"anything-but":{"prefix":123}}]}"#, "Invalid parameter: FilterPolicy: prefix match pattern must be a string\n at [Source: (String)\"{\"key\":[{\"anything-but\":{\"prefix\":123}}]}\"; line: 1, column: 38]"; "anything but a prefix of no text")]
    fn faults_are_refused(policy: &str, message: &str) {
        assert_eq!(refused(policy, Scope::MessageAttributes), message);
    }

    #[test]
    fn a_policy_has_150_combinations_at_the_most() {
        let values = |count: usize| (0..count).collect::<Vec<_>>();
        let flat = |a: usize| json!({ "a": values(a), "b": values(10) }).to_string();
        assert!(Filter::read(&flat(15), Scope::MessageAttributes).is_ok());
        assert!(refused(&flat(16), Scope::MessageAttributes).ends_with("Filter policy is too complex"));
        // Of the documentation: three levels deep with four values, two levels deep with three, and one with two.
        let documented = json!({ "a": { "b": { "c": values(4) } }, "d": { "e": values(3) }, "f": values(2) });
        assert!(Filter::read(&documented.to_string(), Scope::MessageBody).is_ok());
    }

    #[test]
    fn an_empty_policy_is_none() {
        for text in ["", "{}"] {
            assert!(Filter::read(text, Scope::MessageBody).unwrap().is_none());
        }
    }

    #[test]
    fn only_an_object_can_fit() {
        let filter = Filter::read(r#"{"a":[{"exists":false}]}"#, Scope::MessageBody).unwrap().unwrap();
        assert!(filter.takes(&json!({})) && !filter.takes(&json!("text")) && !filter.takes(&json!([1])));
    }
}
