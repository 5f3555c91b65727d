//! Tests of the policy simulator.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_roles_policies_are_simulated_with_its_boundary() {
    let world = world();
    let role = world.role("app").await;
    let statements = json!([allow("ssm:*", "*"), { "Effect": "Deny", "Action": "ssm:Delete*", "Resource": "*" }]);
    let put = json!({ "RoleName": "app", "PolicyName": "p", "PolicyDocument": document(statements) });
    world.ask("PutRolePolicy", put).await;
    let simulate = |action: &str| json!({ "PolicySourceArn": role, "ActionNames": [action] });
    for (action, expected) in
        [("ssm:GetParameter", "allowed"), ("ssm:DeleteParameter", "explicitDeny"), ("s3:GetObject", "implicitDeny")]
    {
        let result = world.ask("SimulatePrincipalPolicy", simulate(action)).await["EvaluationResults"][0].clone();
        assert_eq!((&result["EvalDecision"], &result["EvalResourceName"]), (&json!(expected), &json!("*")));
    }
    let edge = world.policy("edge", allow("s3:*", "*")).await;
    world.ask("PutRolePermissionsBoundary", json!({ "RoleName": "app", "PermissionsBoundary": edge })).await;
    let result =
        world.ask("SimulatePrincipalPolicy", simulate("ssm:GetParameter")).await["EvaluationResults"][0].clone();
    assert_eq!(result["EvalDecision"], "implicitDeny");
    assert_eq!(result["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"], false);
    let unknown = json!({ "PolicySourceArn": "arn:aws:iam::000000000000:role/none", "ActionNames": ["s3:GetObject"] });
    assert_eq!(world.told("SimulatePrincipalPolicy", unknown).await.0, "NoSuchEntity");
}

#[tokio::test]
async fn conditions_are_simulated_with_the_entries_and_missing_keys_are_told() {
    let world = world();
    let statement = json!({
        "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b",
        "Condition": { "StringLike": { "s3:prefix": "home/*" } },
    });
    let mut input = json!({
        "PolicyInputList": [document(statement)], "ActionNames": ["s3:ListBucket"], "ResourceArns": ["arn:aws:s3:::b"],
    });
    let keys = world.ask("GetContextKeysForCustomPolicy", json!({ "PolicyInputList": input["PolicyInputList"] })).await;
    assert_eq!(keys["ContextKeyNames"], json!(["s3:prefix"]));
    let result = world.ask("SimulateCustomPolicy", input.clone()).await["EvaluationResults"][0].clone();
    assert_eq!(
        (&result["EvalDecision"], &result["MissingContextValues"]),
        (&json!("implicitDeny"), &json!(["s3:prefix"]))
    );
    input["ContextEntries"] =
        json!([{ "ContextKeyName": "s3:prefix", "ContextKeyValues": ["home/ana"], "ContextKeyType": "string" }]);
    let result = world.ask("SimulateCustomPolicy", input.clone()).await["EvaluationResults"][0].clone();
    assert_eq!(result["EvalDecision"], "allowed");
    assert_eq!(result["MatchedStatements"][0]["SourcePolicyId"], "PolicyInputList.1");
    input["PolicyInputList"] = json!(["{}"]);
    assert_eq!(world.told("SimulateCustomPolicy", input).await.0, "InvalidInput");
}

#[tokio::test]
async fn a_matched_statement_is_told_with_its_place_and_its_resource() {
    let world = world();
    let role = world.role("app").await;
    let document = r#"{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}"#;
    let put = json!({ "RoleName": "app", "PolicyName": "p", "PolicyDocument": document });
    world.ask("PutRolePolicy", put).await;
    let bucket = "arn:aws:s3:::bucket";
    let simulate = json!({ "PolicySourceArn": role, "ActionNames": ["s3:PutObject"], "ResourceArns": [bucket] });
    let result = world.ask("SimulatePrincipalPolicy", simulate).await["EvaluationResults"][0].clone();
    let matched = &result["MatchedStatements"][0];
    assert_eq!(matched["StartPosition"], json!({ "Line": 1, "Column": 41 }));
    assert_eq!(matched["EndPosition"], json!({ "Line": 1, "Column": 113 }));
    assert_eq!(result["OrganizationsDecisionDetail"], json!({ "AllowedByOrganizations": true }));
    let specific = &result["ResourceSpecificResults"][0];
    assert_eq!((&specific["EvalResourceName"], &specific["EvalResourceDecision"]), (&json!(bucket), &json!("allowed")));
    assert_eq!(specific["MatchedStatements"], result["MatchedStatements"]);
}
