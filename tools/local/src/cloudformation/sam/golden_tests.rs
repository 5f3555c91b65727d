//! The transform against the translator's own output.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_case::test_case;

use super::expand;

fn parameters(case: &Value) -> BTreeMap<String, String> {
    let given = case["parameters"].as_object().unwrap();
    let mut all: BTreeMap<String, String> =
        given.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    // The translator takes the region from its session.
    all.insert("AWS::Region".to_owned(), "us-east-1".to_owned());
    all
}

/// Notes the differences of two values, as `path: ours / theirs`.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let get = |map: &serde_json::Map<String, Value>| map.get(name).cloned().unwrap_or_default();
                differences(&format!("{path}/{name}"), &get(a), &get(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}/{index}"), a, b, found);
            }
        }
        _ if ours != theirs => found.push(format!("{path}:\n  ours   {ours}\n  theirs {theirs}")),
        _ => {}
    }
}

macro_rules! golden {
    ($name:literal) => {
        (include_str!(concat!("golden/", $name, ".in.json")), include_str!(concat!("golden/", $name, ".out.json")))
    };
}

#[test_case(golden!("alias"))]
#[test_case(golden!("deployment-conditions"))]
#[test_case(golden!("deployment-preference"))]
#[test_case(golden!("events"))]
#[test_case(golden!("explicit-http-api"))]
#[test_case(golden!("function-properties"))]
#[test_case(golden!("globals"))]
#[test_case(golden!("http-api-conditions"))]
#[test_case(golden!("http-api-default-route"))]
#[test_case(golden!("implicit-http-api"))]
#[test_case(golden!("plain-function"))]
#[test_case(golden!("policies"))]
#[test_case(golden!("simple-table"))]
fn expands_as_the_translator_does((input, output): (&str, &str)) {
    let case: Value = serde_json::from_str(input).unwrap();
    let theirs: Value = serde_json::from_str(output).unwrap();
    let ours = expand(&case["template"], &parameters(&case)).unwrap();
    let mut found = Vec::new();
    differences("", &ours, &theirs, &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn faults_of(resource: Value) -> String {
    let template = json!({ "Transform": "AWS::Serverless-2016-10-31", "Resources": { "Thing": resource } });
    let faults = expand(&template, &BTreeMap::new()).unwrap_err();
    assert!(faults.iter().all(|fault| fault.logical_id == "Thing"), "{faults:?}");
    faults.iter().map(ToString::to_string).collect()
}

fn function_with(name: &str, value: Value) -> Value {
    let mut properties = json!({ "Handler": "bootstrap", "Runtime": "provided.al2023", "CodeUri": "s3://b/k" });
    properties[name] = value;
    json!({ "Type": "AWS::Serverless::Function", "Properties": properties })
}

#[test_case("FunctionUrlConfig", json!({ "AuthType": "NONE" }); "a function URL")]
#[test_case("VpcConfig", json!({}); "a VPC")]
#[test_case("Tiemout", json!(3); "a misspelt property")]
fn a_property_that_is_not_run_is_named(name: &str, value: Value) {
    let text = faults_of(function_with(name, value));
    assert!(text.contains(name), "{text}");
}

#[test]
fn an_event_source_that_is_not_run_is_named() {
    let text = faults_of(function_with("Events", json!({ "Queue": { "Type": "SQS", "Properties": {} } })));
    assert!(text.contains("Queue") && text.contains("SQS"), "{text}");
}

#[test]
fn a_resource_type_that_is_not_run_is_named() {
    let text = faults_of(json!({ "Type": "AWS::Serverless::StateMachine", "Properties": {} }));
    assert!(text.contains("AWS::Serverless::StateMachine"), "{text}");
}

#[test]
fn code_on_this_machine_must_be_uploaded_first() {
    let text = faults_of(function_with("CodeUri", json!("target/lambda/api/")));
    assert!(text.contains("target/lambda/api/ must be uploaded first"), "{text}");
}

#[test]
fn a_deployment_preference_needs_an_alias() {
    let text = faults_of(function_with("DeploymentPreference", json!({ "Type": "AllAtOnce" })));
    assert!(text.contains("AutoPublishAlias"), "{text}");
}

#[test]
fn a_template_without_the_transform_comes_back_as_it_is() {
    let template = json!({ "Resources": { "Q": { "Type": "AWS::Serverless::Function" } } });
    assert_eq!(expand(&template, &BTreeMap::new()).unwrap(), template);
}

#[test]
fn a_parameter_that_only_the_environment_names_publishes_no_version() {
    let case: Value = serde_json::from_str(golden!("alias").0).unwrap();
    let with = |commit: &str| {
        let mut parameters = parameters(&case);
        parameters.insert("Commit".to_owned(), commit.to_owned());
        expand(&case["template"], &parameters).unwrap()
    };
    assert_eq!(with("one"), with("two"));
}
