//! The ledger in a DynamoDB table: an item for each gate and deployment, the entry in it as one text of JSON.
//!
//! `pk` is `deployment#<id>`, `sk` is `verdict#<gate>`; verdict, function and time stand beside the entry for whoever looks at the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Basis, Entry, Gate, ReadLedger, Stored, WriteLedger, Written};
use crate::aws::translate;
use crate::call::CallError;
use crate::identity::DeploymentId;

type Item = HashMap<String, AttributeValue>;

/// Epoch seconds after which DynamoDB deletes an item, some day.
pub(crate) const EXPIRES_AT: &str = "expiresAt";
const ENTRY: &str = "entry";
const REVISION: &str = "revision";

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

impl ReadLedger for AwsLedger {
    async fn read_entry(&self, deployment: &DeploymentId, gate: Gate) -> Result<Option<Stored>, CallError> {
        const OPERATION: &str = "GetItem";
        // Consistent: a verdict that was written a moment ago must not be forgotten.
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let request = request.key("pk", partition(deployment.as_str())).key("sk", sort(gate));
        let output = request.send().await.map_err(|error| translate(OPERATION, error))?;
        output.item.map(|item| stored(OPERATION, &item)).transpose()
    }

    async fn list_entries(&self, deployment: &DeploymentId) -> Result<Vec<Stored>, CallError> {
        const OPERATION: &str = "Query";
        let request = self.client.query().table_name(&self.table).consistent_read(true);
        let request = request
            .key_condition_expression("pk = :pk AND begins_with(sk, :verdict)")
            .expression_attribute_values(":pk", partition(deployment.as_str()))
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
        const OPERATION: &str = "PutItem";
        let revision = match basis {
            Basis::Nothing => 1,
            Basis::Revision(revision) => revision + 1,
        };
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item(entry, revision)?));
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
            Err(error) => Err(translate(OPERATION, error)),
        }
    }
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

fn item(entry: &Entry, revision: u64) -> Result<Item, CallError> {
    let json = serde_json::to_string(entry).map_err(|error| unusable("PutItem", error))?;
    let number = |value: String| AttributeValue::N(value);
    Ok(Item::from([
        ("pk".to_owned(), partition(&entry.deployment_id)),
        ("sk".to_owned(), sort(entry.gate)),
        (REVISION.to_owned(), number(revision.to_string())),
        (EXPIRES_AT.to_owned(), number(entry.expires().as_second().to_string())),
        ("verdict".to_owned(), text(&entry.verdict)),
        ("function".to_owned(), text(&entry.function)),
        ("at".to_owned(), text(entry.at.to_string())),
        (ENTRY.to_owned(), text(json)),
    ]))
}

fn stored(operation: &'static str, item: &Item) -> Result<Stored, CallError> {
    let json = item.get(ENTRY).and_then(|value| value.as_s().ok());
    let json = json.ok_or_else(|| unusable(operation, "the item holds no entry"))?;
    let entry = serde_json::from_str(json).map_err(|error| unusable(operation, error))?;
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok()?.parse().ok());
    Ok(Stored { entry, revision: revision.ok_or_else(|| unusable(operation, "the item holds no revision"))? })
}

fn unusable(operation: &'static str, source: impl Into<crate::call::Source>) -> CallError {
    CallError::Unexpected { operation, source: source.into() }
}
