//! Tests of stages in their canonical form; the faults of files are with `slipway check`.

use serde_json::{Value, json};
use test_case::test_case;

use crate::guard::OwnPreference;
use crate::identity::Stage;
use crate::manifest::{HookNames, Manifest, ParameterValue, Promotion};
use crate::release::Queue;

fn with(stages: &Value) -> Value {
    json!({"application": "shop", "template": "template.yaml", "functions": {"Shop": {"suite": {}}}, "stages": stages})
}

/// Stages with every member, as the canonical text has them.
fn everything() -> Value {
    json!([
        {"name": "dev", "stack": "shop-dev", "parameters": {"Log": "debug", "Subnets": ["a", "b"], "Workers": "2"}},
        {"name": "production", "stack": "shop", "parameters": {
            "ApiKey": {"secret": "shop/payment", "key": "apiKey", "version": "AWSCURRENT"},
            "Table": {"ssm": "/shop/table:3"},
         },
         "capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"], "deployment": "AllAtOnce", "inconclusive": "stop",
         "approval": true, "promotion": {"bake": "30m"}, "queue": "inOrder",
         "windows": [{"cron": "0 9 ? * MON-THU *", "timeZone": "Europe/Berlin", "duration": "7h"}],
         "freezes": [{"from": "2026-12-20T17:00:00Z", "until": "2027-01-04T07:00:00Z", "reason": "holidays"}],
         "notify": ["arn:aws:sns:eu-west-1:123456789012:releases"]},
    ])
}

fn parsed(value: &Value) -> Manifest {
    Manifest::parse(&value.to_string()).unwrap()
}

#[test]
fn what_is_written_is_what_was_read() {
    let manifest = parsed(&with(&everything()));
    let written: Value = serde_json::from_str(&manifest.to_canonical()).unwrap();
    let mut expected = with(&everything());
    expected["functions"]["Shop"]["suite"] = written["functions"]["Shop"]["suite"].clone();
    assert_eq!(written, expected);
    assert_eq!(parsed(&written), manifest);
}

#[test]
fn a_manifest_of_before_has_no_stages_and_is_written_as_before() {
    let mut value = with(&json!([]));
    value.as_object_mut().unwrap().remove("stages");
    let manifest = parsed(&value);
    assert!(manifest.stages.is_empty());
    assert!(!manifest.to_canonical().contains("stages"));
}

#[test]
fn what_is_not_said_has_the_usual_values() {
    let stage = parsed(&with(&json!([{"name": "dev", "stack": "shop-dev"}]))).stages.remove(0);
    assert_eq!((stage.promotion, stage.queue, stage.approval), (Promotion::Success, Queue::Newest, false));
    assert!(stage.windows.is_empty() && stage.freezes.is_empty() && stage.parameters.is_empty());
}

#[test]
fn numbers_and_truth_values_of_parameters_are_their_texts() {
    let parameters = json!({"A": 3, "B": true, "C": "", "D": [1, "b"]});
    let stage = parsed(&with(&json!([{"name": "dev", "stack": "s", "parameters": parameters}]))).stages.remove(0);
    let text = |text: &str| ParameterValue::Text(text.to_owned());
    let list = ParameterValue::List(vec!["1".to_owned(), "b".to_owned()]);
    assert_eq!(stage.parameters.into_values().collect::<Vec<_>>(), [text("3"), text("true"), text(""), list]);
}

#[test]
fn instants_and_lengths_are_written_in_one_way() {
    let stage = json!([{"name": "dev", "stack": "s",
        "windows": [{"cron": "0  9 *  * ? *", "timeZone": "europe/berlin", "duration": "120m"}],
        "freezes": [{"from": "2026-12-20T18:00:00+01:00", "until": "2026-12-20T18:00:01+01:00", "reason": "a"}]}]);
    let canonical = parsed(&with(&stage)).to_canonical();
    assert!(canonical.contains(r#"{"cron":"0 9 * * ? *","duration":"2h","timeZone":"Europe/Berlin"}"#), "{canonical}");
    assert!(canonical.contains(r#""from":"2026-12-20T17:00:00Z""#), "{canonical}");
}

#[test]
fn a_stages_own_deployment_takes_the_place_of_the_guards() {
    let mut value = with(&everything());
    value["guard"] = json!({"deployment": {"production": "Canary10Percent5Minutes", "dev": "AllAtOnce"}});
    value["stages"][1]["deployment"] = json!("Linear10PercentEvery1Minute");
    let manifest = parsed(&value);
    let guard = |stage: &str| {
        let stage: Stage = stage.parse().unwrap();
        manifest.guard(&stage, HookNames::of_stack("slipway")).unwrap()
    };
    assert_eq!(guard("production").preference, "Linear10PercentEvery1Minute");
    assert_eq!(guard("production").own_preference, OwnPreference::Nothing);
    assert_eq!(guard("dev").preference, "AllAtOnce");
    assert_eq!(guard("qa").preference, "AllAtOnce");
}

/// The faults of a manifest whose second stage has these members beside its name and stack.
fn faults(members: &Value) -> String {
    let mut stage = json!({"name": "production", "stack": "shop"});
    stage.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let value = with(&json!([{"name": "dev", "stack": "shop-dev"}, stage]));
    Manifest::parse(&value.to_string()).map_or_else(|faults| faults.to_string(), |_| String::new())
}

#[test_case(json!({"parameters": {"a": {"ssm": "/a b"}}}) => "/stages/1/parameters/a/ssm: \"/a b\" is no name of a parameter: /letters/digits_.- and perhaps :version"; "no name of a parameter")]
#[test_case(json!({"parameters": {"a": {"ssm": "/a", "secret": "b"}}}) => "/stages/1/parameters/a: a value lies in one place: ssm or secret"; "two places")]
#[test_case(json!({"parameters": {"a": {}}}) => "/stages/1/parameters/a: a reference has one of ssm and secret"; "no place")]
#[test_case(json!({"parameters": {"a": {"ssm": "/a", "key": "b"}}}) => "/stages/1/parameters/a/key: there is no member \"key\" here; there are ssm, secret"; "a key of a plain parameter")]
#[test_case(json!({"parameters": {"a": {"secret": "a b"}}}) => "/stages/1/parameters/a/secret: \"a b\" is no secret: its name (letters, digits and /_+=.@-), or its ARN"; "no secret")]
#[test_case(json!({"parameters": {"a": {"secret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"}}}) => ""; "a secret by its ARN")]
#[test_case(json!({"parameters": {"a": ["b,c"]}}) => "/stages/1/parameters/a/0: an item has no comma: CloudFormation would take it for two"; "a comma")]
#[test_case(json!({"parameters": {"a": "b".repeat(4097)}}) => "/stages/1/parameters/a: it has 4097 bytes; CloudFormation takes 4096"; "too long")]
#[test_case(json!({"parameters": {"Stage": "qa"}}) => "/stages/1/parameters/Stage: Stage is what Slipway says itself: it has no value here"; "what Slipway fills")]
#[test_case(json!({"promotion": {"bake": "a while"}}) => "/stages/1/promotion/bake: \"a while\" is no length of time from 1s to 31d: write 90s, 30m, 4h or 2d"; "no length")]
#[test_case(json!({"promotion": "sucess"}) => "/stages/1/promotion: \"sucess\" is not known; did you mean \"success\"? It is one of success, manual"; "no promotion")]
#[test_case(json!({"windows": []}) => "/stages/1/windows: no window is named: without any, windows is left out"; "no window")]
#[test_case(json!({"notify": ["a"]}) => "/stages/1/notify/0: \"a\" is no topic's ARN: arn:aws:sns:region:account:name"; "no topic")]
fn what_cannot_be_is_a_fault(members: Value) -> String {
    faults(&members)
}
