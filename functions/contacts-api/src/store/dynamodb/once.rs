//! The record of a creation that must happen once: the key, the digest of the request, and the contact as it was created.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure};

use super::super::{Created, Once, StoreError, WriteError};
use super::{item, keys};
use crate::domain::{Contact, Owner};

/// Epoch seconds after which DynamoDB deletes a record, some day: until then it is there and counts as gone.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>
pub(super) const EXPIRES_AT: &str = "expiresAt";

/// The record's part of the transaction: it is kept unless one is remembered for the key.
pub(super) fn put(table: &str, contact: &Contact, once: &Once) -> Result<Put, BuildError> {
    let mut record = keys::once(&contact.owner, &once.key);
    record.insert("fingerprint".to_owned(), keys::text(&once.fingerprint));
    record.insert(EXPIRES_AT.to_owned(), AttributeValue::N(once.last_second().to_string()));
    record.insert("contact".to_owned(), AttributeValue::M(item::from_contact(contact)));
    Put::builder()
        .table_name(table)
        .set_item(Some(record))
        .condition_expression("attribute_not_exists(pk) OR #expiresAt <= :now")
        .expression_attribute_names("#expiresAt", EXPIRES_AT)
        .expression_attribute_values(":now", AttributeValue::N(contact.created_at.as_second().to_string()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
}

/// The outcome that the record of an earlier request holds.
pub(super) fn replayed(owner: &Owner, once: &Once, reason: CancellationReason) -> Result<Created, WriteError> {
    // The record can have been deleted between the condition and the answer only where these are two steps, as in an emulator.
    let mut record = reason.item.ok_or(WriteError::Conflict)?;
    let fingerprint = record.get("fingerprint").and_then(|value| value.as_s().ok());
    if *fingerprint.ok_or(StoreError::Unreadable { attribute: "fingerprint" })? != once.fingerprint {
        return Err(WriteError::KeyReused);
    }
    match record.remove("contact") {
        Some(AttributeValue::M(contact)) => Ok(Created::Replayed(Box::new(item::to_contact(owner, contact)?))),
        _ => Err(StoreError::Unreadable { attribute: "contact" }.into()),
    }
}
