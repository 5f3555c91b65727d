//! The schemas in the repository are those of the types, and say what the reader says.
//!
//! `UPDATE_SCHEMA=1 cargo test -p slipway --test schema` writes them anew.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Value, json};
use slipway_shared::manifest::{Manifest, manifest_schema, suite_schema};
use slipway_shared::template::parse_document;
use test_case::test_case;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test_case("slipway.schema.json", &manifest_schema(); "of a manifest")]
#[test_case("slipway-suite.schema.json", &suite_schema(); "of a suite")]
fn the_repository_holds_the_schema_of_the_types(file: &str, schema: &str) {
    let path = project().join(file);
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, schema).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == schema, "{file} is old: see the head of this test");
}

fn read(file: &str) -> Value {
    parse_document(&fs::read_to_string(project().join(file)).unwrap()).root.unwrap().to_json()
}

fn validator(schema: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

#[test]
fn the_repositorys_own_files_are_valid_by_the_schemas() {
    validator(&manifest_schema()).validate(&read("slipway.yaml")).unwrap();
    validator(&suite_schema()).validate(&read("suites/contacts-api.yaml")).unwrap();
}

/// The examples of a page, without their fences.
fn examples(page: &str) -> Vec<String> {
    let text = fs::read_to_string(project().join(page)).unwrap();
    let blocks = text.split("```yaml\n").skip(1);
    blocks.map(|block| block.split_once("```").unwrap().0.to_owned()).collect()
}

#[test]
fn every_example_of_the_documentation_is_valid_by_the_schemas_and_for_the_reader() {
    let examples: Vec<String> = ["docs/manifest.md", "README.md"].into_iter().flat_map(examples).collect();
    assert!(examples.len() >= 10, "{}", examples.len());
    for example in examples {
        let read = parse_document(&example).root.unwrap().to_json();
        let manifest = match read {
            Value::Array(checks) => {
                let suite = json!({ "checks": checks });
                validator(&suite_schema()).validate(&suite).unwrap();
                json!({ "application": "shop", "functions": { "Orders": { "suite": suite } } })
            }
            mut manifest => {
                let members = manifest.as_object_mut().unwrap();
                members.entry("application").or_insert(json!("shop"));
                members.entry("functions").or_insert(json!({ "Orders": { "suite": {} } }));
                manifest
            }
        };
        validator(&manifest_schema()).validate(&manifest).unwrap();
        // A file that an example names is not there.
        let text = manifest.to_string();
        if !text.contains(".yaml\"") {
            Manifest::parse(&text).unwrap();
        }
    }
}

/// A manifest with every member that there is.
fn everything() -> Value {
    let demands = json!({"jmespath": "a", "schema": true});
    let common = json!({"timeout": 5, "retries": 1, "capture": {"a": "/a"}, "always": true, "example": {}});
    let check = |parts: &[&Value]| {
        let mut whole = serde_json::Map::new();
        parts.iter().for_each(|part| whole.extend(part.as_object().unwrap().clone()));
        Value::Object(whole)
    };
    let invoke = check(&[&json!({"name": "a", "kind": "invoke", "event": {}, "expect": {}}), &demands, &common]);
    let http = json!({
        "name": "a", "kind": "http", "method": "GET", "path": "/", "headers": {"a": "b"}, "body": {}, "redirects": "follow",
        "tls": {"verify": true, "minimumDays": 1}, "expect": {"status": [200], "headers": {"a": "b"}, "body": {}},
    });
    let judge = json!({"level": 0.01, "minimumRequests": 1, "pass": 90, "marginal": 50, "inconclusive": "stop", "groups": [{
        "name": "a", "weight": 1, "metrics": [
            {"name": "a", "of": "errors", "tolerance": 2, "direction": "either", "critical": true, "mustHaveData": true},
            {"name": "b", "of": "throttles"},
            {"name": "c", "of": "duration", "quantiles": [0.5], "thresholds": ["1s"]},
            {"name": "d", "of": "metric", "namespace": "a", "bad": "b", "requests": "c", "dimensions": {"a": "b"},
             "versionDimension": "v"},
            {"name": "e", "of": "duration", "namespace": "a", "metric": "b", "dimensions": {"a": "${resource}"},
             "versionDimension": "v", "unit": "us"},
        ],
    }]});
    let guard = json!({
        "alias": "live", "deployment": {"dev": "AllAtOnce"},
        "alarms": {"errorPercent": 5, "p99Milliseconds": 250, "badMinutes": 1, "minutes": 2}, "ownPreference": "alarms",
    });
    let stages = json!([
        {"name": "dev", "stack": "shop-dev", "parameters": {"A": 1, "B": true, "C": ["a", 2], "D": {"ssm": "/a/b"}}},
        {
            "name": "production", "stack": "shop", "deployment": "AllAtOnce", "inconclusive": "pass", "approval": true,
            "parameters": {"A": {"secret": "a", "key": "b", "version": "AWSCURRENT"}}, "capabilities": ["CAPABILITY_NAMED_IAM"],
            "promotion": {"bake": "30m"}, "queue": "inOrder", "notify": ["arn:aws:sns:eu-west-1:123456789012:a"],
            "windows": [{"cron": "0 9 ? * MON-FRI *", "timeZone": "Europe/Berlin", "duration": "8h"}],
            "freezes": [{"from": "2026-12-20T18:00:00+01:00", "until": "2027-01-04T08:00:00+01:00", "reason": "holidays"}],
        },
    ]);
    json!({
        "application": "shop", "template": "t.yaml", "judge": judge, "guard": guard, "stages": stages, "functions": {"Shop": {"judge": judge, "suite": {
            "checks": [
                invoke,
                {"name": "b", "kind": "latency", "event": {}, "calls": 1, "p95": "1s", "coldStart": 2},
                {"name": "c", "kind": "logs", "patterns": ["a"], "except": ["b"], "atMost": 1},
                {"name": "d", "kind": "drift", "allow": ["memory", "environment.A1"]},
                {"name": "e", "kind": "alarms", "names": ["a"]},
            ],
            "public": [check(&[&http, &demands, &common])],
        }}},
    })
}

#[test]
fn the_schema_and_the_reader_take_the_same_members() {
    let everything = everything();
    Manifest::parse(&everything.to_string()).unwrap();
    let schema: Value = serde_json::from_str(&manifest_schema()).unwrap();
    validator(&manifest_schema()).validate(&everything).unwrap();
    let (mut declared, mut used) = (BTreeSet::new(), BTreeSet::new());
    properties(&schema, &mut declared);
    members(&everything, &mut used);
    let unused: Vec<&String> = declared.difference(&used).collect();
    assert!(unused.is_empty(), "no manifest of this test has {unused:?}: does the reader know them?");
}

/// The names of the properties that a schema declares.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    if let Some(declared) = schema.get("properties").and_then(Value::as_object) {
        names.extend(declared.keys().cloned());
    }
    match schema {
        Value::Object(members) => members.values().for_each(|value| properties(value, names)),
        Value::Array(items) => items.iter().for_each(|value| properties(value, names)),
        _ => {}
    }
}

fn members(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members_of) => members_of.iter().for_each(|(name, value)| {
            names.insert(name.clone());
            members(value, names);
        }),
        Value::Array(items) => items.iter().for_each(|value| members(value, names)),
        _ => {}
    }
}

#[test_case("/functions/Shop/suit", json!({}); "an unknown member")]
#[test_case("/functions/Shop/suite/checks/0/evnt", json!({}); "an unknown member of a check")]
#[test_case("/functions/Shop/suite/checks/0/kind", json!("invok"); "an unknown kind")]
#[test_case("/functions/Shop/suite/checks/1/calls", json!(0); "out of range")]
#[test_case("/functions/Shop/suite/checks/0/timeout", json!("soon"); "no time")]
#[test_case("/functions/Shop/suite/public/0/expect/status", json!(99); "no status")]
#[test_case("/judge/groups/0/metrics/0/of", json!("eror"); "an unknown measure")]
#[test_case("/judge/groups/0/metrics/4/unit", json!("h"); "an unknown unit")]
#[test_case("/judge/groups/0/metrics/2/metric", json!("m"); "a metric without its namespace")]
#[test_case("/judge/inconclusive", json!(null); "no policy")]
#[test_case("/judge/level", json!(2); "a level beyond")]
#[test_case("/functions", json!({}); "no function")]
#[test_case("/stages", json!([]); "no stage")]
#[test_case("/stages/0/name", json!("Dev"); "no name of a stage")]
#[test_case("/stages/0/stack", json!("shop_dev"); "no name of a stack")]
#[test_case("/stages/0/aproval", json!(true); "an unknown member of a stage")]
#[test_case("/stages/0/parameters/D/key", json!("a"); "a parameter that is no secret")]
#[test_case("/stages/1/parameters/A/secret", json!(1); "a secret without a name")]
#[test_case("/stages/1/capabilities/0", json!("CAPABILITY_ALL"); "no capability")]
#[test_case("/stages/1/promotion", json!("later"); "no promotion")]
#[test_case("/stages/1/promotion/bake", json!("1.5h"); "no length of time")]
#[test_case("/stages/1/queue", json!("oldest"); "no queue")]
#[test_case("/stages/1/windows", json!([]); "no window")]
#[test_case("/stages/1/windows/0/cron", json!("0 9 * * ?"); "no cron")]
#[test_case("/stages/1/freezes/0/reason", json!(null); "no reason")]
fn the_schema_and_the_reader_refuse_alike(pointer: &str, bad: Value) {
    let mut manifest = everything();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match manifest.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = bad,
        members => members[name] = bad,
    }
    assert!(Manifest::parse(&manifest.to_string()).is_err(), "the reader takes it");
    assert!(!validator(&manifest_schema()).is_valid(&manifest), "the schema takes it");
}
