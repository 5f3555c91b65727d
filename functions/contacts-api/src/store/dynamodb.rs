//! Contacts in DynamoDB: no scan, no read before a write, every write conditional.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use slipway_shared::aws::translate;

use super::{
    CreateContact, Created, ListContacts, Once, ReadContact, RemoveContact, ReplaceContact, StoreError, WriteError,
    item,
};
use crate::domain::{Contact, ContactId, Listing, OrderKey, Owner, Page};

/// A table of contacts.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    client: Client,
    table: String,
}

/// Translates an operation's error, after the one kind that a conditional write expects.
macro_rules! write_error {
    ($operation:literal, $kind:ident, $error:expr, $failed_condition:expr) => {{
        let error = $error;
        match error.as_service_error() {
            Some($kind::ConditionalCheckFailedException(condition)) => $failed_condition(condition),
            _ => WriteError::Store(StoreError::Call(translate($operation, error))),
        }
    }};
}

impl DynamoDb {
    /// The contacts of `table`.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// One signed call whose answer does not matter: it resolves the name, opens the connection, and derives the signing key while
    /// init still has a whole CPU. The first request then costs 0.5 ms and not 13.
    pub async fn prewarm(&self) -> Result<(), StoreError> {
        self.read(&Owner::subject("prewarm"), ContactId::from_bytes([0; 16])).await.map(|_| ())
    }
}

impl ReadContact for DynamoDb {
    async fn read(&self, owner: &Owner, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let request = request.set_key(Some(item::key(owner, id)));
        let answer = request.send().await.map_err(|error| StoreError::Call(translate("GetItem", error)))?;
        answer.item.map(|found| item::to_contact(owner, found)).transpose()
    }
}

impl CreateContact for DynamoDb {
    async fn create(&self, contact: &Contact, once: Option<&Once>) -> Result<Created, WriteError> {
        if once.is_some() {
            return Err(StoreError::NotYet { feature: "idempotency keys" }.into());
        }
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_contact(contact)))
            .condition_expression("attribute_not_exists(pk)");
        request.send().await.map_err(|error| write_error!("PutItem", PutItemError, error, (|_| WriteError::Exists)))?;
        Ok(Created::New)
    }
}

/// Why the contact is not as it was read: it is gone when its item is.
fn changed(error: &ConditionalCheckFailedException) -> WriteError {
    if error.item().is_some() { WriteError::Conflict } else { WriteError::Missing }
}

impl ReplaceContact for DynamoDb {
    async fn replace(&self, before: &Contact, after: &Contact) -> Result<(), WriteError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_contact(after)))
            .condition_expression("revision = :revision")
            .expression_attribute_values(":revision", item::from_revision(before.revision))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        request.send().await.map_err(|error| write_error!("PutItem", PutItemError, error, changed))?;
        Ok(())
    }
}

impl RemoveContact for DynamoDb {
    async fn remove(&self, before: &Contact) -> Result<(), WriteError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item::key(&before.owner, before.id)))
            .condition_expression("revision = :revision")
            .expression_attribute_values(":revision", item::from_revision(before.revision))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        request.send().await.map_err(|error| write_error!("DeleteItem", DeleteItemError, error, changed))?;
        Ok(())
    }
}

impl ListContacts for DynamoDb {
    async fn list(&self, owner: &Owner, listing: &Listing) -> Result<Page, StoreError> {
        if listing.filter().is_some() || listing.order().key != OrderKey::CreatedAt {
            return Err(StoreError::NotYet { feature: "search and sorting" });
        }
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", item::partition(owner))
            .expression_attribute_values(":prefix", AttributeValue::S(item::CONTACT_PREFIX.to_owned()))
            .scan_index_forward(!listing.order().descending)
            .set_exclusive_start_key(listing.after().map(|cursor| item::key(owner, cursor.id())))
            // One more than asked for tells whether there is a next page, so that no page is empty.
            .limit(i32::try_from(listing.limit()).unwrap_or(i32::MAX).saturating_add(1));
        let answer = request.send().await.map_err(|error| StoreError::Call(translate("Query", error)))?;
        let found = answer.items.unwrap_or_default().into_iter();
        let mut contacts = found.map(|found| item::to_contact(owner, found)).collect::<Result<Vec<_>, _>>()?;
        // DynamoDB also ends a page at one megabyte.
        let more = contacts.len() > listing.limit() || answer.last_evaluated_key.is_some();
        contacts.truncate(listing.limit());
        let next = contacts.last().filter(|_| more).map(|contact| listing.cursor(String::new(), contact.id));
        Ok(Page { contacts, next })
    }
}
