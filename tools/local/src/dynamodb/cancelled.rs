//! What the library leaves out of a cancelled transaction: the item that an action's condition was not met by, which DynamoDB
//! adds to the action's reason when it is asked to (`ReturnValuesOnConditionCheckFailure`).
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html>
//!
//! The item is read after the transaction and not in it: one that is written at that moment is told as it is then.

use awsim_core::{AwsError, RequestContext, ServiceHandler as _};
use awsim_dynamodb::DynamoDbService;
use serde_json::{Map, Value, json};

/// What the library has to be asked when the transaction is cancelled: the table and the whole item or key, by position.
pub(super) struct Asked(Vec<Option<(String, Value)>>);

impl Asked {
    /// What `input`, a request for a transaction, wants to be told; nothing for every other operation.
    pub(super) fn of(operation: &str, input: &Value) -> Self {
        let actions =
            input.get("TransactItems").and_then(Value::as_array).filter(|_| operation == "TransactWriteItems");
        Self(actions.into_iter().flatten().map(asked).collect())
    }

    /// Adds the items to the reasons of `error`.
    pub(super) async fn complete(self, library: &DynamoDbService, context: &RequestContext, error: &mut AwsError) {
        let reasons = error.extras.as_mut().and_then(|extras| extras.get_mut("CancellationReasons"));
        let Some(reasons) = reasons.and_then(Value::as_array_mut) else { return };
        for (reason, asked) in reasons.iter_mut().zip(self.0) {
            let Some((table, item)) = asked.filter(|_| reason["Code"] == "ConditionalCheckFailed") else { continue };
            let Some(key) = key(library, context, &table, &item).await else { continue };
            let input = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
            if let Ok(answer) = library.handle("GetItem", input, context).await
                && let Some(item) = answer.get("Item")
            {
                reason["Item"] = item.clone();
            }
        }
    }
}

fn asked(action: &Value) -> Option<(String, Value)> {
    let action = action.as_object()?.values().next()?;
    let wanted = action.get("ReturnValuesOnConditionCheckFailure").is_some_and(|wanted| wanted == "ALL_OLD");
    let item = action.get("Key").or_else(|| action.get("Item")).filter(|_| wanted)?;
    Some((action.get("TableName")?.as_str()?.to_owned(), item.clone()))
}

/// Only the key of an item.
async fn key(library: &DynamoDbService, context: &RequestContext, table: &str, item: &Value) -> Option<Value> {
    let described = library.handle("DescribeTable", json!({ "TableName": table }), context).await.ok()?;
    let schema = described.pointer("/Table/KeySchema")?.as_array()?;
    let names = schema.iter().filter_map(|part| part["AttributeName"].as_str());
    let key: Map<String, Value> = names.filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect();
    Some(Value::Object(key))
}
