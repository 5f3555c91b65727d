//! The values that the functions give, and their refusals.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_case::test_case;

use super::*;

struct Live;

impl Resources for Live {
    fn reference(&self, logical_id: &str) -> Result<Value, Fault> {
        match logical_id {
            "Queue" => Ok(json!("queue-1")),
            other => NoResources.reference(other),
        }
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Value, Fault> {
        match (logical_id, attribute) {
            ("Queue", "Arn") => Ok(json!("arn:queue-1")),
            ("Queue", "Endpoint.Port") => Ok(json!(80)),
            (id, attribute) => NoResources.attribute(id, attribute),
        }
    }
}

fn fixed() -> Fixed {
    let mut names = BTreeMap::from([
        ("Stage".to_owned(), json!("qa")),
        ("Names".to_owned(), json!(["a", "b"])),
        ("AWS::Region".to_owned(), json!("us-east-1")),
    ]);
    names.insert("Size".to_owned(), json!("128"));
    Fixed {
        names,
        mappings: json!({"Sizes": {"qa": {"Memory": 256, "Zones": ["x", "y"]}}}),
        conditions: BTreeMap::from([("Yes".to_owned(), true), ("No".to_owned(), false)]),
        imports: BTreeMap::from([("net-id".to_owned(), "vpc-1".to_owned())]),
        dynamic: Some(BTreeMap::from([("/a:1".to_owned(), "secret".to_owned())])),
    }
}

fn resolved(value: &Value) -> Result<Option<Value>, Fault> {
    resolve(value, Scope { fixed: &fixed(), resources: &Live })
}

#[test_case(json!({"Ref": "Stage"}) => json!("qa"))]
#[test_case(json!({"Ref": "Queue"}) => json!("queue-1"))]
#[test_case(json!({"Fn::GetAtt": ["Queue", "Endpoint.Port"]}) => json!(80))]
#[test_case(json!({"Fn::Sub": "${Stage}-${Queue.Arn}-${!Kept}-${AWS::Region}"}) => json!("qa-arn:queue-1-${Kept}-us-east-1"))]
#[test_case(json!({"Fn::Sub": ["${A}${Stage}", {"A": {"Ref": "Queue"}}]}) => json!("queue-1qa"))]
#[test_case(json!({"Fn::Sub": "{{resolve:ssm:/a:1}} and $5 ${"}) => json!("secret and $5 ${"))]
#[test_case(json!({"Fn::Join": ["-", ["a", 1, {"Ref": "Stage"}]]}) => json!("a-1-qa"))]
#[test_case(json!({"Fn::Join": [",", {"Ref": "Names"}]}) => json!("a,b"))]
#[test_case(json!({"Fn::Select": ["1", {"Fn::Split": [":", {"Fn::GetAtt": ["Queue", "Arn"]}]}]}) => json!("queue-1"))]
#[test_case(json!({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]}) => json!(256))]
#[test_case(json!({"Fn::ImportValue": {"Fn::Sub": "net-id"}}) => json!("vpc-1"))]
#[test_case(json!({"Fn::Base64": "hi"}) => json!("aGk="))]
#[test_case(json!({"Fn::Select": [0, {"Fn::GetAZs": ""}]}) => json!("us-east-1a"))]
#[test_case(json!({"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}) => json!("10.0.1.0/24"))]
#[test_case(json!({"Fn::If": ["Yes", 1, {"Ref": "Missing"}]}) => json!(1); "the branch not taken is not looked at")]
#[test_case(json!({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}) => json!({"b": [1]}))]
#[test_case(json!({"a": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}}) => json!({}))]
#[test_case(json!("x {{resolve:ssm:/a:1}}") => json!("x secret"))]
#[test_case(json!({"Ref": "Stage", "Other": 1}) => json!({"Ref": "Stage", "Other": 1}); "two members are data")]
fn a_function_gives(value: Value) -> Value {
    resolved(&value).unwrap().unwrap()
}

#[test_case(json!({"Fn::FindInMap": ["Sizes", "dev", "Memory"]}), "Unable to get mapping for Sizes::dev::Memory")]
#[test_case(json!({"Fn::Select": [2, {"Ref": "Names"}]}), "nonexistent value at index 2")]
#[test_case(json!({"Fn::Select": [2, ["a"]]}), "an integer index and a list"; "an index beyond a list that stands there")]
#[test_case(json!({"Fn::ImportValue": "gone"}), "No export named gone found.")]
#[test_case(json!({"Fn::Join": ["-"]}), "every Fn::Join object requires two parameters")]
#[test_case(json!({"Fn::Join": ["-", "text"]}), "every Fn::Join object requires two parameters")]
#[test_case(json!({"Fn::If": ["Maybe", 1, 2]}), "Maybe")]
#[test_case(json!({"Fn::FindInMap": ["None", "a", "b"]}), "Mapping named 'None' is not present in the 'Mappings' section of template.")]
#[test_case(json!({"Fn::Select": ["x", ["a"]]}), "an integer index and a list")]
#[test_case(json!({"Fn::GetAtt": ["Queue"]}), "every Fn::GetAtt object requires two non-empty parameters")]
#[test_case(json!({"Fn::If": ["Yes", 1]}), "Fn::If requires a list argument with three elements")]
#[test_case(json!({"Fn::ToJsonString": {}}), "does not run Fn::ToJsonString")]
#[test_case(json!({"Fn::ForEach::Loop": []}), "does not run Fn::ForEach::Loop")]
#[test_case(json!({"Fn::Equals": [1, 1]}), "belongs into Conditions")]
#[test_case(json!("{{resolve:secretsmanager:x}}"), "does not resolve {{resolve:secretsmanager:x}}")]
#[test_case(json!([{"Ref": "Missing"}, {"Fn::Select": [2, []]}]), "an integer index"; "what is wrong comes before what is unknown")]
fn a_wrong_use_says_what_is_wrong(value: Value, part: &str) {
    let fault = resolved(&value).unwrap_err();
    assert!(matches!(fault, Fault::Wrong(_)) && fault.message().contains(part), "{fault:?}");
}

#[test]
fn what_is_not_known_names_everything_it_waits_for() {
    let value = json!({"a": {"Ref": "X"}, "b": {"Fn::Sub": "${Y.Arn}"}, "c": {"Ref": "Stage"}});
    let Err(Fault::Unknown(waiting)) = resolved(&value) else { panic!("it is not known") };
    let names: Vec<String> = waiting.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["X", "Y.Arn"]);
}

#[test]
fn references_follow_the_branches_that_are_taken() {
    let value = json!({
        "a": {"Fn::If": ["Yes", {"Ref": "A"}, {"Ref": "B"}]},
        "b": {"Fn::Sub": ["${C.Arn}${V}${!D}${AWS::Region}", {"V": {"Fn::GetAtt": ["E", "Arn"]}}]},
    });
    let taken = fixed().conditions;
    let names =
        |conditions| -> Vec<String> { references(&value, conditions).iter().map(ToString::to_string).collect() };
    assert_eq!(names(Some(&taken)), ["A", "C.Arn", "E.Arn"]);
    assert_eq!(names(None), ["A", "B", "C.Arn", "E.Arn"]);
}

#[test]
fn dynamic_references_are_found_in_texts() {
    assert_eq!(dynamic_names("a{{resolve:ssm:/x:3}}b{{resolve:ssm:/y}}{{resolve:ssm-secure:/z}}"), ["/x:3", "/y"]);
}
