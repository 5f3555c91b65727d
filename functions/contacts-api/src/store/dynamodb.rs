//! Contacts in DynamoDB: no scan, no read before a write, every write conditional.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use slipway_shared::aws::translate;

use super::{CreateContact, ListContacts, ReadContact, RemoveContact, ReplaceContact, StoreError, WriteError, item};
use crate::domain::{Contact, ContactId, Cursor, Fields, Owner, Page};

/// A table of contacts.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    client: Client,
    table: String,
}

/// Translates an operation's error, after the one kind that a conditional write expects.
macro_rules! write_error {
    ($operation:literal, $error:expr, $failed_condition:expr) => {{
        let error = $error;
        if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) {
            $failed_condition
        } else {
            WriteError::Store(StoreError::Call(translate($operation, error)))
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
        let request = self.client.get_item().table_name(&self.table).set_key(Some(item::key(owner, id)));
        let answer = request.send().await.map_err(|error| StoreError::Call(translate("GetItem", error)))?;
        answer.item.map(|found| item::to_contact(owner, found)).transpose()
    }
}

impl CreateContact for DynamoDb {
    async fn create(&self, contact: &Contact) -> Result<(), WriteError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_contact(contact)))
            .condition_expression("attribute_not_exists(pk)");
        request.send().await.map_err(|error| write_error!("PutItem", error, WriteError::Exists))?;
        Ok(())
    }
}

impl ReplaceContact for DynamoDb {
    async fn replace(
        &self,
        owner: &Owner,
        id: ContactId,
        fields: Fields,
        now: Timestamp,
    ) -> Result<Contact, WriteError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item::key(owner, id)))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET #fields = :fields, updatedAt = :now, revision = revision + :one")
            .expression_attribute_names("#fields", "fields")
            .expression_attribute_values(":fields", item::from_fields(&fields))
            .expression_attribute_values(":now", item::from_time(now))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::AllNew);
        let answer = request.send().await.map_err(|error| write_error!("UpdateItem", error, WriteError::Missing))?;
        let replaced = answer.attributes.ok_or(StoreError::Unreadable { attribute: "fields" })?;
        Ok(item::to_contact(owner, replaced)?)
    }
}

impl RemoveContact for DynamoDb {
    async fn remove(&self, owner: &Owner, id: ContactId) -> Result<(), WriteError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item::key(owner, id)))
            .condition_expression("attribute_exists(pk)");
        request.send().await.map_err(|error| write_error!("DeleteItem", error, WriteError::Missing))?;
        Ok(())
    }
}

impl ListContacts for DynamoDb {
    async fn list(&self, owner: &Owner, after: Option<Cursor>, limit: u16) -> Result<Page, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", item::partition(owner))
            .expression_attribute_values(":prefix", AttributeValue::S(item::CONTACT_PREFIX.to_owned()))
            .set_exclusive_start_key(after.map(|Cursor(id)| item::key(owner, id)))
            // One more than asked for tells whether there is a next page, so that no page is empty.
            .limit(i32::from(limit) + 1);
        let answer = request.send().await.map_err(|error| StoreError::Call(translate("Query", error)))?;
        let found = answer.items.unwrap_or_default().into_iter();
        let mut contacts = found.map(|found| item::to_contact(owner, found)).collect::<Result<Vec<_>, _>>()?;
        // DynamoDB also ends a page at one megabyte.
        let more = contacts.len() > usize::from(limit) || answer.last_evaluated_key.is_some();
        contacts.truncate(usize::from(limit));
        let next = contacts.last().map(|contact| Cursor(contact.id)).filter(|_| more);
        Ok(Page { contacts, next })
    }
}
