//! The library, and nothing but it: its storage on the plane's clock, and its operations over JSON.
//!
//! Its `Database` is not used: that one opens a file by the machine's clock and forgets transactions' tokens by it.

use std::path::Path;
use std::sync::Arc;

use dynoxide::DynoxideError;
use dynoxide::actions::{
    batch_execute_statement, batch_get_item, batch_write_item, create_table, delete_item, delete_table, describe_table,
    describe_time_to_live, execute_statement, execute_transaction, get_item, list_tables, list_tags_of_resource,
    put_item, query, scan, search_vectors, tag_resource, transact_get_items, transact_write_items, untag_resource,
    update_item, update_table, update_time_to_live, vector_lifecycle::VectorIndexLifecycle,
};
use dynoxide::storage::{Storage, StreamRecord, TableMetadata};
use dynoxide::ttl;
use futures::FutureExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::faults;
use crate::core::{Clock, Reply, ServiceError};

/// The plane's time, for what the library dates: streams, items past their time to live, the making of vector indexes.
struct PlaneTime(Clock);

impl dynoxide::storage_backend::Clock for PlaneTime {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().as_millis() / 1000).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().epoch_seconds()
    }
}

/// The library's tables in one file.
pub(super) struct Library {
    storage: Storage,
    vector_indexes: VectorIndexLifecycle,
}

impl Library {
    /// The tables in `directory`, which is made if it is not there.
    pub(super) fn open(directory: &Path, clock: &Clock) -> Result<Self, String> {
        std::fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        let file = directory.join("tables.sqlite");
        let storage = Storage::new(&file.to_string_lossy()).map_err(|error| format!("{}: {error}", file.display()))?;
        let storage = storage.with_clock(Arc::new(PlaneTime(clock.clone())));
        Ok(Self { storage, vector_indexes: VectorIndexLifecycle::new() })
    }

    /// Runs an operation of DynamoDB's own name and members.
    pub(super) fn run(&self, operation: &str, input: Value) -> Reply {
        let (tables, indexes) = (&self.storage, &self.vector_indexes);
        match operation {
            "BatchExecuteStatement" => ask(operation, input, |asked| batch_execute_statement::execute(tables, asked)),
            "BatchGetItem" => ask(operation, input, |asked| batch_get_item::execute(tables, asked)),
            "BatchWriteItem" => ask(operation, input, |asked| batch_write_item::execute(tables, asked)),
            "CreateTable" => ask(operation, input, |asked| create_table::execute(tables, asked)),
            "DeleteItem" => ask(operation, input, |asked| delete_item::execute(tables, asked)),
            "DeleteTable" => ask(operation, input, |asked| delete_table::execute(tables, asked, indexes)),
            "DescribeTable" => ask(operation, input, |asked| describe_table::execute(tables, asked, indexes)),
            "DescribeTimeToLive" => ask(operation, input, |asked| describe_time_to_live::execute(tables, asked)),
            "ExecuteStatement" => ask(operation, input, |asked| execute_statement::execute(tables, asked)),
            "ExecuteTransaction" => ask(operation, input, |asked| execute_transaction::execute(tables, asked)),
            "GetItem" => ask(operation, input, |asked| get_item::execute(tables, asked)),
            "ListTables" => ask(operation, input, |asked| list_tables::execute(tables, asked)),
            "ListTagsOfResource" => ask(operation, input, |asked| list_tags_of_resource::execute(tables, asked)),
            "PutItem" => ask(operation, input, |asked| put_item::execute(tables, asked)),
            "Query" => ask(operation, input, |asked| query::execute(tables, asked)),
            "Scan" => ask(operation, input, |asked| scan::execute(tables, asked)),
            "SearchVectors" => ask(operation, input, |asked| search_vectors::execute(tables, asked, indexes)),
            "TagResource" => ask(operation, input, |asked| tag_resource::execute(tables, asked)),
            "TransactGetItems" => ask(operation, input, |asked| transact_get_items::execute(tables, asked)),
            "TransactWriteItems" => ask(operation, input, |asked| transact_write_items::execute(tables, asked)),
            "UntagResource" => ask(operation, input, |asked| untag_resource::execute(tables, asked)),
            "UpdateItem" => ask(operation, input, |asked| update_item::execute(tables, asked)),
            "UpdateTable" => ask(operation, input, |asked| update_table::execute(tables, asked, indexes)),
            "UpdateTimeToLive" => ask(operation, input, |asked| update_time_to_live::execute(tables, asked)),
            _ => Err(ServiceError::not_implemented("dynamodb", operation)),
        }
    }

    /// The metadata of a table, if it is there.
    pub(super) fn table(&self, name: &str) -> Result<Option<TableMetadata>, ServiceError> {
        self.storage.get_table_metadata(name).map_err(|error| faults::refused("DescribeTable", error))
    }

    /// At most `limit` changes of a table's items after a position, the oldest first.
    pub(super) fn changes(&self, table: &str, after: i64, limit: usize) -> Result<Vec<StreamRecord>, ServiceError> {
        let shard = dynoxide::streams::shard_id(table);
        self.storage
            .get_stream_records(table, &shard, after, limit)
            .map_err(|error| faults::refused("GetRecords", error))
    }

    /// The position of the last change of a table's items; before the first it is zero.
    pub(super) fn last_change(&self, table: &str) -> Result<i64, ServiceError> {
        let shard = dynoxide::streams::shard_id(table);
        let range = self.storage.get_shard_sequence_range(table, &shard);
        let (_, last) = range.map_err(|error| faults::refused("DescribeStream", error))?;
        Ok(last.and_then(|last| last.parse().ok()).unwrap_or(0))
    }

    /// Forgets changes that were made before a time in seconds.
    pub(super) fn forget_changes(&self, before: i64) -> Result<(), ServiceError> {
        let forgotten = self.storage.conn().execute("DELETE FROM _stream_records WHERE created_at < ?1", [before]);
        forgotten.map(|_| ()).map_err(|error| faults::refused("GetRecords", error.into()))
    }

    /// Removes the items that are past their time to live.
    pub(super) fn sweep(&self) -> Result<usize, ServiceError> {
        finished(ttl::sweep_expired_items(&self.storage)).map_err(|error| faults::refused("DeleteItem", error))
    }
}

/// Reads the input as the library wants it, runs it and writes the answer.
fn ask<Asked, Answer, Work>(operation: &str, input: Value, execute: impl FnOnce(Asked) -> Work) -> Reply
where
    Asked: DeserializeOwned,
    Answer: Serialize,
    Work: Future<Output = dynoxide::Result<Answer>>,
{
    let asked = serde_json::from_value(input).map_err(|error| faults::unreadable(operation, &error))?;
    let answer = finished(execute(asked)).map_err(|error| faults::refused(operation, error))?;
    serde_json::to_value(answer).map_err(|error| ServiceError::internal(error.to_string()))
}

/// The outcome of work that is done when it is asked for: on SQLite the library never waits.
fn finished<T>(work: impl Future<Output = dynoxide::Result<T>>) -> dynoxide::Result<T> {
    let waiting = || Err(DynoxideError::InternalServerError("the library waits".to_owned()));
    work.now_or_never().unwrap_or_else(waiting)
}
