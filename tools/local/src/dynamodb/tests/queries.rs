//! Queries and scans: what they find, in which pages, by which index, and what they cost.

use serde_json::{Value, json};
use test_case::test_case;

use super::{Db, on_demand, on_t, text};

/// Ten items under one partition key, with a sort key and an attribute that an index sorts by.
fn ranged() -> Db {
    let mut db = Db::new();
    let mut input = on_demand("items", &[("p", "S", "HASH"), ("r", "N", "RANGE")]);
    input["AttributeDefinitions"].as_array_mut().unwrap().push(json!({ "AttributeName": "g", "AttributeType": "S" }));
    input["GlobalSecondaryIndexes"] = json!([{
        "IndexName": "by-g", "KeySchema": [{ "AttributeName": "g", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["kept"] },
    }]);
    db.ok("CreateTable", input);
    for number in 0..10 {
        let mut item =
            json!({ "p": text("p"), "r": { "N": number.to_string() }, "kept": text("k"), "left": text("l") });
        if number % 2 == 0 {
            item["g"] = text("even");
        }
        db.put(item);
    }
    db
}

fn keyed(members: Value) -> Value {
    let mut input = json!({
        "TableName": "items", "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": { ":p": { "S": "p" } },
    });
    input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    input
}

#[test]
fn a_query_is_paged_filtered_and_turned_round() {
    let mut db = ranged();
    let page = db.ok("Query", keyed(json!({ "Limit": 4, "ScanIndexForward": false })));
    assert_eq!((&page["Count"], &page["Items"][0]["r"]), (&json!(4), &json!({ "N": "9" })));
    assert_eq!(page["LastEvaluatedKey"], json!({ "p": text("p"), "r": { "N": "6" } }));
    let next = keyed(json!({
        "Limit": 4, "ScanIndexForward": false, "ExclusiveStartKey": page["LastEvaluatedKey"],
    }));
    assert_eq!(db.ok("Query", next)["Items"][0]["r"], json!({ "N": "5" }));
    let counted = keyed(json!({ "Select": "COUNT", "FilterExpression": "attribute_exists(g)" }));
    let counted = db.ok("Query", counted);
    assert_eq!((&counted["Count"], &counted["ScannedCount"], &counted["Items"]), (&json!(5), &json!(10), &Value::Null));
}

#[test]
fn an_index_holds_the_items_that_have_its_key_and_what_it_projects() {
    let mut db = ranged();
    let query = json!({
        "TableName": "items", "IndexName": "by-g", "KeyConditionExpression": "g = :g",
        "ExpressionAttributeValues": { ":g": text("even") },
    });
    let found = db.ok("Query", query.clone());
    assert_eq!(found["Count"], 5);
    let members: Vec<&String> = found["Items"][0].as_object().unwrap().keys().collect();
    assert!(!members.contains(&&"left".to_owned()) && members.contains(&&"kept".to_owned()), "{members:?}");
    let mut consistent = query.clone();
    consistent["ConsistentRead"] = json!(true);
    assert_eq!(db.invalid("Query", consistent), "Consistent reads are not supported on global secondary indexes");
    let mut all = query.clone();
    all["Select"] = json!("ALL_ATTRIBUTES");
    assert!(
        db.invalid("Query", all)
            .contains("Select type ALL_ATTRIBUTES is not supported for global secondary index by-g")
    );
    let mut ghost = query;
    ghost["IndexName"] = json!("ghost");
    assert_eq!(db.invalid("Query", ghost), "The table does not have the specified index: ghost");
}

#[test_case(json!({ "KeyConditionExpression": "r = :p" }), "Query condition missed key schema element: p"; "without the partition key")]
#[test_case(json!({ "KeyConditionExpression": "p > :p" }), "Query key condition not supported"; "another comparison of the partition key")]
#[test_case(json!({ "FilterExpression": "r > :p" }), "Filter Expression can only contain non-primary key attributes: Primary key attribute: r"; "a filter on a key")]
#[test_case(json!({ "ExclusiveStartKey": { "p": { "S": "p" } } }), "The provided starting key is invalid"; "a start that is no key")]
#[test_case(json!({ "ExclusiveStartKey": { "p": { "S": "q" }, "r": { "N": "1" } } }), "The provided starting key is outside query boundaries based on provided conditions"; "a start elsewhere")]
fn a_query_that_cannot_be_run_is_refused(members: Value, why: &str) {
    let refused = ranged().invalid("Query", keyed(members));
    assert!(refused.contains(why), "{refused}");
}

#[test_case("OR r > :r"; "an alternative")]
#[test_case("AND r <> :r"; "an inequality")]
fn a_condition_on_keys_has_no_such_operator(more: &str) {
    let operator = more.split(' ').find(|word| ["OR", "<>"].contains(word)).unwrap();
    let input = json!({
        "TableName": "items", "KeyConditionExpression": format!("p = :p {more}"),
        "ExpressionAttributeValues": { ":p": { "S": "p" }, ":r": { "N": "1" } },
    });
    let why = format!("Invalid operator used in KeyConditionExpression: {operator}");
    assert_eq!(ranged().invalid("Query", input), why);
}

#[test]
fn a_type_that_is_none_cannot_be_asked_for() {
    let mut db = Db::with_table();
    let input = on_t(json!({
        "FilterExpression": "attribute_type (b, :t)", "ExpressionAttributeValues": { ":t": { "S": "TEXT" } },
    }));
    let why = "Invalid FilterExpression: Invalid attribute type name found; type: TEXT, valid types: \
               {B,NULL,SS,BOOL,L,BS,N,NS,S,M}";
    assert_eq!(db.invalid("Scan", input), why);
}

#[test]
fn a_scan_in_segments_finds_everything_once() {
    let mut db = Db::with_table();
    for number in 0..50 {
        db.put(json!({ "a": text(&format!("item-{number}")) }));
    }
    let counts = (0..4).map(|segment| {
        db.ok("Scan", on_t(json!({ "TotalSegments": 4, "Segment": segment })))["Count"].as_i64().unwrap()
    });
    assert_eq!(counts.sum::<i64>(), 50);
    let outside = db.invalid("Scan", on_t(json!({ "TotalSegments": 4, "Segment": 4 })));
    assert!(
        outside.contains("The Segment parameter is zero-based and must be less than parameter TotalSegments"),
        "{outside}"
    );
}

#[test]
fn a_page_has_at_most_a_megabyte() {
    let mut db = Db::with_table();
    for number in 0..4 {
        db.put(json!({ "a": text(&number.to_string()), "b": text(&"x".repeat(390 * 1024)) }));
    }
    let page = db.ok("Scan", on_t(json!({})));
    assert_eq!(page["Count"], 2);
    let rest = db.ok("Scan", on_t(json!({ "ExclusiveStartKey": page["LastEvaluatedKey"] })));
    assert_eq!((&rest["Count"], &rest["LastEvaluatedKey"]), (&json!(2), &Value::Null));
}

#[test]
fn capacity_is_told_as_it_is_asked_for() {
    let mut db = ranged();
    let item = json!({ "p": text("p"), "r": { "N": "20" }, "g": text("even") });
    let put = on_t(json!({ "Item": item, "ReturnConsumedCapacity": "INDEXES" }));
    assert_eq!(
        db.ok("PutItem", put)["ConsumedCapacity"],
        json!({
            "TableName": "items", "CapacityUnits": 2.0, "Table": { "CapacityUnits": 1.0 },
            "GlobalSecondaryIndexes": { "by-g": { "CapacityUnits": 1.0 } },
        })
    );
    let read = on_t(json!({ "Key": { "p": text("p"), "r": { "N": "1" } }, "ReturnConsumedCapacity": "TOTAL" }));
    assert_eq!(db.ok("GetItem", read)["ConsumedCapacity"], json!({ "TableName": "items", "CapacityUnits": 0.5 }));
}
