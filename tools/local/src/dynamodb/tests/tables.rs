//! Tables: how they are made, changed, described and ended.

use serde_json::{Value, json};
use test_case::test_case;

use super::{Db, on_demand};

const KEY: &[(&str, &str, &str)] = &[("a", "S", "HASH")];

fn defined(name: &str) -> Value {
    json!({ "AttributeName": name, "AttributeType": "S" })
}

fn index(name: &str) -> Value {
    json!({
        "IndexName": name, "KeySchema": [{ "AttributeName": "g", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "ALL" },
    })
}

fn without(mut input: Value, member: &str) -> Value {
    input.as_object_mut().unwrap().shift_remove(member);
    input
}

fn with(mut input: Value, members: Value) -> Value {
    input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    input
}

#[test]
fn a_table_that_neither_says_its_mode_nor_its_throughput_is_refused() {
    let why = Db::new().invalid("CreateTable", without(on_demand("items", KEY), "BillingMode"));
    assert!(
        why.contains("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"),
        "{why}"
    );
}

#[test]
fn an_attribute_that_is_in_no_key_is_not_defined() {
    let input = with(on_demand("items", KEY), json!({ "AttributeDefinitions": [defined("a"), defined("b")] }));
    let why = Db::new().invalid("CreateTable", input);
    assert_eq!(
        why,
        "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of \
         attributes defined in AttributeDefinitions"
    );
}

#[test_case(json!({ "AttributeDefinitions": [] }), "Invalid KeySchema: Some index key attribute have no definition"; "a key that is not defined")]
#[test_case(json!({ "KeySchema": [{ "AttributeName": "a", "KeyType": "RANGE" }] }), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"; "a sort key alone")]
#[test_case(json!({ "ProvisionedThroughput": { "ReadCapacityUnits": 1, "WriteCapacityUnits": 1 } }), "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"; "throughput on demand")]
#[test_case(json!({ "StreamSpecification": { "StreamEnabled": true } }), "Table is being created with a stream enabled, UpdateViewType is required"; "a stream without its view")]
#[test_case(json!({ "SSESpecification": { "Enabled": true, "SSEType": "AES256" } }), "SSEType AES256 is not supported"; "an encryption that is none")]
#[test_case(json!({ "Tags": [{ "Key": "aws:x", "Value": "y" }] }), "Tag Key cannot be prefixed with aws:, Key: aws:x"; "a tag of AWS")]
#[test_case(json!({ "TableClass": "COLD" }), "COLD"; "a class that is none")]
#[test_case(json!({ "LocalSecondaryIndexes": [{ "IndexName": "lsi", "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }, { "AttributeName": "a", "KeyType": "RANGE" }], "Projection": { "ProjectionType": "ALL" } }] }), ""; "a local index of a table without a sort key")]
fn a_table_that_cannot_be_is_refused(members: Value, why: &str) {
    let mut db = Db::new();
    let refused = db.invalid("CreateTable", with(on_demand("items", KEY), members));
    assert!(refused.contains(why), "{refused}");
    assert_eq!(db.ok("ListTables", json!({}))["TableNames"], json!([]));
}

#[test]
fn a_table_is_described_with_the_planes_names_and_dates() {
    let mut db = Db::new();
    let made = db.ok("CreateTable", on_demand("table", KEY));
    let made = &made["TableDescription"];
    assert_eq!(made["TableStatus"], "CREATING");
    assert_eq!(made["BillingModeSummary"], json!({ "BillingMode": "PAY_PER_REQUEST" }));
    let table = db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"].take();
    assert_eq!((&table["TableStatus"], &table["TableId"]), (&json!("ACTIVE"), &made["TableId"]));
    assert_eq!(table["TableArn"], "arn:aws:dynamodb:us-east-1:000000000000:table/table");
    assert_eq!(table["CreationDateTime"], made["CreationDateTime"]);
    assert_eq!(table["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"], made["CreationDateTime"]);
    assert_eq!(table["DeletionProtectionEnabled"], false);
    assert_eq!((&made["DeletionProtectionEnabled"], &made["WarmThroughput"]), (&json!(false), &Value::Null));
    let warm = json!({ "ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE" });
    assert_eq!(table["WarmThroughput"], warm);
    let throughput = json!({ "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0 });
    assert_eq!(table["ProvisionedThroughput"], throughput);
    let by_arn = db.ok("DescribeTable", json!({ "TableName": table["TableArn"] }));
    assert_eq!(by_arn["Table"]["TableName"], "table");
}

#[test]
fn a_table_is_made_once_and_ended_once() {
    let mut db = Db::new();
    db.ok("CreateTable", on_demand("table", KEY));
    let again = db.refused("CreateTable", on_demand("table", KEY));
    assert_eq!(again, ("ResourceInUseException".to_owned(), "Table already exists: table".to_owned()));
    let ended = db.ok("DeleteTable", json!({ "TableName": "table" }))["TableDescription"].take();
    assert_eq!((&ended["TableStatus"], &ended["KeySchema"]), (&json!("DELETING"), &Value::Null));
    let gone = db.refused("DeleteTable", json!({ "TableName": "table" }));
    let why = "Requested resource not found: Table: table not found".to_owned();
    assert_eq!(gone, ("ResourceNotFoundException".to_owned(), why));
}

#[test]
fn a_protected_table_is_not_ended() {
    let mut db = Db::new();
    db.ok("CreateTable", with(on_demand("table", KEY), json!({ "DeletionProtectionEnabled": true })));
    let why = db.invalid("DeleteTable", json!({ "TableName": "table" }));
    assert_eq!(
        why,
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
    );
    db.ok("UpdateTable", json!({ "TableName": "table", "DeletionProtectionEnabled": false }));
    assert_eq!(db.ok("DeleteTable", json!({ "TableName": "table" }))["TableDescription"]["TableStatus"], "DELETING");
    assert_eq!(db.refused("DeleteTable", json!({ "TableName": "table" })).0, "ResourceNotFoundException");
}

#[test]
fn tables_are_listed_by_name_in_pages() {
    let mut db = Db::new();
    for name in ["bbb", "Abc", "ccc"] {
        db.ok("CreateTable", on_demand(name, KEY));
    }
    let page = db.ok("ListTables", json!({ "Limit": 2 }));
    assert_eq!(page, json!({ "TableNames": ["Abc", "bbb"], "LastEvaluatedTableName": "bbb" }));
    let rest = db.ok("ListTables", json!({ "Limit": 2, "ExclusiveStartTableName": "bbb" }));
    assert_eq!(rest, json!({ "TableNames": ["ccc"] }));
    let why = db.invalid("ListTables", json!({ "Limit": 101 }));
    assert!(
        why.contains(
            "Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100"
        ),
        "{why}"
    );
}

#[test_case(json!({ "DeletionProtectionEnabled": true, "TableClass": "STANDARD" }), "TableClass modification must be the only operation in the request"; "the class beside something")]
#[test_case(json!({ "SSESpecification": { "Enabled": true }, "DeletionProtectionEnabled": true }), "Server-Side Encryption modification must be the only operation in the request"; "the key beside something")]
#[test_case(json!({ "StreamSpecification": { "StreamEnabled": false } }), "Table has no stream to disable: TableName: table"; "the end of no stream")]
#[test_case(json!({ "StreamSpecification": { "StreamEnabled": true } }), "If stream is being enabled then UpdateViewType is required"; "a stream without its view")]
#[test_case(json!({ "SSESpecification": { "Enabled": false } }), "Table is already encrypted by default"; "the key that it has")]
#[test_case(json!({ "ProvisionedThroughput": { "ReadCapacityUnits": 1, "WriteCapacityUnits": 1 } }), "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"; "throughput on demand")]
#[test_case(json!({ "BillingMode": "PROVISIONED" }), "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"; "no throughput")]
#[test_case(json!({}), "At least one of ProvisionedThroughput, BillingMode"; "nothing")]
fn a_change_that_cannot_be_is_refused(members: Value, why: &str) {
    let mut db = Db::new();
    db.ok("CreateTable", on_demand("table", KEY));
    let refused = db.invalid("UpdateTable", with(json!({ "TableName": "table" }), members));
    assert!(refused.contains(why), "{refused}");
}

#[test]
fn an_index_is_added_with_its_throughput_and_taken_away() {
    let mut db = Db::new();
    let throughput = json!({ "ReadCapacityUnits": 3, "WriteCapacityUnits": 4 });
    let table = with(without(on_demand("table", KEY), "BillingMode"), json!({ "ProvisionedThroughput": throughput }));
    db.ok("CreateTable", table);
    let change = |action: Value| {
        json!({
            "TableName": "table", "AttributeDefinitions": [defined("a"), defined("g")], "GlobalSecondaryIndexUpdates": [action],
        })
    };
    let bare = db.invalid("UpdateTable", change(json!({ "Create": index("by-g") })));
    assert!(bare.contains("ProvisionedThroughput must be specified for index: by-g"), "{bare}");
    let create = with(index("by-g"), json!({ "ProvisionedThroughput": throughput }));
    let changing = db.ok("UpdateTable", change(json!({ "Create": create })));
    let changing = &changing["TableDescription"];
    assert_eq!(
        (&changing["TableStatus"], &changing["GlobalSecondaryIndexes"][0]["IndexStatus"]),
        (&json!("UPDATING"), &json!("CREATING"))
    );
    let made = db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"]["GlobalSecondaryIndexes"][0].take();
    assert_eq!(made["IndexArn"], "arn:aws:dynamodb:us-east-1:000000000000:table/table/index/by-g");
    assert_eq!(made["ProvisionedThroughput"]["WriteCapacityUnits"], 4);
    let wider = |read: i64| json!({ "Update": { "IndexName": "by-g", "ProvisionedThroughput": { "ReadCapacityUnits": read, "WriteCapacityUnits": 4 } } });
    let same = db.invalid("UpdateTable", change(wider(3)));
    assert!(same.starts_with("The provisioned throughput for the index by-g will not change."), "{same}");
    db.ok("UpdateTable", change(wider(9)));
    let wide = db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"]["GlobalSecondaryIndexes"][0].take();
    assert_eq!(wide["ProvisionedThroughput"]["ReadCapacityUnits"], 9);
    let ghost = db.refused("UpdateTable", change(json!({ "Delete": { "IndexName": "ghost" } })));
    assert_eq!(
        ghost,
        (
            "ResourceNotFoundException".to_owned(),
            "Requested resource not found: Index ghost for table table".to_owned()
        )
    );
    let going = db.ok("UpdateTable", change(json!({ "Delete": { "IndexName": "by-g" } })));
    assert_eq!(going["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"], "DELETING");
    let gone = db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"].take();
    assert!(
        gone["GlobalSecondaryIndexes"].is_null() && gone["AttributeDefinitions"].as_array().unwrap().len() == 1,
        "{gone}"
    );
}

#[test]
fn a_table_changes_its_billing_and_tells_since_when() {
    let mut db = Db::new();
    let throughput = json!({ "ReadCapacityUnits": 1, "WriteCapacityUnits": 1 });
    let table = with(without(on_demand("table", KEY), "BillingMode"), json!({ "ProvisionedThroughput": throughput }));
    db.ok("CreateTable", table);
    let described = |db: &mut Db| db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"].take();
    assert_eq!(described(&mut db)["BillingModeSummary"], Value::Null);
    db.ok("UpdateTable", json!({ "TableName": "table", "BillingMode": "PAY_PER_REQUEST" }));
    assert_eq!(described(&mut db)["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    db.ok(
        "UpdateTable",
        json!({ "TableName": "table", "BillingMode": "PROVISIONED", "ProvisionedThroughput": throughput }),
    );
    let summary = described(&mut db)["BillingModeSummary"].take();
    assert_eq!(summary["BillingMode"], "PROVISIONED");
    assert!(summary["LastUpdateToPayPerRequestDateTime"].is_number(), "{summary}");
}

#[test]
fn a_table_can_take_what_it_was_ever_made_for() {
    let mut db = Db::new();
    let units = |units: i64| json!({ "ReadCapacityUnits": units, "WriteCapacityUnits": 1 });
    let table = with(without(on_demand("table", KEY), "BillingMode"), json!({ "ProvisionedThroughput": units(3) }));
    db.ok("CreateTable", table);
    for wanted in [5, 2] {
        db.ok("UpdateTable", json!({ "TableName": "table", "ProvisionedThroughput": units(wanted) }));
    }
    let table = db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"].take();
    assert_eq!(table["ProvisionedThroughput"]["ReadCapacityUnits"], 2);
    assert_eq!(table["WarmThroughput"]["ReadUnitsPerSecond"], 5);
}

#[test]
fn a_table_that_leaves_paying_per_request_says_the_throughput_of_its_indexes() {
    let mut db = Db::new();
    let definitions =
        json!({ "AttributeDefinitions": [defined("a"), defined("g")], "GlobalSecondaryIndexes": [index("by-g")] });
    db.ok("CreateTable", with(on_demand("table", KEY), definitions));
    let throughput = json!({ "ReadCapacityUnits": 1, "WriteCapacityUnits": 2 });
    let mut change = json!({ "TableName": "table", "BillingMode": "PROVISIONED", "ProvisionedThroughput": throughput });
    let why = db.invalid("UpdateTable", change.clone());
    assert!(why.contains("ProvisionedThroughput must be specified for index: by-g"), "{why}");
    change["GlobalSecondaryIndexUpdates"] =
        json!([{ "Update": { "IndexName": "by-g", "ProvisionedThroughput": throughput } }]);
    db.ok("UpdateTable", change);
    let table = db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"].take();
    assert_eq!(table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"], 2);
}

#[test]
fn the_key_of_kms_is_kept_and_changed() {
    let mut db = Db::new();
    db.ok("CreateTable", on_demand("table", KEY));
    let change = |specification: Value| json!({ "TableName": "table", "SSESpecification": specification });
    let changing = db.ok("UpdateTable", change(json!({ "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "id" })));
    assert_eq!(changing["TableDescription"]["SSEDescription"]["Status"], "UPDATING");
    let described = db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"]["SSEDescription"].take();
    let arn = "arn:aws:kms:us-east-1:000000000000:key/id";
    assert_eq!(described, json!({ "Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn }));
    let again = db.invalid("UpdateTable", change(json!({ "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": arn })));
    assert!(again.contains("Table is already encrypted with given KMSMasterKeyId"), "{again}");
    db.ok("UpdateTable", change(json!({ "Enabled": false })));
    assert_eq!(db.ok("DescribeTable", json!({ "TableName": "table" }))["Table"]["SSEDescription"], Value::Null);
}

#[test_case("CreateTable", json!({ "ResourcePolicy": "{}" }), "CreateTable with ResourcePolicy"; "a policy")]
#[test_case("CreateTable", json!({ "GlobalSecondaryIndexes": [{ "IndexName": "i", "OnDemandThroughput": { "MaxReadRequestUnits": 1 } }] }), "CreateTable with GlobalSecondaryIndexes.OnDemandThroughput"; "within an index")]
#[test_case("UpdateTable", json!({ "ReplicaUpdates": [{ "Create": { "RegionName": "eu-west-1" } }] }), "UpdateTable with ReplicaUpdates"; "replicas")]
#[test_case("ImportTable", json!({}), "ImportTable"; "an operation")]
fn what_is_not_run_is_refused_by_its_name(operation: &str, members: Value, named: &str) {
    let (code, message) = Db::new().refused(operation, with(json!({ "TableName": "table" }), members));
    assert_eq!(code, "NotImplemented");
    assert!(message.contains(&format!("dynamodb:{named};")), "{message}");
}

#[test]
fn a_request_of_another_shape_is_not_read() {
    let mut db = Db::with_table();
    let (code, message) = db.refused("PutItem", json!({ "TableName": 23, "Item": {} }));
    assert_eq!(code, "SerializationException");
    assert!(message.starts_with("NUMBER_VALUE can"), "{message}");
}
