//! Transactions that are sent again under their token: done once, answered as often as they come.
//!
//! The ten minutes in which that holds are the plane's.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::library::Library;
use crate::core::{Reply, ServiceError, Timestamp};

/// The lifetime of a token.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const WINDOW: Duration = Duration::from_secs(600);

/// The transactions of the last minutes that had a token, by operation and token.
#[derive(Default)]
pub(super) struct Tokens(HashMap<(String, String), Done>);

struct Done {
    at: Timestamp,
    asked: Value,
    answer: Value,
}

impl Tokens {
    /// Runs a transaction, unless it was run under its token already.
    pub(super) fn once(&mut self, library: &Library, operation: &str, input: Value, now: Timestamp) -> Reply {
        let Some(token) = input.get("ClientRequestToken").and_then(Value::as_str).map(str::to_owned) else {
            return library.run(operation, input);
        };
        self.0.retain(|_, done| now.since(done.at) < WINDOW);
        let key = (operation.to_owned(), token);
        let asked = ["TransactItems", "TransactStatements"].iter().find_map(|member| input.get(*member)).cloned();
        let asked = asked.unwrap_or_default();
        if let Some(done) = self.0.get(&key) {
            return if done.asked == asked { again(library, &done.answer, &input) } else { Err(mismatch()) };
        }
        let answer = library.run(operation, input)?;
        self.0.insert(key, Done { at: now, asked, answer: answer.clone() });
        Ok(answer)
    }
}

fn mismatch() -> ServiceError {
    ServiceError::new(
        "IdempotentParameterMismatchException",
        "An error occurred (IdempotentParameterMismatchException)",
    )
}

/// The answer of a transaction that is not run again: it costs what reading its items costs.
///
/// Assumed: statements cost what they cost the first time.
fn again(library: &Library, answer: &Value, input: &Value) -> Reply {
    let mut answer = answer.clone();
    let mode = input.get("ReturnConsumedCapacity").and_then(Value::as_str).unwrap_or("NONE");
    let Some(members) = answer.as_object_mut() else { return Ok(answer) };
    match input.get("TransactItems").and_then(Value::as_array) {
        _ if mode == "NONE" => {
            members.shift_remove("ConsumedCapacity");
        }
        Some(actions) => {
            members.insert("ConsumedCapacity".to_owned(), capacity_to_read(library, actions, mode)?);
        }
        None => {}
    }
    Ok(answer)
}

/// The capacity that reading a transaction's items would consume, for the answer to its repetition.
fn capacity_to_read(library: &Library, actions: &[Value], mode: &str) -> Result<Value, ServiceError> {
    let mut units: Map<String, Value> = Map::new();
    for action in actions.iter().filter_map(|action| action.as_object()?.values().next()) {
        let Some(name) = action.get("TableName").and_then(Value::as_str) else { continue };
        let Some(key) = key_of(library, name, action)? else { continue };
        let input = json!({
            "TableName": name, "Key": key, "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL",
        });
        let read = library.run("GetItem", input)?;
        let cost = 2.0 * read["ConsumedCapacity"]["CapacityUnits"].as_f64().unwrap_or(0.0);
        let sum = units.get(name).and_then(Value::as_f64).unwrap_or(0.0) + cost;
        units.insert(name.to_owned(), json!(sum));
    }
    let told = units.into_iter().map(|(name, units)| {
        let mut told = json!({ "TableName": name, "CapacityUnits": units, "ReadCapacityUnits": units });
        if mode == "INDEXES" {
            told["Table"] = json!({ "CapacityUnits": units, "ReadCapacityUnits": units });
        }
        told
    });
    Ok(told.collect())
}

/// The key of the item that an action is about.
fn key_of(library: &Library, table: &str, action: &Value) -> Result<Option<Value>, ServiceError> {
    if let Some(key) = action.get("Key") {
        return Ok(Some(key.clone()));
    }
    let (Some(item), Some(table)) = (action.get("Item"), library.table(table)?) else { return Ok(None) };
    let schema: Vec<Value> = serde_json::from_str(&table.key_schema).unwrap_or_default();
    let names = schema.iter().filter_map(|part| part["AttributeName"].as_str());
    Ok(Some(names.filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect::<Map<_, _>>().into()))
}
