//! The ledger in a DynamoDB table: an item for each gate and deployment, the entry in it as one text of JSON, and one for each stack.
//!
//! `pk` is `deployment#<id>`, `sk` is `verdict#<gate>`; verdict, function and time stand beside the entry for whoever looks at the table.
//! The gathering of a stack has `pk` `stack#<name>` and `sk` `gathering`.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Basis, Entry, Gate, Gathering, ReadGathering, ReadLedger, Stored, StoredGathering, WriteGathering, WriteLedger,
    Written,
};
use crate::aws::translate;
use crate::call::CallError;

type Item = HashMap<String, AttributeValue>;

/// Epoch seconds after which DynamoDB deletes an item, some day.
pub(crate) const EXPIRES_AT: &str = "expiresAt";
const ENTRY: &str = "entry";
const GATHERING: &str = "gathering";
const REVISION: &str = "revision";

const GET: &str = "GetItem";
const PUT: &str = "PutItem";

/// A table of verdicts.
#[derive(Debug, Clone)]
pub struct AwsLedger {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl AwsLedger {
    /// The ledger in `table`, over a client of [`crate::aws::dynamodb()`].
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

impl AwsLedger {
    /// Consistent: what was written a moment ago must not be forgotten.
    async fn get(&self, pk: AttributeValue, sk: AttributeValue) -> Result<Option<Item>, CallError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true).key("pk", pk).key("sk", sk);
        Ok(request.send().await.map_err(|error| translate(GET, error))?.item)
    }

    async fn put(&self, mut item: Item, basis: Basis) -> Result<Written, CallError> {
        let revision = match basis {
            Basis::Nothing => 1,
            Basis::Revision(revision) => revision + 1,
        };
        item.insert(REVISION.to_owned(), AttributeValue::N(revision.to_string()));
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = match basis {
            Basis::Nothing => request.condition_expression("attribute_not_exists(pk)"),
            Basis::Revision(revision) => request
                .condition_expression("#revision = :revision")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":revision", AttributeValue::N(revision.to_string())),
        };
        match request.send().await {
            Ok(_) => Ok(Written::Kept(revision)),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                Ok(Written::Lost)
            }
            Err(error) => Err(translate(PUT, error)),
        }
    }
}

impl ReadLedger for AwsLedger {
    async fn read_entry(&self, deployment: &str, gate: Gate) -> Result<Option<Stored>, CallError> {
        let item = self.get(partition(deployment), sort(gate)).await?;
        item.map(|item| stored(GET, &item)).transpose()
    }

    async fn list_entries(&self, deployment: &str) -> Result<Vec<Stored>, CallError> {
        const OPERATION: &str = "Query";
        let request = self.client.query().table_name(&self.table).consistent_read(true);
        let request = request
            .key_condition_expression("pk = :pk AND begins_with(sk, :verdict)")
            .expression_attribute_values(":pk", partition(deployment))
            .expression_attribute_values(":verdict", text("verdict#"));
        let mut items = request.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            found.push(stored(OPERATION, &item.map_err(|error| translate(OPERATION, error))?)?);
        }
        found.sort_by_key(|stored| stored.entry.gate);
        Ok(found)
    }
}

impl WriteLedger for AwsLedger {
    async fn write_entry(&self, entry: &Entry, basis: Basis) -> Result<Written, CallError> {
        self.put(item(entry)?, basis).await
    }
}

impl ReadGathering for AwsLedger {
    async fn read_gathering(&self, stack: &str) -> Result<Option<StoredGathering>, CallError> {
        let Some(item) = self.get(stack_partition(stack), text(GATHERING)).await? else { return Ok(None) };
        let gathering = json_of(GET, &item, GATHERING)?;
        Ok(Some(StoredGathering { gathering, revision: revision_of(GET, &item)? }))
    }
}

impl WriteGathering for AwsLedger {
    async fn write_gathering(&self, gathering: &Gathering, basis: Basis) -> Result<Written, CallError> {
        let json = serde_json::to_string(gathering).map_err(|error| unusable(PUT, error))?;
        let item = Item::from([
            ("pk".to_owned(), stack_partition(&gathering.stack)),
            ("sk".to_owned(), text(GATHERING)),
            (EXPIRES_AT.to_owned(), AttributeValue::N(gathering.expires().as_second().to_string())),
            (GATHERING.to_owned(), text(json)),
        ]);
        self.put(item, basis).await
    }
}

fn stack_partition(stack: &str) -> AttributeValue {
    text(format!("stack#{stack}"))
}

fn partition(deployment: &str) -> AttributeValue {
    text(format!("deployment#{deployment}"))
}

fn sort(gate: Gate) -> AttributeValue {
    text(format!("verdict#{gate}"))
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn item(entry: &Entry) -> Result<Item, CallError> {
    let json = serde_json::to_string(entry).map_err(|error| unusable(PUT, error))?;
    Ok(Item::from([
        ("pk".to_owned(), partition(&entry.deployment_id)),
        ("sk".to_owned(), sort(entry.gate)),
        (EXPIRES_AT.to_owned(), AttributeValue::N(entry.expires().as_second().to_string())),
        ("verdict".to_owned(), text(&entry.verdict)),
        ("function".to_owned(), text(&entry.function)),
        ("at".to_owned(), text(entry.at.to_string())),
        (ENTRY.to_owned(), text(json)),
    ]))
}

fn stored(operation: &'static str, item: &Item) -> Result<Stored, CallError> {
    Ok(Stored { entry: json_of(operation, item, ENTRY)?, revision: revision_of(operation, item)? })
}

fn json_of<T: serde::de::DeserializeOwned>(
    operation: &'static str,
    item: &Item,
    attribute: &'static str,
) -> Result<T, CallError> {
    let json = item.get(attribute).and_then(|value| value.as_s().ok());
    let json = json.ok_or_else(|| unusable(operation, format!("the item holds no {attribute}")))?;
    serde_json::from_str(json).map_err(|error| unusable(operation, error))
}

fn revision_of(operation: &'static str, item: &Item) -> Result<u64, CallError> {
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok()?.parse().ok());
    revision.ok_or_else(|| unusable(operation, "the item holds no revision"))
}

fn unusable(operation: &'static str, source: impl Into<crate::call::Source>) -> CallError {
    CallError::Unexpected { operation, source: source.into() }
}
