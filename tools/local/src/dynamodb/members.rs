//! The members of requests and descriptions.

use serde_json::Value;

/// The parts of a list that may not be there.
pub(super) fn listed<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
