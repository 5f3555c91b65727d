//! Functions, versions, aliases, policies, concurrency and tags, as an AWS client sees them.

use serde_json::{Value, json};
use test_case::test_case;

use super::world::package;
use super::{World, function};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:fn";

/// A function with versions 1 and 2, whose `WORD` differs.
async fn with_two_versions(world: &World) {
    world.create("fn", json!({ "Publish": true, "Environment": { "Variables": { "WORD": "one" } } })).await;
    let change = json!({ "FunctionName": "fn", "Environment": { "Variables": { "WORD": "two" } } });
    world.done("UpdateFunctionConfiguration", change).await;
    assert_eq!(world.done("PublishVersion", json!({ "FunctionName": "fn" })).await["Version"], "2");
}

#[tokio::test]
async fn a_function_is_active_and_described_under_the_name_it_is_asked_by() {
    let world = World::new();
    let created = world.create("fn", json!({ "Description": "a test", "Tags": { "team": "x" } })).await;
    assert_eq!((&created["State"], &created["StateReasonCode"]), (&json!("Pending"), &json!("Creating")));
    assert_eq!((&created["FunctionArn"], &created["Version"]), (&json!(ARN), &json!("$LATEST")));
    assert_eq!(created["LoggingConfig"], json!({ "LogFormat": "Text", "LogGroup": "/aws/lambda/fn" }));
    let got = world.done("GetFunction", json!({ "FunctionName": ARN, "Qualifier": "$LATEST" })).await;
    assert_eq!(got["Configuration"]["FunctionArn"], format!("{ARN}:$LATEST"));
    assert_eq!(got["Configuration"]["CodeSha256"], created["CodeSha256"]);
    let state = |member: &str| got["Configuration"][member].clone();
    assert_eq!((state("State"), state("LastUpdateStatus")), (json!("Active"), json!("Successful")));
    assert_eq!(got["Tags"], json!({ "team": "x" }));
    let listed = world.done("ListFunctions", json!({})).await;
    assert_eq!(listed["Functions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn names_are_taken_once() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let again = world.refused("CreateFunction", function("fn", json!({}))).await;
    assert_eq!(again, ("ResourceConflictException".to_owned(), 409));
    let missing = world.refused("GetFunction", json!({ "FunctionName": "none" })).await;
    assert_eq!(missing, ("ResourceNotFoundException".to_owned(), 404));
}

#[test_case(json!({ "Runtime": "python3.13" }), "NotImplemented"; "another runtime")]
#[test_case(json!({ "Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:l:1"] }), "NotImplemented"; "layers")]
#[test_case(json!({ "VpcConfig": { "SubnetIds": ["subnet-1"], "SecurityGroupIds": [] } }), "NotImplemented"; "vpc")]
#[test_case(json!({ "PackageType": "Image" }), "NotImplemented"; "image")]
#[test_case(json!({ "Timeout": 901 }), "ValidationException"; "timeout")]
#[test_case(json!({ "MemorySize": 64 }), "ValidationException"; "memory")]
#[test_case(json!({ "Role": "x" }), "ValidationException"; "role")]
#[test_case(json!({ "Handler": null }), "InvalidParameterValueException"; "handler")]
#[test_case(json!({ "Code": { "ZipFile": "bm8gemlw" } }), "InvalidParameterValueException"; "no zip")]
#[test_case(json!({ "Code": { "ZipFile": package(&[("../up", 0o755, "x")]) } }), "InvalidParameterValueException"; "path")]
#[test_case(json!({ "Environment": { "Variables": { "AWS_REGION": "x" } } }), "InvalidParameterValueException"; "reserved")]
#[test_case(json!({ "Environment": { "Variables": { "LONG": "x".repeat(5000) } } }), "InvalidParameterValueException"; "variables")]
#[test_case(json!({ "LoggingConfig": { "LogFormat": "Text", "SystemLogLevel": "WARN" } }), "InvalidParameterValueException"; "levels")]
#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_is_made(settings: Value, code: &str) {
    let world = World::new();
    assert_eq!(world.refused("CreateFunction", function("fn", settings)).await.0, code);
    assert_eq!(world.refused("GetFunction", json!({ "FunctionName": "fn" })).await.1, 404);
}

#[tokio::test]
async fn a_published_version_never_changes() {
    let world = World::new();
    with_two_versions(&world).await;
    for (name, word) in [("fn:1", "one"), ("fn:2", "two"), ("fn", "two")] {
        assert_eq!(world.invoke(name, json!({ "do": "who" })).await.payload()["word"], word, "{name}");
    }
    let code = package(&[("bootstrap", 0o755, "#!/bin/sh\nexit 9\n")]);
    let updated = world.done("UpdateFunctionCode", json!({ "FunctionName": "fn", "ZipFile": code })).await;
    let first = world.done("GetFunctionConfiguration", json!({ "FunctionName": "fn:1" })).await;
    assert_ne!(first["CodeSha256"], updated["CodeSha256"]);
    assert!(world.invoke("fn", json!({})).await.failed());
    assert_eq!(world.invoke("fn:1", json!({ "do": "who" })).await.payload()["word"], "one");
}

#[tokio::test]
async fn publishing_without_a_change_answers_the_last_version() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let publish = json!({ "FunctionName": "fn" });
    assert_eq!(world.done("PublishVersion", publish.clone()).await["Version"], "1");
    assert_eq!(world.done("PublishVersion", publish.clone()).await["Version"], "1");
    world.done("UpdateFunctionConfiguration", json!({ "FunctionName": "fn", "Timeout": 9 })).await;
    assert_eq!(world.done("PublishVersion", publish.clone()).await["Version"], "2");
    world.done("DeleteFunction", json!({ "FunctionName": "fn", "Qualifier": "2" })).await;
    assert_eq!(world.done("PublishVersion", publish).await["Version"], "3", "a number is never used again");
    let versions = world.done("ListVersionsByFunction", json!({ "FunctionName": "fn" })).await;
    let numbers: Vec<&str> =
        versions["Versions"].as_array().unwrap().iter().map(|v| v["Version"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["$LATEST", "1", "3"]);
}

#[tokio::test]
async fn publishing_checks_what_the_caller_expects() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let settled = world.done("GetFunctionConfiguration", json!({ "FunctionName": "fn" })).await;
    let other = json!({ "FunctionName": "fn", "CodeSha256": "other" });
    assert_eq!(world.refused("PublishVersion", other).await.0, "InvalidParameterValueException");
    let stale = json!({ "FunctionName": "fn", "RevisionId": "stale" });
    assert_eq!(world.refused("PublishVersion", stale).await, ("PreconditionFailedException".to_owned(), 412));
    let right =
        json!({ "FunctionName": "fn", "CodeSha256": settled["CodeSha256"], "RevisionId": settled["RevisionId"] });
    assert_eq!(world.done("PublishVersion", right).await["Version"], "1");
}

#[tokio::test]
async fn an_alias_is_made_moved_and_removed() {
    let world = World::new();
    with_two_versions(&world).await;
    let made = world.done("CreateAlias", json!({ "FunctionName": "fn", "Name": "live", "FunctionVersion": "1" })).await;
    assert_eq!((&made["AliasArn"], &made["FunctionVersion"]), (&json!(format!("{ARN}:live")), &json!("1")));
    assert_eq!(made.get("RoutingConfig"), None);
    let weights = json!({ "AdditionalVersionWeights": { "2": 0.1 } });
    let shift =
        json!({ "FunctionName": "fn", "Name": "live", "RoutingConfig": weights, "RevisionId": made["RevisionId"] });
    let shifted = world.done("UpdateAlias", shift.clone()).await;
    assert_eq!(shifted["RoutingConfig"], weights);
    assert_eq!(world.refused("UpdateAlias", shift).await, ("PreconditionFailedException".to_owned(), 412));
    for version in ["1", "2"] {
        let delete = json!({ "FunctionName": "fn", "Qualifier": version });
        assert_eq!(world.refused("DeleteFunction", delete).await, ("ResourceConflictException".to_owned(), 409));
    }
    let promote = json!({
        "FunctionName": "fn", "Name": "live", "FunctionVersion": "2", "RoutingConfig": { "AdditionalVersionWeights": {} },
    });
    assert_eq!(world.done("UpdateAlias", promote).await.get("RoutingConfig"), None);
    let got = world.done("GetFunction", json!({ "FunctionName": "fn", "Qualifier": "live" })).await;
    assert_eq!(got["Configuration"]["Version"], "2");
    world.done("DeleteAlias", json!({ "FunctionName": "fn", "Name": "live" })).await;
    let gone = world.refused("GetAlias", json!({ "FunctionName": "fn", "Name": "live" })).await;
    assert_eq!(gone, ("ResourceNotFoundException".to_owned(), 404));
}

#[test_case(json!({ "Name": "7" }), "ValidationException"; "a number as name")]
#[test_case(json!({ "FunctionVersion": "9" }), "ResourceNotFoundException"; "no such version")]
#[test_case(json!({ "RoutingConfig": { "AdditionalVersionWeights": { "9": 0.5 } } }), "ResourceNotFoundException"; "no such other version")]
#[test_case(json!({ "RoutingConfig": { "AdditionalVersionWeights": { "$LATEST": 0.5 } } }), "ValidationException"; "latest as other")]
#[test_case(json!({ "FunctionVersion": "$LATEST", "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.5 } } }), "InvalidParameterValueException"; "latest with weights")]
#[test_case(json!({ "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.5 } } }), "InvalidParameterValueException"; "the same version twice")]
#[test_case(json!({ "RoutingConfig": { "AdditionalVersionWeights": { "2": 1.5 } } }), "ValidationException"; "weight over one")]
#[test_case(json!({ "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.1, "1": 0.1 } } }), "InvalidParameterValueException"; "three versions")]
#[tokio::test]
async fn an_alias_that_cannot_be_is_refused(change: Value, code: &str) {
    let world = World::new();
    with_two_versions(&world).await;
    let mut input = json!({ "FunctionName": "fn", "Name": "live", "FunctionVersion": "1" });
    for (member, value) in change.as_object().unwrap() {
        input[member] = value.clone();
    }
    assert_eq!(world.refused("CreateAlias", input).await.0, code);
    assert_eq!(world.done("ListAliases", json!({ "FunctionName": "fn" })).await["Aliases"], json!([]));
}

#[tokio::test]
async fn permissions_are_kept_as_a_policy() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let permission = json!({
        "FunctionName": "fn", "StatementId": "events", "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com", "SourceArn": "arn:aws:events:us-east-1:000000000000:rule/r",
    });
    world.done("AddPermission", permission.clone()).await;
    assert_eq!(world.refused("AddPermission", permission).await, ("ResourceConflictException".to_owned(), 409));
    let policy = world.done("GetPolicy", json!({ "FunctionName": "fn" })).await;
    let document: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(document["Statement"][0]["Principal"], json!({ "Service": "events.amazonaws.com" }));
    assert_eq!(document["Statement"][0]["Resource"], ARN);
    world.done("RemovePermission", json!({ "FunctionName": "fn", "StatementId": "events" })).await;
    assert_eq!(world.refused("GetPolicy", json!({ "FunctionName": "fn" })).await.1, 404);
}

#[tokio::test]
async fn tags_come_and_go() {
    let world = World::new();
    world.create("fn", json!({})).await;
    world.done("TagResource", json!({ "Resource": ARN, "Tags": { "a": "1", "b": "2" } })).await;
    world.done("UntagResource", json!({ "Resource": ARN, "TagKeys": ["a"] })).await;
    assert_eq!(world.done("ListTags", json!({ "Resource": ARN })).await["Tags"], json!({ "b": "2" }));
}

#[tokio::test]
async fn an_event_invoke_configuration_is_put_updated_and_deleted() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let put = json!({ "FunctionName": "fn", "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60 });
    let config = world.done("PutFunctionEventInvokeConfig", put).await;
    assert_eq!(config["FunctionArn"], format!("{ARN}:$LATEST"));
    let change = json!({ "FunctionName": "fn", "MaximumRetryAttempts": 0 });
    let config = world.done("UpdateFunctionEventInvokeConfig", change).await;
    assert_eq!((&config["MaximumRetryAttempts"], &config["MaximumEventAgeInSeconds"]), (&json!(0), &json!(60)));
    let queue = json!({ "OnFailure": { "Destination": "arn:aws:sqs:us-east-1:000000000000:q" } });
    let refused = world
        .refused("PutFunctionEventInvokeConfig", json!({ "FunctionName": "fn", "DestinationConfig": queue }))
        .await;
    assert_eq!(refused, ("NotImplemented".to_owned(), 501));
    world.done("DeleteFunctionEventInvokeConfig", json!({ "FunctionName": "fn" })).await;
    assert_eq!(world.refused("GetFunctionEventInvokeConfig", json!({ "FunctionName": "fn" })).await.1, 404);
}

#[tokio::test]
async fn concurrency_is_reserved_within_the_accounts_limit() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let reserve = |n: i64| json!({ "FunctionName": "fn", "ReservedConcurrentExecutions": n });
    assert_eq!(world.refused("PutFunctionConcurrency", reserve(901)).await.0, "InvalidParameterValueException");
    world.done("PutFunctionConcurrency", reserve(900)).await;
    let got = world.done("GetFunction", json!({ "FunctionName": "fn" })).await;
    assert_eq!(got["Concurrency"], json!({ "ReservedConcurrentExecutions": 900 }));
    let account = world.done("GetAccountSettings", json!({})).await;
    assert_eq!(account["AccountLimit"]["UnreservedConcurrentExecutions"], 100);
    world.done("DeleteFunctionConcurrency", json!({ "FunctionName": "fn" })).await;
    assert_eq!(world.done("GetFunctionConcurrency", json!({ "FunctionName": "fn" })).await, json!({}));
}

#[tokio::test]
async fn what_is_not_run_says_so() {
    let world = World::new();
    for operation in ["ListProvisionedConcurrencyConfigs", "CreateFunctionUrlConfig", "ListLayers"] {
        let error = world.ask(operation, json!({ "FunctionName": "fn" })).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.status), ("NotImplemented", 501));
        assert!(error.message.contains(&format!("lambda:{operation};")), "{error}");
    }
}

#[tokio::test]
async fn a_role_that_does_not_trust_lambda_is_refused() {
    let world = World::with_iam();
    let refused = ("InvalidParameterValueException".to_owned(), 400);
    assert_eq!(world.refused("CreateFunction", function("fn", json!({}))).await, refused, "there is no such role");
    world.role("runner", "ec2.amazonaws.com").await;
    assert_eq!(world.refused("CreateFunction", function("fn", json!({}))).await, refused, "it trusts another service");
    world.role("trusting", "lambda.amazonaws.com").await;
    let role = "arn:aws:iam::000000000000:role/trusting";
    world.create("fn", json!({ "Role": role })).await;
    let seen = world.invoke("fn", json!({ "do": "context" })).await.payload();
    assert!(seen["environment"]["AWS_SESSION_TOKEN"].as_str().unwrap().len() > 300, "STS made the credentials");
    let change = json!({ "FunctionName": "fn", "Role": "arn:aws:iam::000000000000:role/runner" });
    assert_eq!(world.refused("UpdateFunctionConfiguration", change).await, refused);
}
