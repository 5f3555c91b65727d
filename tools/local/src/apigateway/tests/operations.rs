//! The operations as clients use them, and how they refuse.

use serde_json::{Value, json};
use test_case::test_case;

use super::World;

async fn api(world: &World) -> Value {
    world.call("CreateApi", json!({ "Name": "n", "ProtocolType": "HTTP" })).await["ApiId"].take()
}

#[test_case("GetApi", json!({}), "Invalid API identifier specified 000000000000:x")]
#[test_case("DeleteApi", json!({}), "Invalid API identifier specified 000000000000:x")]
#[test_case("CreateRoute", json!({ "RouteKey": "GET /" }), "Invalid API identifier specified 000000000000:x")]
#[tokio::test]
async fn an_api_that_is_not_there_is_named_with_its_account(operation: &str, mut input: Value, message: &str) {
    let world = World::new().await;
    input["ApiId"] = json!("x");
    let error = world.refused(operation, input).await;
    assert_eq!((error.code.as_str(), error.status, error.message.as_str()), ("NotFoundException", 404, message));
}

#[test_case("GetRoute", "RouteId", "Invalid Route identifier specified x")]
#[test_case("DeleteRoute", "RouteId", "Invalid Route identifier specified x")]
#[test_case("UpdateRoute", "RouteId", "Invalid Route identifier specified x")]
#[test_case("GetIntegration", "IntegrationId", "Invalid Integration identifier specified x")]
#[test_case("DeleteIntegration", "IntegrationId", "Invalid Integration identifier specified x")]
#[test_case("UpdateIntegration", "IntegrationId", "Invalid Integration identifier specified x")]
#[test_case("GetAuthorizer", "AuthorizerId", "Invalid Authorizer identifier specified x")]
#[test_case("DeleteAuthorizer", "AuthorizerId", "Invalid Authorizer identifier specified x")]
#[test_case("GetDeployment", "DeploymentId", "Invalid Deployment identifier specified x")]
#[test_case("DeleteDeployment", "DeploymentId", "Invalid Deployment identifier specified x")]
#[test_case("GetStage", "StageName", "Invalid stage identifier specified")]
#[test_case("UpdateStage", "StageName", "Invalid stage identifier specified")]
#[test_case("DeleteStage", "StageName", "Invalid stage identifier specified")]
#[test_case("DeleteAccessLogSettings", "StageName", "Invalid stage identifier specified")]
#[tokio::test]
async fn a_part_that_is_not_there_is_named(operation: &str, member: &str, message: &str) {
    let world = World::new().await;
    let error = world.refused(operation, json!({ "ApiId": api(&world).await, member: "x" })).await;
    assert_eq!((error.code.as_str(), error.status, error.message.as_str()), ("NotFoundException", 404, message));
}

#[tokio::test]
async fn only_http_apis_are_made() {
    let world = World::new().await;
    let create = |kind: &str| world.refused("CreateApi", json!({ "Name": "n", "ProtocolType": kind }));
    assert!(create("WEBSOCKET").await.is("NotImplemented"));
    let error = create("?").await;
    assert_eq!(error.message, "Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]");
}

#[tokio::test]
async fn every_member_of_an_api_and_a_stage_is_answered_again() {
    let world = World::new().await;
    let made = world.call("CreateApi", json!({ "Name": "x", "ProtocolType": "HTTP", "Description": "d" })).await;
    for member in ["CreatedDate", "ApiKeySelectionExpression", "DisableExecuteApiEndpoint", "RouteSelectionExpression"]
    {
        assert!(made.get(member).is_some(), "{member}");
    }
    assert_eq!(world.call("GetApi", json!({ "ApiId": made["ApiId"] })).await, made);
    let log =
        json!({ "DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:x", "Format": "$context.requestId" });
    let stage = json!({
        "ApiId": made["ApiId"], "StageName": "s", "AutoDeploy": true, "Description": "d", "AccessLogSettings": log,
    });
    let created = world.call("CreateStage", stage).await;
    let read = world.call("GetStage", json!({ "ApiId": made["ApiId"], "StageName": "s" })).await;
    assert_eq!((&read, &read["AccessLogSettings"], &read["Description"]), (&created, &log, &json!("d")));
    assert!(read["CreatedDate"].is_i64() && read["LastUpdatedDate"].is_i64());
    let failed = "Deployment attempt failed: Unable to deploy API because no routes exist in this API";
    assert_eq!(read["LastDeploymentStatusMessage"], failed);
    world.call("DeleteAccessLogSettings", json!({ "ApiId": made["ApiId"], "StageName": "s" })).await;
    let read = world.call("GetStage", json!({ "ApiId": made["ApiId"], "StageName": "s" })).await;
    assert!(read.get("AccessLogSettings").is_none());
}

#[tokio::test]
async fn a_stage_deploys_each_change_by_itself() {
    let world = World::new().await;
    let (api, target) = world.api(json!({}), "2.0").await;
    world.route(&api, "GET /", &target).await;
    let stage = world.call("GetStage", json!({ "ApiId": api["ApiId"], "StageName": "$default" })).await;
    let id = stage["DeploymentId"].as_str().unwrap();
    assert_eq!(stage["LastDeploymentStatusMessage"], format!("Successfully deployed stage with deployment ID '{id}'"));
    let deployments = world.call("GetDeployments", json!({ "ApiId": api["ApiId"] })).await;
    let current = deployments["Items"].as_array().unwrap().iter().find(|item| item["DeploymentId"] == id).unwrap();
    assert_eq!((&current["AutoDeployed"], &current["DeploymentStatus"]), (&json!(true), &json!("DEPLOYED")));
}

#[tokio::test]
async fn what_is_in_use_or_already_there_is_a_conflict() {
    let world = World::new().await;
    let (api, target) = world.api(json!({}), "2.0").await;
    let id = api["ApiId"].clone();
    world.route(&api, "GET /", &target).await;
    let again = world.refused("CreateRoute", json!({ "ApiId": id, "RouteKey": "GET /" })).await;
    let expected = ("ConflictException", 409, "Route with key GET / already exists for this API");
    assert_eq!((again.code.as_str(), again.status, again.message.as_str()), expected);
    let integration = target.trim_start_matches("integrations/");
    let in_use = world.refused("DeleteIntegration", json!({ "ApiId": id, "IntegrationId": integration })).await;
    assert_eq!((in_use.code.as_str(), in_use.status), ("ConflictException", 409));
    let stage = world.refused("CreateStage", json!({ "ApiId": id, "StageName": "$default" })).await;
    assert_eq!((stage.code.as_str(), stage.message.as_str()), ("ConflictException", "Stage already exists"));
}

#[tokio::test]
async fn quick_creation_makes_an_api_that_serves() {
    let world = World::new().await;
    let input = json!({ "Name": "n", "ProtocolType": "HTTP", "Target": super::MIRROR, "RouteKey": "GET /q" });
    let api = world.call("CreateApi", input).await;
    assert_eq!(super::get(&api, "/q", None).await.status(), 200);
    let routes = world.call("GetRoutes", json!({ "ApiId": api["ApiId"] })).await;
    assert_eq!(routes["Items"][0]["ApiGatewayManaged"], true);
    let rename = json!({ "ApiId": api["ApiId"], "RouteId": routes["Items"][0]["RouteId"], "RouteKey": "GET /r" });
    assert_eq!(world.refused("UpdateRoute", rename).await.code, "BadRequestException");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::new().await;
    for _ in 0..3 {
        api(&world).await;
    }
    let first = world.call("GetApis", json!({ "MaxResults": "2" })).await;
    assert_eq!(first["Items"].as_array().unwrap().len(), 2);
    let second = world.call("GetApis", json!({ "MaxResults": "2", "NextToken": first["NextToken"] })).await;
    assert_eq!((second["Items"].as_array().unwrap().len(), &second["NextToken"]), (1, &Value::Null));
}

#[tokio::test]
async fn tags_are_of_apis_and_stages() {
    let world = World::new().await;
    let id = api(&world).await;
    world.call("CreateStage", json!({ "ApiId": id, "StageName": "s", "Tags": { "a": "1" } })).await;
    let arn = |tail: &str| format!("arn:aws:apigateway:us-east-1::/apis/{}{tail}", id.as_str().unwrap());
    world.call("TagResource", json!({ "ResourceArn": arn("/stages/s"), "Tags": { "b": "2" } })).await;
    world.call("UntagResource", json!({ "ResourceArn": arn("/stages/s"), "TagKeys": ["a"] })).await;
    assert_eq!(
        world.call("GetTags", json!({ "ResourceArn": arn("/stages/s") })).await,
        json!({ "Tags": { "b": "2" } })
    );
    assert_eq!(world.call("GetTags", json!({ "ResourceArn": arn("") })).await, json!({ "Tags": {} }));
    for (bad, code) in [
        ("x".to_owned(), "BadRequestException"),
        (arn("x"), "NotFoundException"),
        (arn("/stages/t"), "NotFoundException"),
    ] {
        assert_eq!(world.refused("GetTags", json!({ "ResourceArn": bad })).await.code, code);
    }
}

#[tokio::test]
async fn an_import_again_replaces_the_definition_and_keeps_the_door() {
    let world = World::new().await;
    let body = |path: &str| {
        let uri = super::MIRROR;
        format!(
            "openapi: 3.0.1\ninfo: {{ title: t, version: '1' }}\npaths:\n  {path}:\n    get:\n      x-amazon-apigateway-integration: \
             {{ type: aws_proxy, payloadFormatVersion: '2.0', uri: '{uri}' }}\n"
        )
    };
    let first = world.call("ImportApi", json!({ "Body": body("/a") })).await;
    world.call("CreateStage", json!({ "ApiId": first["ApiId"], "StageName": "$default", "AutoDeploy": true })).await;
    let second = world.call("ReimportApi", json!({ "ApiId": first["ApiId"], "Body": body("/b") })).await;
    assert_eq!((&second["ApiEndpoint"], &second["CreatedDate"]), (&first["ApiEndpoint"], &first["CreatedDate"]));
    let status = async |path: &str| super::get(&first, path, None).await.status().as_u16();
    assert_eq!((status("/a").await, status("/b").await), (404, 200));
}

#[test_case("CreateApi", json!({ "ProtocolType": "HTTP", "Name": "n", "CredentialsArn": "arn:aws:iam::1:role/r" }))]
#[test_case("UpdateApi", json!({ "Target": "arn:aws:lambda:us-east-1:1:function:f" }))]
#[test_case("CreateRoute", json!({ "RouteKey": "GET /", "RequestModels": { "a": "b" } }))]
#[test_case("CreateRoute", json!({ "RouteKey": "GET /", "ApiKeyRequired": true }))]
#[test_case("CreateStage", json!({ "StageName": "s", "ClientCertificateId": "c" }))]
#[test_case("CreateIntegration", json!({ "IntegrationType": "AWS_PROXY", "RequestParameters": { "append:header.a": "b" } }))]
#[test_case("CreateIntegration", json!({ "IntegrationType": "HTTP_PROXY", "ConnectionType": "VPC_LINK" }))]
#[test_case("CreateModel", json!({ "Name": "m", "Schema": "{}" }))]
#[test_case("CreateDomainName", json!({ "DomainName": "a.example" }))]
#[test_case("ExportApi", json!({ "Specification": "OAS30", "OutputType": "JSON" }))]
#[tokio::test]
async fn what_is_not_run_is_refused_by_its_name(operation: &str, mut input: Value) {
    let world = World::new().await;
    input["ApiId"] = api(&world).await;
    let error = world.refused(operation, input).await;
    assert!(error.is("NotImplemented") && error.message.contains(operation), "{error}");
}
