//! Listing contacts: by creation from the table itself, all else from an index that names contacts, which are then read.
//!
//! An index may be some moments behind. An entry whose contact is gone is passed over, as is one of a term that the contact is no
//! longer found by; the page is filled up with what follows. An entry in an old place of an order is shown there: to pass it over
//! would lose a contact that was just written.

use std::collections::HashSet;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use slipway_shared::aws::translate;

use super::super::{ListContacts, StoreError};
use super::keys::{self, Index, Item};
use super::{DynamoDb, item};
use crate::domain::{Contact, ContactId, Listing, Owner, Page};

impl ListContacts for DynamoDb {
    async fn list(&self, owner: &Owner, listing: &Listing) -> Result<Page, StoreError> {
        match keys::source(owner, listing) {
            None => self.list_by_creation(owner, listing).await,
            Some((index, partition)) => self.list_by_index(owner, listing, index, partition).await,
        }
    }
}

impl DynamoDb {
    async fn list_by_creation(&self, owner: &Owner, listing: &Listing) -> Result<Page, StoreError> {
        let request = self
            .client
            .query()
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", keys::partition(owner))
            .expression_attribute_values(":prefix", keys::text(keys::CONTACT_PREFIX));
        let start = listing.after().map(|cursor| keys::start(owner, listing, cursor));
        // DynamoDB also ends a page at one megabyte: then this one is shorter.
        let (items, last) = self.query(request, listing, start, listing.limit() + 1).await?;
        let found: Result<Vec<_>, StoreError> =
            items.into_iter().map(|found| Ok((String::new(), item::to_contact(owner, found)?))).collect();
        Ok(Page::of(listing, found?, last.is_some()))
    }

    async fn list_by_index(
        &self,
        owner: &Owner,
        listing: &Listing,
        index: Index,
        partition: AttributeValue,
    ) -> Result<Page, StoreError> {
        let mut start = listing.after().map(|cursor| keys::start(owner, listing, cursor));
        let mut found: Vec<(String, Contact)> = Vec::new();
        let mut shown: HashSet<ContactId> = HashSet::new();
        loop {
            let missing = listing.limit() + 1 - found.len();
            let request = self.query_of_index(listing, index, partition.clone());
            let (entries, last) = self.query(request, listing, start, missing).await?;
            let entries = entries.iter().map(|item| keys::entry(index, item)).collect::<Result<Vec<_>, _>>()?;
            let contacts = self.read_all(owner, entries.iter().map(|(_, id)| *id)).await?;
            for (value, id) in entries {
                let contact = contacts.get(&id).filter(|contact| listing.shows(contact, &value));
                if let Some(contact) = contact.filter(|_| shown.insert(id)) {
                    found.push((value, contact.clone()));
                }
            }
            if found.len() > listing.limit() || last.is_none() {
                return Ok(Page::of(listing, found, false));
            }
            start = last;
        }
    }

    fn query_of_index(&self, listing: &Listing, index: Index, partition: AttributeValue) -> QueryFluentBuilder {
        let condition = match listing.filter() {
            Some(_) => "#pk = :pk AND begins_with(#sk, :prefix)",
            None => "#pk = :pk",
        };
        let request = self
            .client
            .query()
            .index_name(index.name)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", index.pk)
            .expression_attribute_values(":pk", partition);
        match listing.filter() {
            Some(filter) => request
                .expression_attribute_names("#sk", index.sk)
                .expression_attribute_values(":prefix", keys::text(filter.prefix())),
            None => request,
        }
    }

    async fn query(
        &self,
        request: QueryFluentBuilder,
        listing: &Listing,
        start: Option<Item>,
        most: usize,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let request = request
            .table_name(&self.table)
            .scan_index_forward(!listing.order().descending)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        let answer = request.send().await.map_err(|error| StoreError::Call(translate("Query", error)))?;
        // A key without attributes says the same as none.
        let last = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), last))
    }
}
