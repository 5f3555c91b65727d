//! The answers of AWS, to the letter, where its own answers were recorded.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use test_case::test_case;

use super::super::download::serve;
use super::world::until;
use super::{World, function};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:fn";

/// A function with version 1 and the alias `live`.
async fn with_an_alias() -> World {
    let world = World::new();
    world.create("fn", json!({ "Publish": true })).await;
    world.done("CreateAlias", json!({ "FunctionName": "fn", "Name": "live", "FunctionVersion": "1" })).await;
    world
}

#[tokio::test]
async fn publishing_on_creation_answers_the_version_under_the_functions_own_arn() {
    let world = World::new();
    let created = world.create("fn", json!({ "Publish": true })).await;
    assert_eq!((&created["Version"], &created["FunctionArn"]), (&json!("1"), &json!(ARN)));
    let code = super::world::package(&[("bootstrap", 0o755, "#!/bin/sh\n")]);
    let change = json!({ "FunctionName": "fn", "ZipFile": code, "Publish": true });
    let updated = world.done("UpdateFunctionCode", change).await;
    assert_eq!((&updated["Version"], &updated["FunctionArn"]), (&json!("2"), &json!(format!("{ARN}:2"))));
    assert_eq!((&updated["State"], updated.get("LastUpdateStatus")), (&json!("Pending"), None));
}

#[tokio::test]
async fn a_revision_changes_when_the_work_is_done_and_with_versions_and_tags() {
    let world = World::new();
    let at_work = world.create("fn", json!({})).await["RevisionId"].clone();
    let latest = async || {
        let shown = world.done("GetFunctionConfiguration", json!({ "FunctionName": "fn" })).await;
        shown["RevisionId"].clone()
    };
    let settled = latest().await;
    assert_ne!(settled, at_work);
    let stale = json!({ "FunctionName": "fn", "Description": "d", "RevisionId": at_work });
    assert!(world.ask("UpdateFunctionConfiguration", stale).await.unwrap_err().is("PreconditionFailedException"));
    let change = json!({ "FunctionName": "fn", "Description": "d", "RevisionId": settled });
    let at_work = world.done("UpdateFunctionConfiguration", change).await["RevisionId"].clone();
    let settled = latest().await;
    assert_ne!(settled, at_work);
    let version = world.done("PublishVersion", json!({ "FunctionName": "fn", "RevisionId": settled })).await;
    let again = json!({ "FunctionName": "fn", "Qualifier": "1" });
    assert_eq!(world.done("GetFunctionConfiguration", again).await["RevisionId"], version["RevisionId"]);
    let published = latest().await;
    assert!(published != settled && published != version["RevisionId"]);
    world.done("TagResource", json!({ "Resource": ARN, "Tags": { "a": "b" } })).await;
    assert_ne!(latest().await, published);
}

#[tokio::test]
async fn the_first_statement_of_an_alias_may_name_the_revision_of_the_alias() {
    let world = with_an_alias().await;
    let alias = world.done("GetAlias", json!({ "FunctionName": "fn", "Name": "live" })).await;
    let add = |sid: &str, revision: &Value| {
        json!({
            "FunctionName": "fn", "Qualifier": "live", "StatementId": sid, "Principal": "s3.amazonaws.com",
            "Action": "lambda:InvokeFunction", "RevisionId": revision,
        })
    };
    let refused = world.ask("AddPermission", add("a", &json!("wrong"))).await.unwrap_err();
    assert!(
        refused.is("PreconditionFailedException") && refused.message.contains("Call the GetPolicy API"),
        "{refused}"
    );
    world.done("AddPermission", add("a", &alias["RevisionId"])).await;
    assert!(world.ask("AddPermission", add("b", &alias["RevisionId"])).await.is_err());
    let policy = world.done("GetPolicy", json!({ "FunctionName": "fn", "Qualifier": "live" })).await;
    world.done("AddPermission", add("b", &policy["RevisionId"])).await;
}

#[tokio::test]
async fn lists_do_not_tell_states() {
    let world = with_an_alias().await;
    let listed = world.done("ListVersionsByFunction", json!({ "FunctionName": "fn" })).await;
    let versions = listed["Versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    for version in versions {
        assert!(version.get("State").is_none() && version.get("RuntimeVersionConfig").is_none(), "{version}");
    }
}

#[tokio::test]
async fn variables_are_shown_where_they_were_given() {
    let world = World::new();
    assert_eq!(world.create("without", json!({})).await.get("Environment"), None);
    let empty = world.create("with", json!({ "Environment": {} })).await;
    assert_eq!(empty["Environment"], json!({ "Variables": {} }));
}

#[test_case("nope1.x", "Value nope1.x at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ["; "no runtime")]
#[test_case("python3.7", "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions."; "an old one")]
#[tokio::test]
async fn a_runtime_is_refused_in_lambdas_words(runtime: &str, words: &str) {
    let error = World::new().ask("CreateFunction", function("fn", json!({ "Runtime": runtime }))).await.unwrap_err();
    assert!(error.is("InvalidParameterValueException") && error.message.starts_with(words), "{error}");
}

#[test_case("GetFunction", json!({ "FunctionName": "arn:aws:lambda:eu-west-1:000000000000:function:fn" }), "ResourceNotFoundException", "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"; "another region")]
#[test_case("GetFunction", json!({ "FunctionName": "fn", "Qualifier": "7" }), "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:fn:7"; "a version")]
#[test_case("GetFunction", json!({ "FunctionName": "none", "Qualifier": "$LATEST" }), "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST"; "the latest version")]
#[test_case("GetFunction", json!({ "FunctionName": "none" }), "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none"; "a function")]
#[test_case("Invoke", json!({ "FunctionName": "none" }), "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST"; "a function to invoke")]
#[test_case("DeleteFunction", json!({ "FunctionName": "none", "Qualifier": "$LATEST" }), "InvalidParameterValueException", "$LATEST version cannot be deleted without deleting the function."; "the latest version to delete")]
#[test_case("PutFunctionConcurrency", json!({ "FunctionName": "fn:$LATEST", "ReservedConcurrentExecutions": 1 }), "InvalidParameterValueException", "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN."; "the latest version to reserve for")]
#[test_case("PutFunctionEventInvokeConfig", json!({ "FunctionName": "none" }), "InvalidParameterValueException", "You must specify at least one of error handling or destination setting."; "nothing to configure of nothing")]
#[test_case("GetAlias", json!({ "FunctionName": "fn", "Name": "x" }), "ResourceNotFoundException", "Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:fn:x"; "an alias to read")]
#[test_case("UpdateAlias", json!({ "FunctionName": "fn", "Name": "x" }), "ResourceNotFoundException", "Alias not found: arn:aws:lambda:us-east-1:000000000000:function:fn:x"; "an alias to change")]
#[test_case("CreateAlias", json!({ "FunctionName": "none", "Name": "x", "FunctionVersion": "1" }), "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:1"; "a function for an alias")]
#[test_case("PutFunctionConcurrency", json!({ "FunctionName": "none", "ReservedConcurrentExecutions": 1 }), "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST"; "a function to reserve for")]
#[test_case("GetPolicy", json!({ "FunctionName": "fn" }), "ResourceNotFoundException", "The resource you requested does not exist."; "a policy")]
#[test_case("RemovePermission", json!({ "FunctionName": "fn", "StatementId": "s" }), "ResourceNotFoundException", "No policy is associated with the given resource."; "a policy to change")]
#[test_case("RemovePermission", json!({ "FunctionName": "none", "StatementId": "s" }), "ResourceNotFoundException", "No policy found for: arn:aws:lambda:us-east-1:000000000000:function:none"; "a function with a policy")]
#[test_case("ListTags", json!({ "Resource": "arn:aws:lambda:us-east-1:000000000000:function:none" }), "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none"; "a function with tags")]
#[test_case("TagResource", json!({ "Resource": "arn:aws:lambda:us-east-1:000000000000:function:fn:live", "Tags": { "a": "b" } }), "InvalidParameterValueException", "Tags on function aliases and versions are not supported. Please specify a function ARN."; "tags of an alias")]
#[test_case("GetFunctionEventInvokeConfig", json!({ "FunctionName": "fn", "Qualifier": "live" }), "ResourceNotFoundException", "The function arn:aws:lambda:us-east-1:000000000000:function:fn:live doesn't have an EventInvokeConfig"; "a configuration")]
#[test_case("PutFunctionEventInvokeConfig", json!({ "FunctionName": "none", "MaximumRetryAttempts": 1 }), "ResourceNotFoundException", "The function doesn't exist."; "a function to configure")]
#[test_case("PutFunctionEventInvokeConfig", json!({ "FunctionName": "fn" }), "InvalidParameterValueException", "You must specify at least one of error handling or destination setting."; "nothing to configure")]
#[test_case("PutFunctionEventInvokeConfig", json!({ "FunctionName": "fn", "DestinationConfig": { "OnSuccess": { "Destination": "arn:aws:lambda:us-east-1:000000000000:function:fn" } } }), "InvalidParameterValueException", "You can't specify the function as a destination for itself."; "a destination that is itself")]
#[test_case("PutFunctionEventInvokeConfig", json!({ "FunctionName": "fn", "DestinationConfig": { "OnSuccess": { "Destination": "arn:aws:lambda:us-east-1:000000000000:function:no" } } }), "InvalidParameterValueException", "The destination ARN arn:aws:lambda:us-east-1:000000000000:function:no is invalid."; "a destination that is not there")]
#[test_case("PutFunctionEventInvokeConfig", json!({ "FunctionName": "fn", "DestinationConfig": { "OnSuccess": { "Destination": "arn:aws:iam:us-east-1:000000000000:x" } } }), "InvalidParameterValueException", "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:iam:us-east-1:000000000000:x), onFailure=null) is invalid."; "a destination of another service")]
#[test_case("UpdateFunctionCode", json!({ "FunctionName": "fn", "ImageUri": "x" }), "InvalidParameterValueException", "Please don't provide ImageUri when updating a function with packageType Zip."; "an image")]
#[tokio::test]
async fn a_refusal_reads_as_awss_does(operation: &str, input: Value, code: &str, message: &str) {
    let world = with_an_alias().await;
    let error = world.ask(operation, input).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.message.as_str()), (code, message));
}

#[test_case(json!({ "Qualifier": "$LATEST" }), "We currently do not support adding policies for $LATEST."; "latest")]
#[test_case(json!({ "Principal": "invalid.nonaws.com" }), "The provided principal was invalid. Please check the principal and try again."; "nobody")]
#[test_case(json!({ "Qualifier": "none" }), "Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:fn:none"; "no alias")]
#[test_case(json!({ "Qualifier": "42" }), "Function not found: arn:aws:lambda:us-east-1:000000000000:function:fn:42"; "no version")]
#[tokio::test]
async fn a_permission_that_cannot_be_is_refused(change: Value, message: &str) {
    let world = with_an_alias().await;
    let mut input = json!({
        "FunctionName": "fn", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
    });
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    assert_eq!(world.ask("AddPermission", input).await.unwrap_err().message, message);
}

#[tokio::test]
async fn iam_finds_the_policies_of_functions_and_aliases_by_their_arns() {
    let world = with_an_alias().await;
    let permission = json!({
        "FunctionName": "fn", "Qualifier": "live", "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "*", "SourceAccount": "000000000000", "PrincipalOrgID": "o-1234567890",
        "FunctionUrlAuthType": "NONE", "InvokedViaFunctionUrl": true,
    });
    world.done("AddPermission", permission).await;
    let lambda = world.hub.service("lambda").unwrap();
    assert_eq!(lambda.resource_policy(ARN), None);
    let document: Value = serde_json::from_str(&lambda.resource_policy(&format!("{ARN}:live")).unwrap()).unwrap();
    let statement = &document["Statement"][0];
    assert_eq!((&statement["Principal"], &statement["Resource"]), (&json!("*"), &json!(format!("{ARN}:live"))));
    let equals = json!({
        "AWS:SourceAccount": "000000000000", "aws:PrincipalOrgID": "o-1234567890", "lambda:FunctionUrlAuthType": "NONE",
    });
    assert_eq!(statement["Condition"]["StringEquals"], equals);
    assert_eq!(statement["Condition"]["Bool"], json!({ "lambda:InvokedViaFunctionUrl": "true" }));
}

#[tokio::test]
async fn a_version_that_is_not_there_is_deleted_without_a_word() {
    let world = with_an_alias().await;
    let delete = |qualifier: &str| json!({ "FunctionName": "fn", "Qualifier": qualifier });
    assert_eq!(world.done("DeleteFunction", delete("77")).await, json!({ "StatusCode": 204 }));
    assert_eq!(world.refused("DeleteFunction", delete("1")).await.0, "ResourceConflictException");
}

#[tokio::test]
async fn a_function_has_fifty_tags_at_the_most() {
    let world = World::new();
    let tags = |count: usize| -> Value {
        (0..count).map(|number| (format!("k{number}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    let many = world.ask("CreateFunction", function("fn", json!({ "Tags": tags(51) }))).await.unwrap_err();
    assert_eq!(many.message, "Number of tags exceeds resource tag limit.");
    world.create("fn", json!({ "Tags": tags(50) })).await;
    let more = world.refused("TagResource", json!({ "Resource": ARN, "Tags": { "one": "more" } })).await;
    assert_eq!(more.0, "InvalidParameterValueException");
    let reserved = world.refused("TagResource", json!({ "Resource": ARN, "Tags": { "aws:x": "" } })).await;
    assert_eq!(reserved.0, "InvalidParameterValueException");
}

#[tokio::test]
async fn the_runtime_is_always_the_newest() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let config = world.done("GetRuntimeManagementConfig", json!({ "FunctionName": "fn" })).await;
    assert_eq!((&config["UpdateRuntimeOn"], &config["FunctionArn"]), (&json!("Auto"), &json!(ARN)));
    let manual = json!({ "FunctionName": "fn", "UpdateRuntimeOn": "Manual" });
    assert_eq!(world.refused("PutRuntimeManagementConfig", manual).await.0, "NotImplemented");
}

#[tokio::test]
async fn a_role_that_may_not_write_its_log_is_told_of_and_what_the_function_said_is_kept() {
    let world = World::guarded();
    let statement = json!({ "Effect": "Allow", "Action": "logs:*", "Resource": "arn:aws:logs:*:*:*" });
    for (name, may) in [("mute", false), ("speaking", true)] {
        world.role(name, "lambda.amazonaws.com").await;
        if may {
            let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
            let policy = json!({ "RoleName": name, "PolicyName": "logs", "PolicyDocument": document });
            world.hub.call("iam", "PutRolePolicy", policy).await.unwrap();
        }
        world.create(name, json!({ "Role": format!("arn:aws:iam::000000000000:role/{name}") })).await;
        assert!(!world.invoke(name, json!({ "do": "who" })).await.failed());
    }
    for name in ["mute", "speaking"] {
        until("the function's log is there", async || {
            world.log(name).await.iter().any(|line| line.starts_with("REPORT")).then_some(())
        })
        .await;
    }
    let role = "arn:aws:iam::000000000000:role/mute";
    let mute = crate::sts::session(&world.hub, role, "mute", "lambda.amazonaws.com").await.unwrap();
    let denied = crate::logs::may_append(&world.hub, &mute, "/aws/lambda/mute", "new").await.unwrap_err();
    assert!(denied.message.contains("is not authorized to perform: logs:CreateLogStream"), "{denied}");
}

#[tokio::test]
async fn a_package_is_downloaded_as_it_came_until_its_last_version_is_gone() {
    let world = World::new();
    let zip = super::world::package(&[("bootstrap", 0o755, "#!/bin/sh\n")]);
    world.create("fn", json!({ "Code": { "ZipFile": zip } })).await;
    let code = world.done("GetFunction", json!({ "FunctionName": "fn" })).await["Code"].clone();
    assert_eq!(code["RepositoryType"], "S3");
    let location = code["Location"].as_str().unwrap();
    let path = "/awslambda-us-east-1-tasks/snapshots/000000000000/";
    let key = location.strip_prefix(&format!("{}{path}", world.hub.endpoint)).unwrap();
    let download = async || {
        let response = serve(State(Arc::clone(&world.hub)), Path(key.to_owned())).await;
        (response.status().as_u16(), to_bytes(response.into_body(), usize::MAX).await.unwrap())
    };
    let (status, body) = download().await;
    assert_eq!((status, STANDARD.encode(body)), (200, zip));
    world.done("DeleteFunction", json!({ "FunctionName": "fn" })).await;
    assert_eq!(download().await.0, 404);
}
