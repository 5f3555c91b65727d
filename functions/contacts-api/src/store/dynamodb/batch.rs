//! Reading the contacts that index entries name.

use std::collections::{HashMap, HashSet};
use std::error::Error;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use slipway_shared::aws::translate;
use slipway_shared::call::CallError;

use super::super::StoreError;
use super::keys::{self, Item};
use super::transaction::Backoff;
use super::{DynamoDb, item};
use crate::domain::{Contact, ContactId, Owner};

/// The most items that one `BatchGetItem` reads.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MOST: usize = 100;

#[derive(Debug, thiserror::Error)]
#[error("items were left over")]
struct LeftOver;

impl DynamoDb {
    /// Those of these contacts that are there, as the newest answered write left them.
    pub(super) async fn read_all(
        &self,
        owner: &Owner,
        ids: impl IntoIterator<Item = ContactId>,
    ) -> Result<HashMap<ContactId, Contact>, StoreError> {
        // A batch must not name a key twice.
        let ids: HashSet<ContactId> = ids.into_iter().collect();
        let wanted: Vec<Item> = ids.into_iter().map(|id| keys::contact(owner, id)).collect();
        let mut found = HashMap::with_capacity(wanted.len());
        for batch in wanted.chunks(MOST) {
            self.read_batch(owner, batch.to_vec(), &mut found).await?;
        }
        Ok(found)
    }

    /// DynamoDB answers with what it could read and names the rest: it asks to wait before that is asked for again.
    async fn read_batch(
        &self,
        owner: &Owner,
        mut wanted: Vec<Item>,
        found: &mut HashMap<ContactId, Contact>,
    ) -> Result<(), StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let keys = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let keys = keys.map_err(|error| unexpected("BatchGetItem", error))?;
            let request = self.client.batch_get_item().request_items(&self.table, keys);
            let answer = request.send().await.map_err(|error| StoreError::Call(translate("BatchGetItem", error)))?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                let contact = item::to_contact(owner, item)?;
                found.insert(contact.id, contact);
            }
            wanted = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
            if wanted.is_empty() {
                return Ok(());
            }
            if !backoff.wait().await {
                return Err(throttled("BatchGetItem", LeftOver));
            }
        }
    }
}

pub(super) fn unexpected(operation: &'static str, source: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Call(CallError::Unexpected { operation, source: Box::new(source) })
}

pub(super) fn throttled(operation: &'static str, source: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Call(CallError::Throttled { operation, source: Box::new(source) })
}
