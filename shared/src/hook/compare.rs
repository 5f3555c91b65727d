//! The comparison of an answer with the expectation of a check, which is a subset of it.
//!
//! Objects: every expected member must match, others are ignored. Arrays: same length, item by item. Scalars: equal (`200` equals
//! `200.0`). Where an object or array is expected and the answer holds a text, the text is parsed as JSON first: API Gateway's
//! proxy format carries bodies as text.

use serde_json::{Number, Value};

/// One place where the answer is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The place in the answer, e.g. `body.items[0].id`; empty for the answer as a whole.
    pub path: String,
    /// The expected and the found value in words, shortened.
    pub detail: String,
}

/// Longest quotation of a value, in characters.
const LONGEST_QUOTATION: usize = 80;

/// Every difference, in the expectation's order; none if the answer is as expected.
#[must_use]
pub fn differences(expected: &Value, answer: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk("", expected, Some(answer), &mut found);
    found
}

fn walk(path: &str, expected: &Value, answer: Option<&Value>, found: &mut Vec<Difference>) {
    let mut differs = |detail: String| found.push(Difference { path: path.to_owned(), detail });
    match (expected, answer) {
        (_, None) => differs(format!("expected {}, got nothing", quoted(expected))),
        (Value::Object(_) | Value::Array(_), Some(Value::String(text))) => match serde_json::from_str::<Value>(text) {
            Ok(parsed @ (Value::Object(_) | Value::Array(_))) => walk(path, expected, Some(&parsed), found),
            _ => {
                differs(format!("expected {}, got the text {}", quoted(expected), quoted(&Value::from(text.as_str()))))
            }
        },
        (Value::Object(members), Some(Value::Object(actual))) => {
            for (key, value) in members {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(&inner, value, actual.get(key), found);
            }
        }
        (Value::Array(items), Some(Value::Array(actual))) if items.len() == actual.len() => {
            for (index, (item, actual)) in items.iter().zip(actual).enumerate() {
                walk(&format!("{path}[{index}]"), item, Some(actual), found);
            }
        }
        (Value::Array(items), Some(Value::Array(actual))) => {
            differs(format!("expected {} items, got {}", items.len(), actual.len()));
        }
        (Value::Number(left), Some(Value::Number(right))) if same_number(left, right) => {}
        (_, Some(actual)) if expected == actual => {}
        (_, Some(actual)) => differs(format!("expected {}, got {}", quoted(expected), quoted(actual))),
    }
}

/// Whole numbers are compared exactly, others as `f64`.
fn same_number(left: &Number, right: &Number) -> bool {
    left == right || (left.is_f64() || right.is_f64()) && left.as_f64() == right.as_f64()
}

fn quoted(value: &Value) -> String {
    shortened(&value.to_string(), LONGEST_QUOTATION)
}

/// At most `longest` characters, with an ellipsis for the rest.
pub(super) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case(json!({"a": 1}), json!({"a": 1, "b": 2}), &[]; "other members are ignored")]
    #[test_case(json!({"a": 1}), json!({}), &["a: expected 1, got nothing"]; "a missing member")]
    #[test_case(json!({"a": null}), json!({}), &["a: expected null, got nothing"]; "null is not nothing")]
    #[test_case(json!({"body": {"status": "ok"}}), json!({"body": "{\"status\":\"ok\"}"}), &[]; "a text is parsed")]
    #[test_case(
        json!({"body": {"status": "ok"}}), json!({"body": "{\"status\":\"sick\"}"}),
        &["body.status: expected \"ok\", got \"sick\""]; "a parsed text is compared")]
    #[test_case(
        json!({"body": {"status": "ok"}}), json!({"body": "oops"}),
        &["body: expected {\"status\":\"ok\"}, got the text \"oops\""]; "a text that is no json")]
    #[test_case(json!("{\"a\":1}"), json!("{\"a\":1}"), &[]; "an expected text is compared as text")]
    #[test_case(json!([1, 2]), json!([1]), &[": expected 2 items, got 1"]; "arrays have equal length")]
    #[test_case(json!({"a": [{"b": 1}]}), json!({"a": [{"b": 2, "c": 3}]}), &["a[0].b: expected 1, got 2"]; "item by item")]
    #[test_case(json!(200), json!(200.0), &[]; "numbers by value")]
    #[test_case(json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64),
        &[": expected 9007199254740993, got 9007199254740992"]; "whole numbers exactly")]
    #[test_case(json!(200), json!("200"), &[": expected 200, got \"200\""]; "a number is no text")]
    #[test_case(json!({}), json!(null), &[": expected {}, got null"]; "an object is expected")]
    fn compares(expected: Value, answer: Value, differing: &[&str]) {
        let found: Vec<String> =
            differences(&expected, &answer).iter().map(|each| format!("{}: {}", each.path, each.detail)).collect();
        assert_eq!(found, differing);
    }

    #[test]
    fn quotes_long_answers_shortened() {
        let found = differences(&json!("x"), &json!("ä".repeat(500)));
        assert!(found[0].detail.chars().count() < 120);
        assert!(found[0].detail.ends_with('…'));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z]{0,4}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::hash_map("[a-c]", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn everything_is_as_itself(value in any_json()) {
            prop_assert!(differences(&value, &value).is_empty());
        }

        #[test]
        fn everything_is_as_its_own_text(value in any_json()) {
            prop_assume!(value.is_object() || value.is_array());
            prop_assert!(differences(&value, &Value::from(value.to_string())).is_empty());
        }

        #[test]
        fn a_removed_member_is_always_noticed(value in any_json(), key in "[a-c]") {
            let Value::Object(expected) = &value else { return Ok(()) };
            prop_assume!(expected.contains_key(&key));
            let mut answer = expected.clone();
            answer.remove(&key);
            prop_assert_eq!(differences(&value, &Value::Object(answer)).len(), 1);
        }
    }
}
