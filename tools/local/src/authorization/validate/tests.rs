//! Documents that IAM refuses, with its words, and documents that it takes.

use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn document(change: Value) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b" });
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => statement.as_object_mut().unwrap().shift_remove(name),
            other => statement.as_object_mut().unwrap().insert(name.clone(), other.clone()),
        };
    }
    json!({ "Version": "2012-10-17", "Statement": statement })
}

fn fault(document: &Value) -> String {
    managed(&document.to_string()).err().map(|fault| fault.0).unwrap_or_default()
}

const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

#[test_case(json!({}), ""; "a statement")]
#[test_case(json!({ "Effect": "Alow" }), SYNTAX; "no effect")]
#[test_case(json!({ "Effect": "aLLow" }), LEGACY; "an effect in another case")]
#[test_case(json!({ "Effect": null }), SYNTAX; "without an effect")]
#[test_case(json!({ "Action": "ListBucket" }), VENDOR; "an action without a vendor")]
#[test_case(json!({ "Action": null, "NotAction": "" }), VENDOR; "an empty action")]
#[test_case(json!({ "Action": "a a:ListBucket" }), "Vendor a a is not valid"; "no vendor")]
#[test_case(json!({ "Action": "s3:List:Bucket" }), "Actions/Condition can contain only one colon."; "two colons")]
#[test_case(json!({ "Action": null }), "Policy statement must contain actions."; "without actions")]
#[test_case(json!({ "Action": [] }), "Policy statement must contain actions."; "an empty list of actions")]
#[test_case(json!({ "Action": {} }), SYNTAX; "actions of another type")]
#[test_case(json!({ "NotAction": "s3:*" }), SYNTAX; "both kinds of actions")]
#[test_case(json!({ "Resource": null }), "Policy statement must contain resources."; "without resources")]
#[test_case(json!({ "Resource": [] }), "Policy statement must contain resources."; "an empty list of resources")]
#[test_case(json!({ "Resource": "bucket" }), "Resource bucket must be in ARN format or \"*\"."; "no arn")]
#[test_case(json!({ "Resource": "" }), "Resource  must be in ARN format or \"*\"."; "an empty resource")]
#[test_case(json!({ "Resource": "arn:aws" }), "Resource vendor must be fully qualified and cannot contain regexes."; "half an arn")]
#[test_case(json!({ "Resource": "a:b:cad" }), "Partition \"b\" is not valid for resource \"arn:b:cad:*:*:*\"."; "partition")]
#[test_case(json!({ "Resource": "a:bsd" }), "Partition \"bsd\" is not valid for resource \"arn:bsd:*:*:*:*\"."; "partition alone")]
#[test_case(json!({ "Resource": "a:b:c:d:e:f:g:h" }), "Partition \"b\" is not valid for resource \"arn:b:c:d:e:f:g:h\"."; "long")]
#[test_case(json!({ "Resource": "arn:aws:s3::b" }), LEGACY; "an arn with a part missing")]
#[test_case(json!({ "Resource": "arn:aws:fdsasf" }), ""; "what the parser lets pass")]
#[test_case(json!({ "Resource": "arn:aws:iam:us-east-1::b" }), "IAM resource arn:aws:iam:us-east-1::b cannot contain region information."; "iam with a region")]
#[test_case(json!({ "Resource": "arn:aws:s3:us-east-1::b" }), "Resource arn:aws:s3:us-east-1::b can not contain region information."; "s3 with a region")]
#[test_case(json!({ "Resource": "arn:aws:s3:us-west-2:123456789012:accesspoint/p" }), ""; "an access point")]
#[test_case(json!({ "Resource": ["arn:aws:s3:::b", null] }), ""; "a null in a list")]
#[test_case(json!({ "Resource": ["adf", {}] }), SYNTAX; "an object in a list")]
#[test_case(json!({ "Principal": "*" }), "Policy document should not specify a principal."; "principal")]
#[test_case(json!({ "Extra": "x" }), SYNTAX; "an element that does not exist")]
#[test_case(json!({ "Sid": [] }), SYNTAX; "a sid that is no text")]
#[test_case(json!({ "Condition": [] }), SYNTAX; "a condition that is no object")]
#[test_case(json!({ "Condition": { "x": { "a": "1" } } }), SYNTAX; "an operator that is none")]
#[test_case(json!({ "Condition": { "x": {} } }), ""; "an operator that is none, of nothing")]
#[test_case(json!({ "Condition": { "ForAnyValue::StringEqualsIfExists": { "a": "x" } } }), SYNTAX; "two colons in an operator")]
#[test_case(json!({ "Condition": { "DateGreaterThan": { "a": "x" } } }), LEGACY; "a date that is none")]
#[test_case(json!({ "Condition": { "Bool": { "a": true }, "Null": { "b": false } } }), ""; "truth without quotes")]
fn a_managed_policy_is_checked(change: Value, expected: &str) {
    assert_eq!(fault(&document(change)), expected);
}

#[test]
fn the_kinds_of_iams_resources_are_told() {
    let told = fault(&document(json!({ "Resource": "arn:aws:iam:::b" })));
    assert!(
        told.starts_with("IAM resource path must either be \"*\" or start with user/, federated-user/, role/"),
        "{told}"
    );
    assert!(told.ends_with("report/, access-report/."), "{told}");
}

#[test_case(json!({ "Version": "2012-10-17" }), SYNTAX; "no statement")]
#[test_case(json!({ "Version": "2012-10-17", "Statement": [] }), SYNTAX; "no statements")]
#[test_case(json!({ "Version": "2012-10-17", "Statement": ["afd"] }), SYNTAX; "a text for a statement")]
#[test_case(json!({ "Version": "2013-10-17", "Statement": { "Effect": "Allow" } }), SYNTAX; "no version of the language")]
#[test_case(json!({ "Version": "2012-10-17", "Id": {}, "Statement": { "Effect": "Allow" } }), SYNTAX; "an id that is no text")]
#[test_case(json!("text"), SYNTAX; "a text")]
fn a_document_has_a_form(document: Value, expected: &str) {
    assert_eq!(fault(&document), expected);
}

#[test]
fn only_a_managed_policy_must_have_the_version_of_2012() {
    let old = json!({ "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } });
    assert_eq!(fault(&old), "Policy document must be version 2012-10-17 or greater.");
    assert_eq!(inline(&old.to_string()), Ok(()));
}

#[test]
fn statement_ids_are_unique() {
    let statement = json!({ "Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
    let twice = json!({ "Version": "2012-10-17", "Statement": [statement, statement] });
    assert_eq!(fault(&twice), "Statement IDs (SID) in a single policy must be unique.");
}

#[test_case(json!({}), ""; "a service")]
#[test_case(json!({ "Resource": "*" }), "Has prohibited field Resource"; "resource")]
#[test_case(json!({ "Principal": null }), "Missing required field Principal"; "nobody")]
#[test_case(json!({ "Action": null }), "Missing required field Action"; "no action")]
#[test_case(json!({ "Effect": null }), "Missing required field Effect"; "no effect")]
#[test_case(json!({ "Action": "s3:GetObject" }), "AssumeRole policy may only specify STS AssumeRole actions."; "another action")]
#[test_case(json!({ "Principal": { "Service": "lambda" } }), "Invalid principal in policy: \"SERVICE\":\"lambda\""; "no service")]
#[test_case(json!({ "Principal": { "AWS": "me" } }), "Invalid principal in policy: \"AWS\":\"me\""; "no identity")]
#[test_case(json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:role/*" } }), "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:role/*\""; "a wildcard")]
#[test_case(json!({ "Principal": { "AWS": ["123456789012", "arn:aws:iam::123456789012:root", "*"] } }), ""; "accounts")]
#[test_case(json!({ "Principal": { "Federated": "cognito-identity.amazonaws.com" }, "Action": "sts:AssumeRoleWithWebIdentity" }), ""; "federated")]
#[test_case(json!({ "Extra": 1 }), "Unknown field Extra"; "an element that does not exist")]
fn a_trust_policy_is_checked(change: Value, expected: &str) {
    let mut document = document(json!({
        "Resource": null, "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" },
    }));
    for (name, value) in change.as_object().unwrap() {
        let statement = document["Statement"].as_object_mut().unwrap();
        match value {
            Value::Null => statement.shift_remove(name),
            other => statement.insert(name.clone(), other.clone()),
        };
    }
    let told = trust(&document.to_string()).err().map(|fault| fault.0).unwrap_or_default();
    assert_eq!(told, expected);
}

#[test]
fn a_trust_policy_tells_who_must_exist() {
    let document = json!({ "Statement": [{ "Principal": { "AWS": [
        "arn:aws:iam::123456789012:role/r", "arn:aws:iam::123456789012:root", "123456789012",
    ], "Service": "lambda.amazonaws.com" } }] });
    assert_eq!(trusted(&document.to_string()), ["arn:aws:iam::123456789012:role/r"]);
    assert_eq!(trust("{"), Err(Malformed::because("This policy contains invalid Json")));
}
