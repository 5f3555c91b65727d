//! The library's refusals as the plane's errors.

use dynoxide::DynoxideError;
use serde_json::{Value, json};

use crate::core::ServiceError;

/// The markers with which the library begins a refusal while it reads a request, and the code that each means.
const MARKERS: &[(&str, &str)] = &[
    ("SERIALIZATION_AS_READ:", "SerializationException"),
    ("VALIDATION_AS_READ:", "ValidationException"),
    ("SERIALIZATION:", "SerializationException"),
    ("VALIDATION:", "ValidationException"),
];

/// The marker of a refusal that three operations wrap in the envelope of the request's validation.
const REQUEST_MARKER: &str = "VALIDATION_REQUEST:";

/// The error for a request that could not be read.
pub(super) fn unreadable(operation: &str, error: &serde_json::Error) -> ServiceError {
    let text = error.to_string();
    if let Some(text) = text.strip_prefix(REQUEST_MARKER) {
        return ServiceError::validation(enveloped(operation, text));
    }
    for (marker, code) in MARKERS {
        if let Some(text) = text.strip_prefix(marker) {
            return ServiceError::new(*code, text);
        }
    }
    if text.contains("empty AttributeValue") {
        let empty = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
        return ServiceError::validation(empty);
    }
    if ["missing field", "unknown variant", "invalid type: null", "Supplied AttributeValue"]
        .iter()
        .any(|part| text.contains(part))
    {
        return ServiceError::validation(text);
    }
    // The types of a request that came over the wire are right.
    ServiceError::new("SerializationException", text)
}

/// The error for a request that was read and refused by the library.
pub(super) fn refused(operation: &str, error: DynoxideError) -> ServiceError {
    let code = error.error_type().rsplit('#').next().unwrap_or_default().to_owned();
    let translated = ServiceError::new(code, error.to_string()).with_status(error.status_code());
    match error {
        DynoxideError::EnvelopedValidation(text) => ServiceError::validation(enveloped(operation, &text)),
        DynoxideError::ConditionalCheckFailedException(_, Some(item)) => {
            capital(translated).with_member("Item", json!(item))
        }
        DynoxideError::TransactionCanceledException(_, reasons) => {
            let reasons = serde_json::to_value(reasons).unwrap_or(Value::Null);
            capital(translated).with_member("CancellationReasons", reasons)
        }
        DynoxideError::UnsupportedCapability(_) => ServiceError::not_implemented("dynamodb", operation),
        _ => translated,
    }
}

/// The same error with its text under `Message`, as DynamoDB writes the errors that have more to tell.
fn capital(error: ServiceError) -> ServiceError {
    let text = error.message.clone();
    error.with_member("Message", text)
}

/// The text as the operation says it.
pub(super) fn enveloped(operation: &str, text: &str) -> String {
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => format!("1 validation error detected: {text}"),
        _ => text.to_owned(),
    }
}

/// Refuses a value of a request.
pub(super) fn refuse<T>(why: &str) -> Result<T, ServiceError> {
    Err(ServiceError::validation(format!("One or more parameter values were invalid: {why}")))
}
