//! Managed and inline policies.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_malformed_document_is_refused_everywhere() {
    let world = world();
    world.role("app").await;
    let bad = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Alow","Action":"ListBucket","Resource":"bucket"}]}"#;
    let created = world.told("CreatePolicy", json!({ "PolicyName": "p", "PolicyDocument": bad })).await;
    assert_eq!(created, ("MalformedPolicyDocument".into(), 400, "Syntax errors in policy.".into()));
    let put = json!({ "RoleName": "app", "PolicyName": "p", "PolicyDocument": bad });
    assert_eq!(world.told("PutRolePolicy", put).await.0, "MalformedPolicyDocument");
    let arn = world.policy("good", allow("s3:*", "*")).await;
    let version = json!({ "PolicyArn": arn, "PolicyDocument": bad });
    assert_eq!(world.told("CreatePolicyVersion", version).await.0, "MalformedPolicyDocument");
}

#[tokio::test]
async fn awss_policies_are_there_and_unknown_ones_are_not() {
    let world = world();
    world.role("app").await;
    let arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let policy = world.ask("GetPolicy", json!({ "PolicyArn": arn })).await["Policy"].clone();
    assert_eq!(
        (&policy["PolicyName"], &policy["Path"]),
        (&json!("AWSLambdaBasicExecutionRole"), &json!("/service-role/"))
    );
    let version = json!({ "PolicyArn": arn, "VersionId": policy["DefaultVersionId"] });
    let text = world.ask("GetPolicyVersion", version).await["PolicyVersion"]["Document"].clone();
    assert!(text.as_str().unwrap().contains("logs%3APutLogEvents"));
    world.ask("AttachRolePolicy", json!({ "RoleName": "app", "PolicyArn": arn })).await;
    let unknown = json!({ "RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/Unknown" });
    let (code, status, text) = world.told("AttachRolePolicy", unknown).await;
    assert_eq!((code.as_str(), status), ("NoSuchEntity", 404));
    assert_eq!(text, "Policy arn:aws:iam::aws:policy/Unknown does not exist or is not attachable.");
    let named = json!({ "RoleName": "app", "PolicyArn": "AWSLambdaBasicExecutionRole" });
    let refused = world.told("AttachRolePolicy", named).await;
    assert_eq!(refused, ("ValidationError".into(), 400, "Invalid ARN:  Could not be parsed!".into()));
    let attached = world.ask("ListPolicies", json!({ "OnlyAttached": true })).await["Policies"].clone();
    assert_eq!((attached.as_array().map(Vec::len), &attached[0]["AttachmentCount"]), (Some(1), &json!(1)));
    let entities = world.ask("ListEntitiesForPolicy", json!({ "PolicyArn": arn })).await;
    assert_eq!(entities["PolicyRoles"][0]["RoleName"], "app");
}

#[tokio::test]
async fn a_policy_has_five_versions_and_one_in_force() {
    let world = world();
    let arn = world.policy("own", allow("s3:*", "*")).await;
    let version = |default: bool| json!({ "PolicyArn": arn, "PolicyDocument": document(allow("ssm:*", "*")), "SetAsDefault": default });
    for _ in 0..3 {
        world.ask("CreatePolicyVersion", version(false)).await;
    }
    assert_eq!(world.ask("CreatePolicyVersion", version(true)).await["PolicyVersion"]["VersionId"], "v5");
    assert_eq!(world.told("CreatePolicyVersion", version(false)).await.0, "LimitExceeded");
    let listed = world.ask("ListPolicyVersions", json!({ "PolicyArn": arn })).await["Versions"].clone();
    assert_eq!((&listed[0]["VersionId"], &listed[0]["IsDefaultVersion"]), (&json!("v5"), &json!(true)));
    let gone = world.told("DeletePolicyVersion", json!({ "PolicyArn": arn, "VersionId": "v5" })).await;
    assert_eq!((gone.0.as_str(), gone.1), ("DeleteConflict", 409));
    world.ask("DeletePolicyVersion", json!({ "PolicyArn": arn, "VersionId": "v1" })).await;
    world.ask("SetDefaultPolicyVersion", json!({ "PolicyArn": arn, "VersionId": "v2" })).await;
    assert_eq!(world.ask("GetPolicy", json!({ "PolicyArn": arn })).await["Policy"]["DefaultVersionId"], "v2");
    assert_eq!(world.told("DeletePolicy", json!({ "PolicyArn": arn })).await.0, "DeleteConflict");
    let unknown = world.told("GetPolicyVersion", json!({ "PolicyArn": arn, "VersionId": "v9" })).await;
    assert_eq!(unknown.2, format!("Policy {arn} version v9 does not exist or is not attachable."));
}

#[tokio::test]
async fn sizes_and_numbers_are_limited() {
    let world = world();
    world.role("app").await;
    let long = format!("arn:aws:s3:::{}", "b".repeat(6200));
    let input = json!({ "PolicyName": "p", "PolicyDocument": document(allow("s3:*", &long)) });
    assert_eq!(world.told("CreatePolicy", input).await.2, "Cannot exceed quota for PolicySize: 6144");
    let put =
        |name: &str| json!({ "RoleName": "app", "PolicyName": name, "PolicyDocument": document(allow("s3:*", &long)) });
    world.ask("PutRolePolicy", put("a")).await;
    world.ask("PutRolePolicy", put("a")).await;
    let text = world.told("PutRolePolicy", put("b")).await.2;
    assert_eq!(text, "Maximum policy size of 10240 bytes exceeded for role app");
    for number in 0..10 {
        let arn = world.policy(&format!("p{number}"), allow("s3:*", "*")).await;
        world.ask("AttachRolePolicy", json!({ "RoleName": "app", "PolicyArn": arn })).await;
    }
    let eleventh = json!({ "RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" });
    assert_eq!(world.told("AttachRolePolicy", eleventh).await.2, "Cannot exceed quota for PoliciesPerRole: 10");
}

#[tokio::test]
async fn a_boundary_is_a_policy_that_exists() {
    let world = world();
    world.role("app").await;
    let set = |arn: &str| json!({ "RoleName": "app", "PermissionsBoundary": arn });
    let (code, _, text) = world.told("PutRolePermissionsBoundary", set("arn:aws:iam::123456789:not_a_boundary")).await;
    assert_eq!(code, "ValidationError");
    assert_eq!(text, "Value (arn:aws:iam::123456789:not_a_boundary) for parameter PermissionsBoundary is invalid.");
    let absent = world.told("PutRolePermissionsBoundary", set("arn:aws:iam::000000000000:policy/none")).await;
    assert_eq!(absent.0, "NoSuchEntity");
    let arn = world.policy("edge", allow("s3:*", "*")).await;
    world.ask("PutRolePermissionsBoundary", set(&arn)).await;
    assert_eq!(world.told("DeletePolicy", json!({ "PolicyArn": arn })).await.0, "DeleteConflict");
    world.ask("DeleteRolePermissionsBoundary", json!({ "RoleName": "app" })).await;
    world.ask("DeletePolicy", json!({ "PolicyArn": arn })).await;
}
