//! Transactions: all or nothing, with a reason for each action, and once for each token.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Db, on_demand, text};

fn put(key: &str) -> Value {
    json!({ "Put": { "TableName": "items", "Item": { "a": { "S": key } } } })
}

#[test]
fn a_cancelled_transaction_gives_a_reason_for_every_action_and_the_item_that_was_in_the_way() {
    let mut db = Db::with_table();
    db.put(json!({ "a": text("taken"), "n": { "N": "1" } }));
    let mut unmet = put("taken");
    unmet["Put"]["ConditionExpression"] = json!("attribute_not_exists(a)");
    unmet["Put"]["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    let refused = db.call("TransactWriteItems", json!({ "TransactItems": [put("new"), unmet] })).unwrap_err();
    assert_eq!(refused.code, "TransactionCanceledException");
    let text_of =
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]";
    assert_eq!(refused.message, text_of);
    assert_eq!(
        refused.extras["CancellationReasons"],
        json!([
            { "Code": "None" },
            {
                "Code": "ConditionalCheckFailed", "Message": "The conditional request failed",
                "Item": { "a": text("taken"), "n": { "N": "1" } },
            },
        ])
    );
    assert_eq!(db.item("new"), Value::Null);
}

#[test]
fn a_transaction_is_done_once_for_its_token() {
    let mut db = Db::with_table();
    let count = json!({ "Update": {
        "TableName": "items", "Key": { "a": text("1") }, "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": { ":one": { "N": "1" } },
    } });
    let input = |token: &str| {
        json!({
            "TransactItems": [count], "ClientRequestToken": token, "ReturnConsumedCapacity": "TOTAL",
        })
    };
    let first = db.ok("TransactWriteItems", input("one"));
    assert_eq!(first["ConsumedCapacity"][0]["WriteCapacityUnits"], 2.0);
    let again = db.ok("TransactWriteItems", input("one"));
    assert_eq!(
        again["ConsumedCapacity"],
        json!([{ "TableName": "items", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0 }])
    );
    assert_eq!(db.item("1")["n"], json!({ "N": "1" }));
    let other = json!({ "TransactItems": [put("2")], "ClientRequestToken": "one" });
    assert_eq!(db.refused("TransactWriteItems", other).0, "IdempotentParameterMismatchException");
    db.ok("TransactWriteItems", input("two"));
    assert_eq!(db.item("1")["n"], json!({ "N": "2" }));
    let long = db.invalid("TransactWriteItems", input(&"x".repeat(37)));
    assert!(long.contains("Member must have length less than or equal to 36"), "{long}");
}

#[test]
fn a_token_is_forgotten_after_ten_minutes_of_the_planes_time() {
    let mut db = Db::paused();
    db.ok("CreateTable", on_demand("items", &[("a", "S", "HASH")]));
    let input = json!({ "TransactItems": [put("1")], "ClientRequestToken": "one" });
    db.ok("TransactWriteItems", input);
    let other = json!({ "TransactItems": [put("2")], "ClientRequestToken": "one" });
    db.refused("TransactWriteItems", other.clone());
    db.wait(Duration::from_secs(11));
    db.ok("TransactWriteItems", other);
}

#[test]
fn a_transaction_touches_an_item_once_and_has_at_most_a_hundred_actions() {
    let mut db = Db::with_table();
    let twice = db.invalid("TransactWriteItems", json!({ "TransactItems": [put("1"), put("1")] }));
    assert_eq!(twice, "Transaction request cannot include multiple operations on one item");
    let many: Vec<Value> = (0..101).map(|n| put(&n.to_string())).collect();
    let many = db.invalid("TransactWriteItems", json!({ "TransactItems": many }));
    assert!(many.contains("Member must have length less than or equal to 100"), "{many}");
    let none = db.invalid("TransactWriteItems", json!({ "TransactItems": [] }));
    assert!(none.contains("Member must have length greater than or equal to 1"), "{none}");
}

#[test]
fn a_transaction_reads_what_is_there_in_the_order_asked_for() {
    let mut db = Db::with_table();
    db.put(json!({ "a": text("1"), "n": { "N": "1" } }));
    let get = |key: &str| json!({ "Get": { "TableName": "items", "Key": { "a": { "S": key } }, "ProjectionExpression": "n" } });
    let read = db.ok("TransactGetItems", json!({ "TransactItems": [get("none"), get("1")] }));
    assert_eq!(read["Responses"], json!([{}, { "Item": { "n": { "N": "1" } } }]));
}
