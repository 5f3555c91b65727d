//! Releases in a DynamoDB table: one item for each stage's state and one for each record, as one text of JSON.
//!
//! A state has `pk` `stages` and `sk` `<application>/<stage>`, so that a query finds all stages. A record has `pk`
//! `releases#<application>/<stage>` and the release as `sk`; the local index `by-time` sorts records by `enteredAt`. What people look for
//! in the console stands beside the text.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};

use super::store::state_from_text;
use super::{Found, ListReleases, ReadReleases, ReleaseRecord, StageKey, StageState, StoredStage, WriteReleases};
use crate::aws::translate;
use crate::call::CallError;
use crate::ledger::{EXPIRES_AT, Written};

type Item = HashMap<String, AttributeValue>;

/// The index of records by the time at which they entered.
const BY_TIME: &str = "by-time";
const STAGES: &str = "stages";
const STATE: &str = "state";
const RECORD: &str = "record";
const REVISION: &str = "revision";
const READ: &str = "BatchGetItem";
const QUERY: &str = "Query";
const WRITE: &str = "TransactWriteItems";

/// DynamoDB answers at most 100 items at once (API reference, `BatchGetItem`).
const MOST_ITEMS: usize = 100;
/// Asking again for items that DynamoDB left out of an answer.
const ROUNDS: usize = 5;

/// A table of releases.
#[derive(Debug, Clone)]
pub struct AwsReleases {
    client: Client,
    table: String,
}

impl AwsReleases {
    /// The releases in `table`, over a client of [`crate::aws::dynamodb()`].
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The items of at most [`MOST_ITEMS`] keys, consistently: what was written a moment ago must not be forgotten.
    async fn get(&self, keys: &[Item]) -> Result<Vec<Item>, CallError> {
        let keys = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(keys.to_vec())).build();
        let mut pending = Some(keys.map_err(|error| unusable(READ, error))?);
        let mut found = Vec::new();
        for _ in 0..ROUNDS {
            let Some(keys) = pending.take() else { return Ok(found) };
            let sent = self.client.batch_get_item().request_items(&self.table, keys).send().await;
            let output = sent.map_err(|error| translate(READ, error))?;
            found.extend(output.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default());
            pending = output.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
        }
        let source = "DynamoDB leaves items out of its answers".into();
        if pending.is_some() { Err(CallError::Throttled { operation: READ, source }) } else { Ok(found) }
    }
}

impl ReadReleases for AwsReleases {
    async fn read_stage(&self, stage: &StageKey, releases: &[String]) -> Result<StoredStage, CallError> {
        let mut keys = vec![key(STAGES, &stage.to_string())];
        keys.extend(releases.iter().map(|release| key(&partition(stage), release)));
        let mut stored = StoredStage { state: StageState::default(), revision: 0, records: BTreeMap::new() };
        for keys in keys.chunks(MOST_ITEMS) {
            for item in self.get(keys).await? {
                if word(&item, "pk") == Some(STAGES) {
                    let text = word(&item, STATE).ok_or_else(|| unusable(READ, "the stage's item holds no state"))?;
                    stored.state = state_from_text(text).map_err(|reason| unusable(READ, reason))?;
                    stored.revision = revision_of(&item)?;
                } else if let Some((release, found)) = record_of(&item) {
                    stored.records.insert(release, found);
                }
            }
        }
        Ok(stored)
    }
}

impl ListReleases for AwsReleases {
    async fn list_stages(&self) -> Result<Vec<StageKey>, CallError> {
        let request = self.client.query().table_name(&self.table).consistent_read(true);
        let request = request.key_condition_expression("pk = :pk").expression_attribute_values(":pk", text(STAGES));
        let mut items = request.projection_expression("sk").into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| translate(QUERY, error))?;
            found.extend(word(&item, "sk").map(StageKey::stored));
        }
        Ok(found)
    }

    async fn list_releases(&self, stage: &StageKey, most: usize) -> Result<Vec<(String, Found)>, CallError> {
        let request = self.client.query().table_name(&self.table).index_name(BY_TIME).consistent_read(true);
        let request = request
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(partition(stage)))
            .scan_index_forward(false)
            .limit(i32::try_from(most).unwrap_or(i32::MAX).max(1));
        let mut items = request.into_paginator().items().send();
        let mut found = Vec::new();
        while found.len() < most
            && let Some(item) = items.next().await
        {
            found.extend(record_of(&item.map_err(|error| translate(QUERY, error))?));
        }
        Ok(found)
    }
}

impl WriteReleases for AwsReleases {
    async fn write_stage(
        &self,
        stage: &StageKey,
        revision: u64,
        state: &StageState,
        records: &[&ReleaseRecord],
    ) -> Result<Written, CallError> {
        let mut puts = vec![self.put_of_state(stage, revision, state)?];
        for record in records {
            let put = Put::builder().table_name(&self.table).set_item(Some(item_of(stage, record)?)).build();
            puts.push(put.map_err(|error| unusable(WRITE, error))?);
        }
        let items = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => Ok(Written::Kept(revision + 1)),
            Err(SdkError::ServiceError(error)) if is_lost(error.err()) => Ok(Written::Lost),
            Err(error) => Err(translate(WRITE, error)),
        }
    }
}

impl AwsReleases {
    fn put_of_state(&self, stage: &StageKey, revision: u64, state: &StageState) -> Result<Put, CallError> {
        let json = serde_json::to_string(state).map_err(|error| unusable(WRITE, error))?;
        let mut item = key(STAGES, &stage.to_string());
        item.insert(STATE.to_owned(), text(json));
        item.insert(REVISION.to_owned(), number(revision + 1));
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = if revision == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("#revision = :revision")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":revision", number(revision))
        };
        put.build().map_err(|error| unusable(WRITE, error))
    }
}

/// Somebody else wrote the state before, or at the same moment.
fn is_lost(error: &TransactWriteItemsError) -> bool {
    match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled
            .cancellation_reasons()
            .iter()
            .any(|reason| matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict"))),
        _ => false,
    }
}

fn item_of(stage: &StageKey, record: &ReleaseRecord) -> Result<Item, CallError> {
    let json = serde_json::to_string(record).map_err(|error| unusable(WRITE, error))?;
    let mut item = key(&partition(stage), &record.execution_id);
    item.insert("enteredAt".to_owned(), AttributeValue::N(record.entered_at.as_millisecond().to_string()));
    item.insert(STATE.to_owned(), text(record.state.as_str()));
    item.insert(RECORD.to_owned(), text(json));
    if let Some(expires) = record.expires() {
        item.insert(EXPIRES_AT.to_owned(), AttributeValue::N(expires.as_second().to_string()));
    }
    Ok(item)
}

fn record_of(item: &Item) -> Option<(String, Found)> {
    let release = word(item, "sk")?.to_owned();
    let missing = || Found::Unusable("its item holds no record".to_owned());
    Some((release, word(item, RECORD).map_or_else(missing, Found::from_text)))
}

fn partition(stage: &StageKey) -> String {
    format!("releases#{stage}")
}

fn key(pk: &str, sk: &str) -> Item {
    Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn word<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    item.get(attribute)?.as_s().ok().map(String::as_str)
}

fn revision_of(item: &Item) -> Result<u64, CallError> {
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok()?.parse().ok());
    revision.ok_or_else(|| unusable(READ, "the stage's item holds no revision"))
}

fn unusable(operation: &'static str, source: impl Into<crate::call::Source>) -> CallError {
    CallError::Unexpected { operation, source: source.into() }
}
