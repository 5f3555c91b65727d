//! Streams: what they tell, from where, for how long; and items past their time to live.

use std::time::Duration;

use serde_json::{Value, json};
use test_case::test_case;

use super::{Db, on_demand, text};

/// A table `items` with a stream of `view`; its ARN.
fn streamed(db: &mut Db, view: &str) -> String {
    let mut input = on_demand("items", &[("a", "S", "HASH")]);
    input["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": view });
    let made = db.ok("CreateTable", input);
    made["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned()
}

fn shard(db: &mut Db, stream: &str) -> Value {
    db.ok("DescribeStream", json!({ "StreamArn": stream }))["StreamDescription"]["Shards"][0].take()
}

fn iterator(db: &mut Db, stream: &str, kind: &str) -> Value {
    let shard = shard(db, stream);
    let input = json!({ "StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": kind });
    db.ok("GetShardIterator", input)["ShardIterator"].take()
}

/// The records of a stream from its beginning.
fn records(db: &mut Db, stream: &str) -> Vec<Value> {
    let iterator = iterator(db, stream, "TRIM_HORIZON");
    db.ok("GetRecords", json!({ "ShardIterator": iterator }))["Records"].as_array().unwrap().clone()
}

#[test]
fn a_stream_tells_every_change_in_order() {
    let mut db = Db::new();
    let stream = streamed(&mut db, "NEW_AND_OLD_IMAGES");
    db.put(json!({ "a": text("1"), "b": text("x") }));
    db.put(json!({ "a": text("1"), "b": text("y") }));
    db.put(json!({ "a": text("1"), "b": text("y") }));
    db.ok("DeleteItem", json!({ "TableName": "items", "Key": { "a": text("1") } }));
    let told = records(&mut db, &stream);
    let names: Vec<&Value> = told.iter().map(|record| &record["eventName"]).collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"], "a put that changes nothing is no change");
    let modified = &told[1];
    assert_eq!(
        (&modified["eventSource"], &modified["awsRegion"], &modified["eventVersion"]),
        (&json!("aws:dynamodb"), &json!("us-east-1"), &json!("1.1"))
    );
    let change = &modified["dynamodb"];
    assert_eq!(change["Keys"], json!({ "a": text("1") }));
    assert_eq!((&change["OldImage"]["b"], &change["NewImage"]["b"]), (&text("x"), &text("y")));
    assert_eq!((&change["SizeBytes"], &change["StreamViewType"]), (&json!(10), &json!("NEW_AND_OLD_IMAGES")));
    assert!(modified.get("userIdentity").is_none());
    let numbers: Vec<&str> = told.iter().map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap()).collect();
    assert!(numbers.is_sorted() && numbers.iter().all(|number| number.len() >= 21), "{numbers:?}");
}

#[test_case("KEYS_ONLY", false, false)]
#[test_case("NEW_IMAGE", false, true)]
#[test_case("OLD_IMAGE", true, false)]
#[test_case("NEW_AND_OLD_IMAGES", true, true)]
fn a_record_shows_what_the_stream_is_of(view: &str, old: bool, new: bool) {
    let mut db = Db::new();
    let stream = streamed(&mut db, view);
    db.put(json!({ "a": text("1"), "b": text("x") }));
    db.put(json!({ "a": text("1"), "b": text("y") }));
    let told = records(&mut db, &stream);
    let change = &told[1]["dynamodb"];
    assert_eq!((change.get("OldImage").is_some(), change.get("NewImage").is_some()), (old, new));
    let table = db.ok("DescribeTable", json!({ "TableName": "items" }))["Table"].take();
    assert_eq!(table["StreamSpecification"], json!({ "StreamEnabled": true, "StreamViewType": view }));
}

#[test]
fn a_reader_begins_where_it_asks_to() {
    let mut db = Db::new();
    let stream = streamed(&mut db, "KEYS_ONLY");
    db.put(json!({ "a": text("1") }));
    let latest = iterator(&mut db, &stream, "LATEST");
    db.put(json!({ "a": text("2") }));
    let told = db.ok("GetRecords", json!({ "ShardIterator": latest }));
    assert_eq!(told["Records"][0]["dynamodb"]["Keys"], json!({ "a": text("2") }));
    let next = db.ok("GetRecords", json!({ "ShardIterator": told["NextShardIterator"] }));
    assert_eq!(next["Records"], json!([]));
    let page = iterator(&mut db, &stream, "TRIM_HORIZON");
    let page = db.ok("GetRecords", json!({ "ShardIterator": page, "Limit": 1 }));
    assert_eq!(page["Records"].as_array().unwrap().len(), 1);
    let shard = shard(&mut db, &stream);
    let number = &told["Records"][0]["dynamodb"]["SequenceNumber"];
    for (kind, keys) in [("AT_SEQUENCE_NUMBER", 1), ("AFTER_SEQUENCE_NUMBER", 0)] {
        let input = json!({
            "StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": kind, "SequenceNumber": number,
        });
        let iterator = db.ok("GetShardIterator", input)["ShardIterator"].take();
        let told = db.ok("GetRecords", json!({ "ShardIterator": iterator }));
        assert_eq!(told["Records"].as_array().unwrap().len(), keys, "{kind}");
    }
}

#[test]
fn what_names_no_stream_no_shard_and_no_place_is_refused() {
    let mut db = Db::new();
    let stream = streamed(&mut db, "KEYS_ONLY");
    let none = format!("{}2000-01-01T00:00:00.000", &stream[..stream.len() - 23]);
    assert_eq!(db.refused("DescribeStream", json!({ "StreamArn": none })).0, "ResourceNotFoundException");
    db.invalid("DescribeStream", json!({ "StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/items" }));
    let input = json!({ "StreamArn": stream, "ShardId": "shardId-00000000000000000000-00000000", "ShardIteratorType": "LATEST" });
    assert_eq!(db.refused("GetShardIterator", input).0, "ResourceNotFoundException");
    assert_eq!(db.invalid("GetRecords", json!({ "ShardIterator": "none" })), "Invalid ShardIterator");
}

#[test]
fn a_stream_that_ended_can_be_read_to_its_end_and_a_new_one_begins_anew() {
    let mut db = Db::new();
    let first = streamed(&mut db, "KEYS_ONLY");
    db.put(json!({ "a": text("1") }));
    db.ok("UpdateTable", json!({ "TableName": "items", "StreamSpecification": { "StreamEnabled": false } }));
    let table = db.ok("DescribeTable", json!({ "TableName": "items" }))["Table"].take();
    assert_eq!((&table["LatestStreamArn"], &table["StreamSpecification"]), (&json!(first), &Value::Null));
    db.put(json!({ "a": text("unseen") }));
    let again = json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    let made = db.ok("UpdateTable", json!({ "TableName": "items", "StreamSpecification": again }));
    let second = made["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    db.put(json!({ "a": text("2") }));
    let keys = |records: Vec<Value>| -> Vec<Value> {
        records.iter().map(|record| record["dynamodb"]["Keys"]["a"].clone()).collect()
    };
    assert_eq!(keys(records(&mut db, &first)), [text("1")]);
    assert_eq!(keys(records(&mut db, &second)), [text("2")]);
    let ended = db.ok("DescribeStream", json!({ "StreamArn": first }))["StreamDescription"].take();
    assert_eq!(ended["StreamStatus"], "DISABLED");
    assert!(ended["Shards"][0]["SequenceNumberRange"]["EndingSequenceNumber"].is_string(), "{ended}");
    let last = iterator(&mut db, &first, "TRIM_HORIZON");
    assert!(db.ok("GetRecords", json!({ "ShardIterator": last }))["NextShardIterator"].is_null());
    let listed = db.ok("ListStreams", json!({ "TableName": "items", "Limit": 1 }));
    assert_eq!((&listed["Streams"][0]["StreamArn"], &listed["LastEvaluatedStreamArn"]), (&json!(first), &json!(first)));
    let rest = db.ok("ListStreams", json!({ "ExclusiveStartStreamArn": first }));
    assert_eq!(rest["Streams"][0]["StreamArn"], json!(second));
}

#[test]
fn a_table_of_the_same_name_has_nothing_of_the_old_ones_stream() {
    let mut db = Db::new();
    let old = streamed(&mut db, "KEYS_ONLY");
    db.put(json!({ "a": text("1") }));
    db.ok("DeleteTable", json!({ "TableName": "items" }));
    let new = streamed(&mut db, "KEYS_ONLY");
    assert_eq!(records(&mut db, &new), Vec::<Value>::new());
    assert_eq!(records(&mut db, &old).len(), 1);
}

#[test]
fn an_item_past_its_time_to_live_is_removed_by_dynamodb_on_the_planes_clock() {
    let mut db = Db::paused();
    let stream = streamed(&mut db, "NEW_AND_OLD_IMAGES");
    let specification = json!({ "Enabled": true, "AttributeName": "ttl" });
    db.ok("UpdateTimeToLive", json!({ "TableName": "items", "TimeToLiveSpecification": specification }));
    let soon = (db.hub.now().as_millis() / 1000 + 600).to_string();
    db.put(json!({ "a": text("goes"), "ttl": { "N": soon } }));
    db.put(json!({ "a": text("stays"), "ttl": text(&soon) }));
    db.wait(Duration::from_secs(8));
    assert_eq!(db.item("goes")["a"], text("goes"));
    db.wait(Duration::from_secs(4));
    assert_eq!((db.item("goes"), db.item("stays")["a"].take()), (Value::Null, text("stays")));
    let told = records(&mut db, &stream);
    let removed = told.last().unwrap();
    assert_eq!(removed["eventName"], "REMOVE");
    assert_eq!(removed["userIdentity"], json!({ "Type": "Service", "PrincipalId": "dynamodb.amazonaws.com" }));
    assert_eq!(removed["dynamodb"]["OldImage"]["a"], text("goes"));
}

#[test]
fn iterators_expire_and_streams_are_forgotten() {
    let mut db = Db::paused();
    let stream = streamed(&mut db, "KEYS_ONLY");
    db.put(json!({ "a": text("1") }));
    let place = iterator(&mut db, &stream, "TRIM_HORIZON");
    db.wait(Duration::from_secs(16));
    assert_eq!(db.refused("GetRecords", json!({ "ShardIterator": place })).0, "ExpiredIteratorException");
    db.wait(Duration::from_secs(24 * 60));
    assert_eq!(records(&mut db, &stream), Vec::<Value>::new());
    db.ok("DeleteTable", json!({ "TableName": "items" }));
    db.wait(Duration::from_secs(24 * 60));
    assert_eq!(db.ok("ListStreams", json!({})), json!({ "Streams": [] }));
}
