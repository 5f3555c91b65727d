//! Writing contacts, each with the terms that it is found by: a contact's item carries the condition, and its terms change with it
//! or not at all.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use slipway_shared::aws::translate;
use ulid::Ulid;

use super::super::{CreateContact, Created, Once, RemoveContact, ReplaceContact, StoreError, WriteError};
use super::keys::{self, Item};
use super::transaction::failed;
use super::{DynamoDb, batch, item, once};
use crate::domain::{Contact, Term};

/// The mark of an item's newest write: it tells a write that was done, though its answer was lost, from another's.
const WRITE: &str = "write";
const SAME_REVISION: &str = "revision = :revision";
const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

type Found = BTreeSet<(Term, String)>;

fn terms(contact: &Contact) -> Found {
    let of = |by: Term| by.of(&contact.fields).into_iter().map(move |value| (by, value));
    Term::ALL.into_iter().flat_map(of).collect()
}

/// A contact's item with its entries in the indexes.
fn whole(contact: &Contact) -> Item {
    let mut item = item::from_contact(contact);
    item.extend(keys::contact_entries(contact));
    item
}

fn unbuilt(error: BuildError) -> WriteError {
    WriteError::Store(batch::unexpected("TransactWriteItems", error))
}

/// The reason why a contact is not as it was read.
fn changed(item: Option<&Item>) -> WriteError {
    if item.is_some() { WriteError::Conflict } else { WriteError::Missing }
}

fn changed_first(reasons: Vec<CancellationReason>) -> WriteError {
    changed(reasons.first().and_then(CancellationReason::item))
}

impl DynamoDb {
    fn put(&self, item: Item) -> Result<TransactWriteItem, WriteError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn delete(&self, key: Item) -> Result<TransactWriteItem, WriteError> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key)).build().map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    fn put_term(&self, contact: &Contact, by: Term, value: &str) -> Result<TransactWriteItem, WriteError> {
        let mut item = keys::term(&contact.owner, contact.id, by, value);
        item.extend(keys::term_entry(&contact.owner, contact.id, by, value));
        self.put(item)
    }

    fn delete_term(&self, contact: &Contact, by: Term, value: &str) -> Result<TransactWriteItem, WriteError> {
        self.delete(keys::term(&contact.owner, contact.id, by, value))
    }

    /// The contact alone, when it is found by the same terms as before.
    async fn replace_item(&self, before: &Contact, after: &Contact) -> Result<(), WriteError> {
        let write = keys::text(Ulid::generate().to_string());
        let mut item = whole(after);
        item.insert(WRITE.to_owned(), write.clone());
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = request
            .condition_expression(SAME_REVISION)
            .expression_attribute_values(":revision", item::from_revision(before.revision))
            .return_values_on_condition_check_failure(ALL_OLD);
        let Err(error) = request.send().await else { return Ok(()) };
        match error.as_service_error() {
            // The SDK sent it again after an answer was lost, and met itself.
            Some(PutItemError::ConditionalCheckFailedException(found))
                if found.item().and_then(|item| item.get(WRITE)) == Some(&write) =>
            {
                Ok(())
            }
            Some(PutItemError::ConditionalCheckFailedException(found)) => Err(changed(found.item())),
            Some(PutItemError::TransactionConflictException(_)) => Err(WriteError::Conflict),
            _ => Err(WriteError::Store(StoreError::Call(translate("PutItem", error)))),
        }
    }
}

impl CreateContact for DynamoDb {
    async fn create(&self, contact: &Contact, once: Option<&Once>) -> Result<Created, WriteError> {
        let new = Put::builder().table_name(&self.table).set_item(Some(whole(contact)));
        let new = new.condition_expression("attribute_not_exists(pk)").build().map_err(unbuilt)?;
        let mut items = vec![TransactWriteItem::builder().put(new).build()];
        if let Some(once) = once {
            let record = once::put(&self.table, contact, once).map_err(unbuilt)?;
            items.push(TransactWriteItem::builder().put(record).build());
        }
        for (by, value) in terms(contact) {
            items.push(self.put_term(contact, by, &value)?);
        }
        let Err(refusal) = self.transact(items).await else { return Ok(Created::New) };
        let mut record = None;
        let error = refusal.explained(|reasons| {
            record = reasons.into_iter().nth(1).filter(failed);
            WriteError::Exists
        });
        match (once, record) {
            (Some(once), Some(record)) => once::replayed(&contact.owner, once, record),
            _ => Err(error),
        }
    }
}

impl ReplaceContact for DynamoDb {
    async fn replace(&self, before: &Contact, after: &Contact) -> Result<(), WriteError> {
        let (gone, new) = (terms(before), terms(after));
        if gone == new {
            return self.replace_item(before, after).await;
        }
        let contact = Put::builder()
            .table_name(&self.table)
            .set_item(Some(whole(after)))
            .condition_expression(SAME_REVISION)
            .expression_attribute_values(":revision", item::from_revision(before.revision))
            .return_values_on_condition_check_failure(ALL_OLD);
        let contact = contact.build().map_err(unbuilt)?;
        let mut items = vec![TransactWriteItem::builder().put(contact).build()];
        for (by, value) in gone.difference(&new) {
            items.push(self.delete_term(after, *by, value)?);
        }
        for (by, value) in new.difference(&gone) {
            items.push(self.put_term(after, *by, value)?);
        }
        self.transact(items).await.map_err(|refusal| refusal.explained(changed_first))
    }
}

impl RemoveContact for DynamoDb {
    async fn remove(&self, before: &Contact) -> Result<(), WriteError> {
        let contact = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::contact(&before.owner, before.id)))
            .condition_expression(SAME_REVISION)
            .expression_attribute_values(":revision", item::from_revision(before.revision))
            .return_values_on_condition_check_failure(ALL_OLD);
        let contact = contact.build().map_err(unbuilt)?;
        let mut items = vec![TransactWriteItem::builder().delete(contact).build()];
        for (by, value) in terms(before) {
            items.push(self.delete_term(before, by, &value)?);
        }
        self.transact(items).await.map_err(|refusal| refusal.explained(changed_first))
    }
}
