//! Operations on items: the library's, but for what it keeps of transactions and adds to projections.

use std::sync::Arc;

use super::state::{DynamoDb, act};
use super::store::Tables;
use super::{expressions, projected, resources};
use crate::core::Reply;
use crate::operations::Operation;

type Declared = Operation<Arc<DynamoDb>>;

pub(super) const OPERATIONS: &[Declared] = &[
    Operation::later("BatchExecuteStatement", "*", |state, request| act(state, request, library))
        .on_each(resources::of_statements),
    Operation::later("BatchGetItem", "*", |state, request| act(state, request, projected::get))
        .on_found(resources::of_batch),
    Operation::later("BatchWriteItem", "*", |state, request| act(state, request, library))
        .on_found(resources::of_batch),
    Operation::later("DeleteItem", "*", |state, request| act(state, request, library)).on("table/{TableName}"),
    Operation::later("ExecuteStatement", "*", |state, request| act(state, request, library))
        .on_each(resources::of_statements),
    Operation::later("ExecuteTransaction", "*", |state, request| act(state, request, once))
        .on_each(resources::of_statements),
    Operation::later("GetItem", "*", |state, request| act(state, request, library)).on("table/{TableName}"),
    Operation::later("PutItem", "*", |state, request| act(state, request, library)).on("table/{TableName}"),
    Operation::later("Query", "*", |state, request| act(state, request, library)).on_found(resources::of_index),
    Operation::later("Scan", "*", |state, request| act(state, request, library)).on_found(resources::of_index),
    Operation::later("SearchVectors", "*", |state, request| act(state, request, library)).on_found(resources::of_index),
    Operation::later("TransactGetItems", "*", |state, request| act(state, request, projected::get))
        .on_each(resources::of_transaction),
    Operation::later("TransactWriteItems", "*", |state, request| act(state, request, once))
        .on_each(resources::of_transaction),
    Operation::later("UpdateItem", "*", |state, request| act(state, request, library)).on("table/{TableName}"),
];

fn library(tables: &mut Tables, operation: &str, input: serde_json::Value) -> Reply {
    expressions::check(operation, &input)?;
    tables.library.run(operation, input).map_err(expressions::reworded)
}

fn once(tables: &mut Tables, operation: &str, input: serde_json::Value) -> Reply {
    expressions::check(operation, &input)?;
    let now = tables.now();
    tables.tokens.once(&tables.library, operation, input, now)
}
