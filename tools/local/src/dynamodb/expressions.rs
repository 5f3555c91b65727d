//! The checks of expressions and requests that DynamoDB makes and the library does not.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::core::ServiceError;

/// The types that `attribute_type` knows, as DynamoDB lists them.
const TYPES: [&str; 10] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];

/// The pattern of `attribute_type(path, :value)`.
static TYPE_CHECK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\battribute_type\s*\([^,()]*,\s*(:[A-Za-z0-9_]+)\s*\)").ok());

/// Operators that are none of key conditions.
const NOT_OF_KEYS: [&str; 4] = ["OR", "NOT", "IN", "<>"];

/// Refuses what the library would take.
pub(super) fn check(operation: &str, input: &Value) -> Result<(), ServiceError> {
    check_types(operation, input)?;
    let actions = input.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    for part in actions.filter_map(Value::as_object).flat_map(|action| action.values()) {
        check_types(operation, part)?;
    }
    let tables = input.get("RequestItems").and_then(Value::as_object).into_iter().flatten();
    let mut requests = tables.filter_map(|(_, requests)| requests.as_array()).flatten();
    // Assumed: the text. That one request both puts and deletes is refused.
    if requests.any(|request| request.get("PutRequest").is_some() && request.get("DeleteRequest").is_some()) {
        return Err(ServiceError::validation("A write request can only contain one of PutRequest or DeleteRequest"));
    }
    Ok(())
}

/// Refuses a type that is none.
fn check_types(operation: &str, part: &Value) -> Result<(), ServiceError> {
    for member in ["ConditionExpression", "FilterExpression"] {
        let Some(expression) = part.get(member).and_then(Value::as_str) else { continue };
        let found = TYPE_CHECK.iter().flat_map(|check| check.captures_iter(expression));
        for value in found.filter_map(|found| found.get(1)) {
            let named = part["ExpressionAttributeValues"][value.as_str()]["S"].as_str();
            if let Some(named) = named.filter(|named| !TYPES.contains(named)) {
                let types = TYPES.join(",");
                let text = format!(
                    "Invalid {member}: Invalid attribute type name found; type: {named}, valid types: {{{types}}}"
                );
                return Err(ServiceError::validation(super::faults::enveloped(operation, &text)));
            }
        }
    }
    Ok(())
}

/// A refusal of the library in DynamoDB's words.
pub(super) fn reworded(error: ServiceError) -> ServiceError {
    let operator = ["Unexpected token in KeyConditionExpression: ", "Unexpected operator in KeyConditionExpression: "];
    let found = operator
        .iter()
        .find_map(|prefix| error.message.strip_prefix(prefix))
        .filter(|found| NOT_OF_KEYS.contains(found));
    match found {
        Some(found) => ServiceError::validation(format!("Invalid operator used in KeyConditionExpression: {found}")),
        None => error,
    }
}
