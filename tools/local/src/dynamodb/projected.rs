//! Answers of several items hold what their projection names, and nothing else: the library adds the keys to them, as
//! DynamoDB does not. <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>

use std::collections::HashSet;

use serde_json::Value;

use super::library::Library;
use super::store::Tables;
use crate::core::{Reply, ServiceError};

/// `BatchGetItem` and `TransactGetItems` without keys that nobody asked for.
pub(super) fn get(tables: &mut Tables, operation: &str, input: Value) -> Reply {
    let library = &tables.library;
    let mut reply = library.run(operation, input.clone())?;
    if let Some(tables) = reply.get_mut("Responses").and_then(Value::as_object_mut) {
        for (name, items) in tables {
            let surplus = surplus(library, name, &input["RequestItems"][name.as_str()])?;
            items.as_array_mut().into_iter().flatten().for_each(|item| strip(item, &surplus));
        }
        return Ok(reply);
    }
    let answers = reply.get_mut("Responses").and_then(Value::as_array_mut).into_iter().flatten();
    let gets = input.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    for (answer, get) in answers.zip(gets) {
        let get = &get["Get"];
        let surplus = surplus(library, get["TableName"].as_str().unwrap_or_default(), get)?;
        if let Some(item) = answer.get_mut("Item") {
            strip(item, &surplus);
        }
    }
    Ok(reply)
}

/// The keys of a table that a request projects away.
fn surplus(library: &Library, table: &str, asked: &Value) -> Result<Vec<String>, ServiceError> {
    let named: HashSet<&str> = match (asked.get("ProjectionExpression"), asked.get("AttributesToGet")) {
        (Some(expression), _) => {
            let paths = expression.as_str().unwrap_or_default().split(',').map(str::trim);
            paths.map(|path| asked["ExpressionAttributeNames"][path].as_str().unwrap_or(path)).collect()
        }
        (None, Some(names)) => names.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        (None, None) => return Ok(Vec::new()),
    };
    let Some(table) = library.table(table)? else { return Ok(Vec::new()) };
    let schema: Vec<Value> = serde_json::from_str(&table.key_schema).unwrap_or_default();
    let keys = schema.iter().filter_map(|part| part["AttributeName"].as_str());
    Ok(keys.filter(|key| !named.contains(key)).map(str::to_owned).collect())
}

fn strip(item: &mut Value, surplus: &[String]) {
    if let Some(item) = item.as_object_mut() {
        item.retain(|name, _| !surplus.contains(name));
    }
}
