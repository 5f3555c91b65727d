//! Contacts in one DynamoDB table: no scan, every write conditional, a transaction where several items change
//! (docs/adr/0009 has the layout and its access patterns).
//!
//! `keys` says where an item is, in the table and its indexes, and is the only place that does; `item` says what is in it.

mod batch;
mod item;
mod keys;
mod list;
mod once;
mod transaction;
mod write;

use aws_sdk_dynamodb::Client;
use slipway_shared::aws::translate;

use super::{ReadContact, StoreError};
use crate::domain::{Contact, ContactId, Owner};

/// A table of contacts.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    client: Client,
    table: String,
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
        // Consistent: what was created a moment ago is there, and a write that is made from it meets no conflict of its own making.
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = request.set_key(Some(keys::contact(owner, id))).send().await;
        let answer = answer.map_err(|error| StoreError::Call(translate("GetItem", error)))?;
        answer.item.map(|found| item::to_contact(owner, found)).transpose()
    }
}

#[cfg(test)]
mod tests;
