//! Encryption at rest, as a setting: which key, and what may be asked for.

use serde_json::{Value, json};

use super::faults::refuse;
use super::names::Names;
use super::settings::TableSettings;
use crate::core::ServiceError;

/// The key that DynamoDB uses in an account when it is told to use KMS and not which key.
const AWS_MANAGED_KEY: &str = "6d1f0c6e-2d5b-4b0e-9f1b-5a8e0f1c7a11";

/// The key of KMS that a specification asks for; none for DynamoDB's own.
pub(super) fn key(names: &Names, specification: &Value) -> Result<Option<String>, ServiceError> {
    let enabled = specification.get("Enabled").and_then(Value::as_bool);
    let kind = specification.get("SSEType").and_then(Value::as_str);
    let key = specification.get("KMSMasterKeyId").and_then(Value::as_str);
    match (enabled, kind, key) {
        (Some(false), Some(_), _) => refuse("SSEType can not be specified if Enabled is false"),
        (Some(false), _, Some(_)) => refuse("KMSMasterKeyId can not be specified if Enabled is false"),
        (_, Some("AES256"), _) => refuse("SSEType AES256 is not supported"),
        (_, None, Some(_)) => refuse("SSEType KMS is required if KMSMasterKeyId is specified"),
        (Some(false), ..) | (None, None, None) => Ok(None),
        (_, _, key) => Ok(Some(names.key_arn(key.unwrap_or(AWS_MANAGED_KEY)))),
    }
}

/// The key that a change asks for, if it is one.
pub(super) fn changed_key(
    names: &Names,
    specification: &Value,
    current: &TableSettings,
) -> Result<Option<String>, ServiceError> {
    let wanted = key(names, specification)?;
    let repeated = specification.get("KMSMasterKeyId").and_then(Value::as_str) == current.encryption_key.as_deref();
    match (&wanted, &current.encryption_key) {
        (None, None) => refuse("Table is already encrypted by default"),
        (Some(_), Some(_)) if repeated => refuse(
            "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change \
             Master Key",
        ),
        _ => Ok(wanted),
    }
}

/// The `SSEDescription` of a table; nothing for DynamoDB's own key.
pub(super) fn described(settings: &TableSettings, status: &str) -> Option<Value> {
    let key = settings.encryption_key.as_deref()?;
    Some(json!({ "Status": status, "SSEType": "KMS", "KMSMasterKeyArn": key }))
}
