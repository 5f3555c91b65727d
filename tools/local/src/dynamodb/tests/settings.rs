//! Tags, time to live, point-in-time recovery, limits, and what stays when the plane ends.

use serde_json::{Value, json};
use test_case::test_case;

use super::{Db, on_demand, text};

const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/items";

fn table() -> Db {
    Db::with_table()
}

#[test]
fn a_table_is_tagged_and_untagged() {
    let mut db = table();
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    db.ok("TagResource", json!({ "ResourceArn": ARN, "Tags": [tag("a", "1"), tag("b", "2")] }));
    db.ok("TagResource", json!({ "ResourceArn": ARN, "Tags": [tag("b", "3")] }));
    db.ok("UntagResource", json!({ "ResourceArn": ARN, "TagKeys": ["a", "none"] }));
    assert_eq!(db.ok("ListTagsOfResource", json!({ "ResourceArn": ARN })), json!({ "Tags": [tag("b", "3")] }));
    let many: Vec<Value> = (0..50).map(|n| tag(&n.to_string(), "")).collect();
    let why = db.invalid("TagResource", json!({ "ResourceArn": ARN, "Tags": many }));
    assert_eq!(why, "Number of Tags exceed the current limit for the provided ResourceArn");
}

#[test_case(json!({ "Tags": [] }), "Atleast one Tag needs to be provided as Input."; "no tag")]
#[test_case(json!({ "Tags": [{ "Key": "x" }] }), "The Tag Value provided is invalid, Value: null"; "no value")]
#[test_case(json!({ "Tags": [{ "Key": "#", "Value": "" }] }), "The Tag Key provided is invalid, Key: #"; "a key of other characters")]
#[test_case(json!({ "Tags": [{ "Key": "x", "Value": "" }, { "Key": "x", "Value": "" }] }), "Duplicate Tag Keys provided as input: Duplicate Tag Key found x"; "a key twice")]
#[test_case(json!({ "ResourceArn": "t", "Tags": [{ "Key": "x", "Value": "" }] }), "One or more parameter values were invalid: ARNs must start with 'arn:': t"; "no arn")]
fn tags_that_cannot_be_are_refused(members: Value, why: &str) {
    let mut input = json!({ "ResourceArn": ARN });
    input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    assert_eq!(table().invalid("TagResource", input), why);
}

#[test]
fn tags_of_no_table_are_no_resource() {
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/none";
    let (code, message) = table().refused("ListTagsOfResource", json!({ "ResourceArn": arn }));
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(message, format!("Requested resource not found: ResourceArn: {arn} not found"));
}

#[test]
fn time_to_live_is_one_attribute_that_is_enabled_and_disabled() {
    let mut db = table();
    let set = |enabled: bool, attribute: &str| {
        json!({
            "TableName": "items", "TimeToLiveSpecification": { "Enabled": enabled, "AttributeName": attribute },
        })
    };
    assert_eq!(db.invalid("UpdateTimeToLive", set(false, "ttl")), "TimeToLive is already disabled");
    let answer = db.ok("UpdateTimeToLive", set(true, "ttl"));
    assert_eq!(answer, json!({ "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "ttl" } }));
    assert_eq!(db.invalid("UpdateTimeToLive", set(true, "ttl")), "TimeToLive is already enabled");
    let other = "TimeToLive is active on a different AttributeName: current AttributeName is ttl";
    assert_eq!(db.invalid("UpdateTimeToLive", set(true, "other")), other);
    assert_eq!(db.invalid("UpdateTimeToLive", set(false, "other")), other);
    let described = db.ok("DescribeTimeToLive", json!({ "TableName": "items" }));
    assert_eq!(described["TimeToLiveDescription"], json!({ "TimeToLiveStatus": "ENABLED", "AttributeName": "ttl" }));
    db.ok("UpdateTimeToLive", set(false, "ttl"));
    let described = db.ok("DescribeTimeToLive", json!({ "TableName": "items" }));
    assert_eq!(described["TimeToLiveDescription"], json!({ "TimeToLiveStatus": "DISABLED" }));
}

#[test]
fn recovery_is_kept_as_it_is_set() {
    let mut db = table();
    let recovery = |db: &mut Db| {
        let described = db.ok("DescribeContinuousBackups", json!({ "TableName": "items" }));
        described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"].clone()
    };
    assert_eq!(recovery(&mut db), json!({ "PointInTimeRecoveryStatus": "DISABLED" }));
    let set = |specification: Value| json!({ "TableName": "items", "PointInTimeRecoverySpecification": specification });
    db.ok("UpdateContinuousBackups", set(json!({ "PointInTimeRecoveryEnabled": true })));
    let enabled = recovery(&mut db);
    assert_eq!(
        (&enabled["PointInTimeRecoveryStatus"], &enabled["RecoveryPeriodInDays"]),
        (&json!("ENABLED"), &json!(35))
    );
    db.ok("UpdateContinuousBackups", set(json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 7 })));
    let shorter = recovery(&mut db);
    assert_eq!(shorter["RecoveryPeriodInDays"], 7);
    assert_eq!(shorter["EarliestRestorableDateTime"], enabled["EarliestRestorableDateTime"]);
    let why = db.invalid(
        "UpdateContinuousBackups",
        set(json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 36 })),
    );
    assert!(why.contains("Member must have value less than or equal to 35"), "{why}");
    let (code, _) = db.refused("DescribeContinuousBackups", json!({ "TableName": "none" }));
    assert_eq!(code, "TableNotFoundException");
}

#[test]
fn an_account_has_limits_and_the_plane_is_its_endpoint() {
    let mut db = Db::new();
    assert_eq!(db.ok("DescribeLimits", json!({}))["TableMaxReadCapacityUnits"], 40_000);
    assert_eq!(db.ok("DescribeEndpoints", json!({}))["Endpoints"][0]["Address"], "127.0.0.1:4566");
}

#[test]
fn tables_items_and_settings_outlive_the_plane() {
    let mut db = Db::new();
    let mut input = on_demand("items", &[("a", "S", "HASH")]);
    input["SSESpecification"] = json!({ "Enabled": true });
    db.ok("CreateTable", input);
    db.put(json!({ "a": text("1") }));
    let described = db.ok("DescribeTable", json!({ "TableName": "items" }));
    let mut db = db.again();
    let table = db.ok("DescribeTable", json!({ "TableName": "items" }));
    assert_eq!(table["Table"]["CreationDateTime"], described["Table"]["CreationDateTime"]);
    assert_eq!(table["Table"]["SSEDescription"], described["Table"]["SSEDescription"]);
    assert_eq!(db.ok("Scan", json!({ "TableName": "items" }))["Count"], 1);
}

#[test]
fn a_backup_outlives_its_table_and_makes_it_again() {
    let mut db = table();
    db.put(json!({ "a": text("1"), "n": { "N": "1" } }));
    let made = db.ok("CreateBackup", json!({ "TableName": "items", "BackupName": "first" }));
    let arn = made["BackupDetails"]["BackupArn"].clone();
    assert!(arn.as_str().unwrap().starts_with(&format!("{ARN}/backup/")), "{arn}");
    db.ok("DeleteTable", json!({ "TableName": "items" }));
    let described = db.ok("DescribeBackup", json!({ "BackupArn": arn }))["BackupDescription"].take();
    assert_eq!(described["BackupDetails"]["BackupStatus"], "AVAILABLE");
    assert_eq!(described["SourceTableDetails"]["ItemCount"], 1);
    assert_eq!(db.ok("ListBackups", json!({ "TableName": "items" }))["BackupSummaries"][0]["BackupArn"], arn);
    assert_eq!(db.ok("ListBackups", json!({ "TableName": "other" }))["BackupSummaries"], json!([]));
    let restore = json!({ "BackupArn": arn, "TargetTableName": "items" });
    let restored = db.ok("RestoreTableFromBackup", restore.clone())["TableDescription"].take();
    assert_eq!(restored["RestoreSummary"]["SourceBackupArn"], arn);
    assert_eq!(db.item("1"), json!({ "a": text("1"), "n": { "N": "1" } }));
    assert_eq!(db.refused("RestoreTableFromBackup", restore).0, "TableAlreadyExistsException");
    db.ok("DeleteBackup", json!({ "BackupArn": arn }));
    let gone = db.refused("DescribeBackup", json!({ "BackupArn": arn }));
    assert_eq!(gone, ("BackupNotFoundException".to_owned(), format!("Backup not found: {}", arn.as_str().unwrap())));
    assert_eq!(
        db.refused("CreateBackup", json!({ "TableName": "none", "BackupName": "one" })).0,
        "TableNotFoundException"
    );
}

#[test]
fn a_backup_is_restored_as_it_is_wanted_otherwise() {
    let mut db = Db::new();
    let mut input = on_demand("items", &[("a", "S", "HASH")]);
    input["AttributeDefinitions"].as_array_mut().unwrap().push(json!({ "AttributeName": "g", "AttributeType": "S" }));
    input["GlobalSecondaryIndexes"] = json!([{
        "IndexName": "by-g", "KeySchema": [{ "AttributeName": "g", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "ALL" },
    }]);
    db.ok("CreateTable", input);
    let made = db.ok("CreateBackup", json!({ "TableName": "items", "BackupName": "one" }));
    let throughput = json!({ "ReadCapacityUnits": 2, "WriteCapacityUnits": 3 });
    db.ok(
        "RestoreTableFromBackup",
        json!({
            "BackupArn": made["BackupDetails"]["BackupArn"], "TargetTableName": "other",
            "BillingModeOverride": "PROVISIONED", "ProvisionedThroughputOverride": throughput,
            "GlobalSecondaryIndexOverride": [],
        }),
    );
    let table = db.ok("DescribeTable", json!({ "TableName": "other" }))["Table"].take();
    assert_eq!(table["ProvisionedThroughput"]["WriteCapacityUnits"], 3);
    assert_eq!(table["AttributeDefinitions"], json!([{ "AttributeName": "a", "AttributeType": "S" }]));
}
