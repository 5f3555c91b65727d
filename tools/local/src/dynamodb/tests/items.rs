//! Items: keys, values, expressions and what is refused of them.

use serde_json::{Value, json};
use test_case::test_case;

use super::{Db, on_t, text};

fn update(expression: &str, values: Value) -> Value {
    let mut input = json!({ "Key": { "a": { "S": "1" } }, "UpdateExpression": expression });
    if !values.is_null() {
        input["ExpressionAttributeValues"] = values;
    }
    on_t(input)
}

#[test]
fn a_list_element_is_set_and_removed_by_its_index() {
    let mut db = Db::with_table();
    db.put(json!({ "a": text("1"), "l": { "L": [text("x"), text("y"), text("z")] } }));
    db.ok("UpdateItem", update("SET l[0] = :v REMOVE l[1]", json!({ ":v": text("new") })));
    assert_eq!(db.item("1"), json!({ "a": text("1"), "l": { "L": [text("new"), text("z")] } }));
    db.ok("UpdateItem", update("SET l[9] = :v", json!({ ":v": text("last") })));
    assert_eq!(db.item("1")["l"]["L"], json!([text("new"), text("z"), text("last")]));
}

#[test]
fn a_projection_reaches_into_maps_and_lists() {
    let mut db = Db::with_table();
    db.put(json!({
        "a": text("1"), "m": { "M": { "n": text("v"), "o": text("w") } }, "l": { "L": [text("x"), text("y"), text("z")] },
    }));
    let input = on_t(json!({ "Key": { "a": text("1") }, "ProjectionExpression": "a, m.n, l[2], l[0], absent.b" }));
    assert_eq!(
        db.ok("GetItem", input)["Item"],
        json!({ "a": text("1"), "m": { "M": { "n": text("v") } }, "l": { "L": [text("x"), text("z")] } })
    );
}

#[test_case(json!({ "N": "1" }), "One or more parameter values were invalid: Type mismatch for key a expected: S actual: N"; "of another type")]
#[test_case(json!({ "S": "" }), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: a"; "empty")]
#[test_case(json!({ "BOOL": true }), "One or more parameter values were invalid: Type mismatch for key a expected: S actual: BOOL"; "of a type that is none for keys")]
fn a_key_is_of_its_type_and_not_empty(key: Value, why: &str) {
    let mut db = Db::with_table();
    assert_eq!(db.invalid("PutItem", on_t(json!({ "Item": { "a": key } }))), why);
    assert_eq!(db.ok("Scan", on_t(json!({})))["Count"], 0);
}

#[test_case(json!({ "b": text("1") }), "The provided key element does not match the schema"; "another attribute")]
#[test_case(json!({ "a": text("1"), "b": text("1") }), "The provided key element does not match the schema"; "too many attributes")]
#[test_case(json!({ "a": { "N": "1" } }), "The provided key element does not match the schema"; "another type")]
#[test_case(json!({ "a": text("") }), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: a"; "an empty text")]
fn a_key_that_is_asked_for_is_the_tables(key: Value, why: &str) {
    let mut db = Db::with_table();
    assert_eq!(db.invalid("GetItem", on_t(json!({ "Key": key }))), why);
    assert_eq!(db.invalid("DeleteItem", on_t(json!({ "Key": key }))), why);
}

#[test]
fn an_item_without_its_key_is_refused() {
    let mut db = Db::with_table();
    let why = db.invalid("PutItem", on_t(json!({ "Item": { "b": text("1") } })));
    assert_eq!(why, "One or more parameter values were invalid: Missing the key a in the item");
}

#[test_case("SET m = :v, m.n = :v", "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, n]"; "a path within another")]
#[test_case("SET x = :v, x = :v", "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [x], path two: [x]"; "the same path twice")]
#[test_case("SET x = :v REMOVE x", "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [x], path two: [x]"; "in two clauses")]
#[test_case("SET a = :v", "One or more parameter values were invalid: Cannot update attribute a. This attribute is part of the key"; "a key")]
#[test_case("SET x = :v SET y = :v", "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;"; "a clause twice")]
#[test_case("SET size = :v", "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: size"; "a reserved word")]
#[test_case("SET x = :v +", "Invalid UpdateExpression: Syntax error; token: \"<EOF>\", near: \"+\""; "an end too early")]
#[test_case("SET x = :w", "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :w"; "a value that is not given")]
#[test_case("SET #x = :v", "Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #x"; "a name that is not given")]
fn an_update_expression_that_cannot_be_done_is_refused(expression: &str, why: &str) {
    let mut db = Db::with_table();
    let refused = db.invalid("UpdateItem", update(expression, json!({ ":v": text("2") })));
    // The findings of the request's validation are in its envelope; those of the table's keys are not.
    assert_eq!(refused.strip_prefix("1 validation error detected: ").unwrap_or(&refused), why);
    assert_eq!(db.item("1"), Value::Null);
}

#[test]
fn names_and_values_that_no_expression_uses_are_refused() {
    let mut db = Db::with_table();
    let mut input = update("SET x = :v", json!({ ":v": text("1"), ":w": text("2") }));
    let unused =
        "1 validation error detected: Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}";
    assert_eq!(db.invalid("UpdateItem", input.clone()), unused);
    input["ExpressionAttributeValues"] = json!({ ":v": text("1") });
    input["ExpressionAttributeNames"] = json!({ "#u": "u" });
    let unused =
        "1 validation error detected: Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}";
    assert_eq!(db.invalid("UpdateItem", input), unused);
    let alone = on_t(json!({ "Key": { "a": text("1") }, "ExpressionAttributeNames": { "#u": "u" } }));
    assert_eq!(db.invalid("GetItem", alone), "ExpressionAttributeNames can only be specified when using expressions");
}

#[test_case("1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"; "too large")]
#[test_case("1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range"; "too small")]
#[test_case("123456789012345678901234567890123456789", "Attempting to store more than 38 significant digits in a Number"; "too precise")]
#[test_case("one", "The parameter cannot be converted to a numeric value: one"; "no number")]
fn a_number_that_cannot_be_stored_is_refused(number: &str, why: &str) {
    let mut db = Db::with_table();
    let refused = db.invalid("PutItem", on_t(json!({ "Item": { "a": text("1"), "n": { "N": number } } })));
    assert!(refused.contains(why), "{refused}");
}

#[test]
fn numbers_are_kept_as_dynamodb_writes_them() {
    let mut db = Db::with_table();
    for (given, kept) in [("1.50", "1.5"), ("007", "7"), ("1E2", "100"), ("-0", "0"), ("1e-3", "0.001")] {
        db.put(json!({ "a": text("1"), "n": { "N": given } }));
        assert_eq!(db.item("1")["n"], json!({ "N": kept }), "{given}");
    }
    db.ok("UpdateItem", update("SET n = :x + :y", json!({ ":x": { "N": "0.1" }, ":y": { "N": "0.2" } })));
    assert_eq!(db.item("1")["n"], json!({ "N": "0.3" }));
}

#[test]
fn an_item_has_at_most_400_kilobytes() {
    let mut db = Db::with_table();
    let item = |length: usize| on_t(json!({ "Item": { "a": text("1"), "b": text(&"x".repeat(length)) } }));
    // Names count as well: `a`, its value and `b` are three bytes.
    db.ok("PutItem", item(400 * 1024 - 3));
    assert_eq!(db.invalid("PutItem", item(400 * 1024 - 2)), "Item size has exceeded the maximum allowed size");
    let grown = db.invalid("UpdateItem", update("SET c = :v", json!({ ":v": text("1") })));
    assert_eq!(grown, "Item size to update has exceeded the maximum allowed size");
}

#[test_case(json!({ "SS": [] }), "may not be empty"; "an empty set")]
#[test_case(json!({ "SS": ["x", "x"] }), "contains duplicates"; "a set with a member twice")]
#[test_case(json!({}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"; "no type")]
#[test_case(json!({ "S": "x", "N": "1" }), "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"; "two types")]
#[test_case(json!({ "NULL": false }), "Null attribute value types must have the value of true"; "a null that is none")]
fn a_value_is_one_of_the_types(value: Value, why: &str) {
    let mut db = Db::with_table();
    let refused = db.invalid("PutItem", on_t(json!({ "Item": { "a": text("1"), "v": value } })));
    assert!(refused.contains(why), "{refused}");
}

#[test]
fn an_update_answers_the_values_that_are_asked_for() {
    let mut db = Db::with_table();
    db.put(json!({ "a": text("1"), "x": text("old"), "y": text("kept") }));
    let mut answered = |wanted: &str, value: &str| {
        let mut input = update("SET x = :v", json!({ ":v": text(value) }));
        input["ReturnValues"] = json!(wanted);
        db.ok("UpdateItem", input)["Attributes"].take()
    };
    assert_eq!(answered("NONE", "1"), Value::Null);
    assert_eq!(answered("UPDATED_OLD", "2"), json!({ "x": text("1") }));
    assert_eq!(answered("UPDATED_NEW", "3"), json!({ "x": text("3") }));
    assert_eq!(answered("ALL_OLD", "4"), json!({ "a": text("1"), "x": text("3"), "y": text("kept") }));
    assert_eq!(answered("ALL_NEW", "5"), json!({ "a": text("1"), "x": text("5"), "y": text("kept") }));
}

#[test]
fn a_put_and_a_delete_answer_the_old_item_or_nothing() {
    let mut db = Db::with_table();
    let put = on_t(json!({ "Item": { "a": text("1") }, "ReturnValues": "ALL_OLD" }));
    assert_eq!(db.ok("PutItem", put.clone())["Attributes"], Value::Null);
    assert_eq!(db.ok("PutItem", put.clone())["Attributes"], json!({ "a": text("1") }));
    for (operation, part) in [("PutItem", "Item"), ("DeleteItem", "Key")] {
        let input = on_t(json!({ part: { "a": text("1") }, "ReturnValues": "ALL_NEW" }));
        assert_eq!(
            db.invalid(operation, input),
            "1 validation error detected: ReturnValues can only be ALL_OLD or NONE"
        );
    }
    let delete = on_t(json!({ "Key": { "a": text("1") }, "ReturnValues": "ALL_OLD" }));
    assert_eq!(db.ok("DeleteItem", delete.clone())["Attributes"], json!({ "a": text("1") }));
    assert_eq!(db.ok("DeleteItem", delete)["Attributes"], Value::Null);
}

#[test]
fn a_failed_condition_shows_the_item_when_it_is_asked_to() {
    let mut db = Db::with_table();
    db.put(json!({ "a": text("1"), "n": { "N": "1" } }));
    let mut put = on_t(json!({ "Item": { "a": text("1") }, "ConditionExpression": "attribute_not_exists(a)" }));
    let refused = db.call("PutItem", put.clone()).unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.message.as_str()),
        ("ConditionalCheckFailedException", "The conditional request failed")
    );
    assert!(!refused.extras.contains_key("Item"));
    put["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    let refused = db.call("PutItem", put).unwrap_err();
    assert_eq!(refused.extras["Item"], json!({ "a": text("1"), "n": { "N": "1" } }));
    // With members of its own, the error has its text under another name.
    assert_eq!(refused.extras["Message"], json!(refused.message));
}

#[test]
fn the_older_parameters_are_run() {
    let mut db = Db::with_table();
    db.put(json!({ "a": text("1"), "n": { "N": "1" }, "s": { "SS": ["x"] } }));
    let updates = json!({
        "n": { "Action": "ADD", "Value": { "N": "2" } }, "s": { "Action": "DELETE", "Value": { "SS": ["x"] } },
        "p": { "Action": "PUT", "Value": text("put") },
    });
    let expected = json!({ "n": { "ComparisonOperator": "LT", "AttributeValueList": [{ "N": "5" }] } });
    let input = on_t(json!({ "Key": { "a": text("1") }, "AttributeUpdates": updates, "Expected": expected }));
    db.ok("UpdateItem", input);
    assert_eq!(db.item("1"), json!({ "a": text("1"), "n": { "N": "3" }, "p": text("put") }));
    let conditions = json!({ "a": { "ComparisonOperator": "EQ", "AttributeValueList": [text("1")] } });
    assert_eq!(db.ok("Query", on_t(json!({ "KeyConditions": conditions })))["Count"], 1);
    let both = on_t(
        json!({ "KeyConditions": conditions, "FilterExpression": "n = :n", "ExpressionAttributeValues": { ":n": { "N": "3" } } }),
    );
    let why = db.invalid("Query", both);
    assert!(why.starts_with("Can not use both expression and non-expression parameters in the same request:"), "{why}");
}

#[test]
fn batches_say_what_they_may_hold() {
    let mut db = Db::with_table();
    let put = |key: &str| json!({ "PutRequest": { "Item": { "a": { "S": key } } } });
    let twice = json!({ "RequestItems": { "items": [put("1"), put("1")] } });
    assert_eq!(db.invalid("BatchWriteItem", twice), "Provided list of item keys contains duplicates");
    let mut both = put("1");
    both["DeleteRequest"] = json!({ "Key": { "a": text("1") } });
    db.invalid("BatchWriteItem", json!({ "RequestItems": { "items": [both] } }));
    let many: Vec<Value> = (0..26).map(|n| put(&n.to_string())).collect();
    let many = db.invalid("BatchWriteItem", json!({ "RequestItems": { "items": many } }));
    assert!(many.contains("Member must have length less than or equal to 25"), "{many}");
    let written = db.ok("BatchWriteItem", json!({ "RequestItems": { "items": [put("1"), put("2")] } }));
    assert_eq!(written["UnprocessedItems"], json!({}));
    let keys = [json!({ "a": text("1") }), json!({ "a": text("none") })];
    let read = db.ok("BatchGetItem", json!({ "RequestItems": { "items": { "Keys": keys } } }));
    assert_eq!((&read["Responses"]["items"], &read["UnprocessedKeys"]), (&json!([{ "a": text("1") }]), &json!({})));
}

#[test]
fn a_batch_and_a_transaction_read_what_they_project_and_no_key_beside() {
    let mut db = Db::with_table();
    db.put(json!({ "a": text("1"), "n": { "N": "1" } }));
    let mut asked = json!({ "Keys": [{ "a": text("1") }], "ProjectionExpression": "n" });
    let batch = |db: &mut Db, asked: &Value| {
        db.ok("BatchGetItem", json!({ "RequestItems": { "items": asked } }))["Responses"]["items"][0].take()
    };
    assert_eq!(batch(&mut db, &asked), json!({ "n": { "N": "1" } }));
    asked["ProjectionExpression"] = json!("n, #a");
    asked["ExpressionAttributeNames"] = json!({ "#a": "a" });
    assert_eq!(batch(&mut db, &asked), json!({ "a": text("1"), "n": { "N": "1" } }));
    assert_eq!(batch(&mut db, &json!({ "Keys": [{ "a": text("1") }] })), json!({ "a": text("1"), "n": { "N": "1" } }));
}

#[test]
fn statements_of_partiql_are_run() {
    let mut db = Db::with_table();
    db.ok("ExecuteStatement", json!({ "Statement": "INSERT INTO \"items\" VALUE {'a': '1', 'n': 1}" }));
    let again = db.refused("ExecuteStatement", json!({ "Statement": "INSERT INTO \"items\" VALUE {'a': '1'}" }));
    assert_eq!(again.0, "DuplicateItemException");
    db.ok(
        "ExecuteStatement",
        json!({
            "Statement": "UPDATE \"items\" SET n = n + ? WHERE a = ?", "Parameters": [{ "N": "2" }, text("1")],
        }),
    );
    let found = db.ok("ExecuteStatement", json!({ "Statement": "SELECT n FROM \"items\" WHERE a = '1'" }));
    assert_eq!(found["Items"], json!([{ "n": { "N": "3" } }]));
}

#[test]
fn a_table_that_is_not_there_is_no_resource() {
    let mut db = Db::new();
    let put = db.refused("PutItem", on_t(json!({ "Item": { "a": text("1") }, "TableName": "none" })));
    assert_eq!(put, ("ResourceNotFoundException".to_owned(), "Requested resource not found".to_owned()));
    let described = db.refused("DescribeTable", json!({ "TableName": "none" }));
    assert_eq!(described.1, "Requested resource not found: Table: none not found");
}
