//! The event that a function gets for a request, and the response that the client gets for the function's answer.

use reqwest::Client;
use serde_json::{Value, json};
use test_case::test_case;

use super::{World, get};
use crate::core::ServiceError;

/// An API of payload format 2.0 whose `$default` route leads to the mirror.
async fn open(world: &World) -> Value {
    let (api, target) = world.api(json!({}), "2.0").await;
    world.route(&api, "$default", &target).await;
    api
}

async fn refusal(response: reqwest::Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_function_is_given_the_decoded_path() {
    let world = World::new().await;
    let api = open(&world).await;
    for (sent, decoded) in [
        ("/p/space%20value", "/p/space value"),
        ("/p/slash%2Fvalue", "/p/slash/value"),
        ("/p/hash%23value", "/p/hash#value"),
        ("/p/%CE%BB", "/p/λ"),
        ("/p/plain", "/p/plain"),
    ] {
        let event: Value = get(&api, sent, None).await.json().await.unwrap();
        assert_eq!((&event["rawPath"], &event["requestContext"]["http"]["path"]), (&json!(decoded), &json!(decoded)));
    }
}

#[tokio::test]
async fn multiple_values_are_dropped_in_format_2_and_the_type_is_then_plain_text() {
    let world = World::new().await;
    let api = open(&world).await;
    let multiple = json!({ "Content-Type": ["application/json"], "Set-Cookie": ["a=1", "b=2"], "X-Mine": ["1"] });
    world.functions.answer(Ok(json!({ "statusCode": 200, "body": "{}", "multiValueHeaders": multiple })));
    let answer = get(&api, "/", None).await;
    let headers = answer.headers();
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert!(!headers.contains_key("set-cookie") && !headers.contains_key("x-mine"));
}

#[tokio::test]
async fn an_answer_and_its_event_have_one_id() {
    let world = World::new().await;
    let api = open(&world).await;
    let answer = get(&api, "/", None).await;
    let id = answer.headers()["apigw-requestid"].to_str().unwrap().to_owned();
    let event: Value = answer.json().await.unwrap();
    assert_eq!(
        (&event["requestContext"]["requestId"], &event["requestContext"]["domainPrefix"]),
        (&json!(id), &api["ApiId"])
    );
}

#[tokio::test]
async fn a_named_stage_is_in_the_path_and_a_route_is_not_asked_for_it() {
    let world = World::new().await;
    let (api, target) = world.api(json!({}), "2.0").await;
    world.route(&api, "GET /pets/{id}", &target).await;
    let variables = json!({ "env": "d" });
    let stage = json!({ "ApiId": api["ApiId"], "StageName": "dev", "AutoDeploy": true, "StageVariables": variables });
    world.call("CreateStage", stage).await;
    let event: Value = get(&api, "/dev/pets/1", None).await.json().await.unwrap();
    assert_eq!((&event["rawPath"], &event["requestContext"]["stage"]), (&json!("/dev/pets/1"), &json!("dev")));
    assert_eq!((&event["pathParameters"], &event["stageVariables"]), (&json!({ "id": "1" }), &variables));
    assert_eq!(get(&api, "/pets/1/", None).await.status(), 404);
}

#[tokio::test]
async fn a_stage_serves_what_has_been_deployed_to_it() {
    let world = World::new().await;
    let (api, target) = world.api(json!({ "AutoDeploy": false }), "2.0").await;
    let id = api["ApiId"].clone();
    let route = world.route(&api, "GET /a", &target).await;
    assert_eq!(refusal(get(&api, "/a", None).await).await, (404, json!({ "message": "Not Found" })));
    let made =
        world.call("CreateDeployment", json!({ "ApiId": id, "StageName": "$default", "Description": "d" })).await;
    assert_eq!((&made["DeploymentStatus"], &made["Description"]), (&json!("DEPLOYED"), &json!("d")));
    world.call("DeleteRoute", json!({ "ApiId": id, "RouteId": route["RouteId"] })).await;
    assert_eq!(get(&api, "/a", None).await.status(), 200, "what is served is the picture");
    let in_use = json!({ "ApiId": id, "DeploymentId": made["DeploymentId"] });
    assert_eq!(world.refused("DeleteDeployment", in_use).await.code, "BadRequestException");
    let stage = world.call("GetStage", json!({ "ApiId": id, "StageName": "$default" })).await;
    assert_eq!(stage["DeploymentId"], made["DeploymentId"]);
}

#[tokio::test]
async fn an_endpoint_that_is_disabled_knows_no_path() {
    let world = World::new().await;
    let api = open(&world).await;
    world.call("UpdateApi", json!({ "ApiId": api["ApiId"], "DisableExecuteApiEndpoint": true })).await;
    assert_eq!(refusal(get(&api, "/", None).await).await, (404, json!({ "message": "Not Found" })));
}

#[test_case(Ok(json!({ "statusCode": 200, "body": {} })), 500, "Internal Server Error"; "an answer that is malformed")]
#[test_case(Err(ServiceError::new("TooManyRequestsException", "Rate Exceeded.").with_status(429)), 503, "Service Unavailable"; "a function that is throttled")]
#[test_case(Err(ServiceError::new("RequestEntityTooLargeException", "too large").with_status(413)), 413, "Request Entity Too Large"; "an event that is too large")]
#[test_case(Err(ServiceError::new("ResourceNotFoundException", "no").with_status(404)), 500, "Internal Server Error"; "no function")]
#[tokio::test]
async fn what_goes_wrong_is_told_in_api_gateways_words(
    answer: Result<Value, ServiceError>,
    status: u16,
    message: &str,
) {
    let world = World::new().await;
    let api = open(&world).await;
    world.functions.answer(answer);
    assert_eq!(refusal(get(&api, "/", None).await).await, (status, json!({ "message": message })));
}

#[tokio::test]
async fn a_function_has_the_time_of_its_integration() {
    let world = World::new().await;
    let (api, _) = world.api(json!({}), "2.0").await;
    let slow =
        json!({ "IntegrationUri": "arn:aws:lambda:us-east-1:000000000000:function:slow", "TimeoutInMillis": 50 });
    let target = world.integration(&api, slow).await;
    world.route(&api, "$default", &target).await;
    assert_eq!(refusal(get(&api, "/", None).await).await, (503, json!({ "message": "Service Unavailable" })));
}

#[tokio::test]
async fn a_function_has_to_let_api_gateway_call_it() {
    let world = World::new().await;
    let (api, target) = world.api(json!({}), "2.0").await;
    world.route(&api, "ANY /pets/{id}", &target).await;
    let id = api["ApiId"].as_str().unwrap();
    let source = |tail: &str| format!("arn:aws:execute-api:us-east-1:000000000000:{id}/{tail}");
    for (pattern, status) in [
        (source("*"), 200),
        (source("*/GET/pets/*"), 200),
        (source("$default/GET/pets/{id}"), 200),
        (source("*/POST/pets/*"), 500),
        ("arn:aws:execute-api:us-east-1:000000000000:other/*".to_owned(), 500),
    ] {
        world.functions.permit(&pattern);
        assert_eq!(get(&api, "/pets/1", None).await.status(), status, "{pattern}");
    }
    let asked = world.functions.asked_for_policies.lock().unwrap()[0].clone();
    assert_eq!(
        (&asked["Qualifier"], asked["FunctionName"].as_str().unwrap().ends_with(":mirror")),
        (&json!("live"), true)
    );
}

#[tokio::test]
async fn requests_that_are_too_large_are_refused() {
    let world = World::new().await;
    let api = open(&world).await;
    let url = api["ApiEndpoint"].as_str().unwrap();
    let headers = Client::new().get(url).header("x-large", "v".repeat(10_240)).send().await.unwrap();
    assert_eq!(refusal(headers).await, (431, json!({ "message": "Request Header Fields Too Large" })));
    let body = Client::new().post(url).body(vec![b'a'; 10 * 1024 * 1024 + 1]).send().await.unwrap();
    assert_eq!(refusal(body).await, (413, json!({ "message": "Request Entity Too Large" })));
    assert!(world.functions.invoked().is_empty());
}

#[tokio::test]
async fn a_route_without_a_target_leads_nowhere() {
    let world = World::new().await;
    let (api, _) = world.api(json!({}), "2.0").await;
    world.call("CreateRoute", json!({ "ApiId": api["ApiId"], "RouteKey": "GET /" })).await;
    assert_eq!(get(&api, "/", None).await.status(), 404);
}

#[tokio::test]
async fn api_gateway_speaks_of_cors_for_the_function() {
    let world = World::new().await;
    let api = open(&world).await;
    let cors = json!({ "AllowOrigins": ["http://a"], "ExposeHeaders": ["etag"] });
    world.call("UpdateApi", json!({ "ApiId": api["ApiId"], "CorsConfiguration": cors })).await;
    world.functions.answer(Ok(json!({ "statusCode": 200, "headers": { "Access-Control-Allow-Origin": "*" } })));
    let request = || Client::new().get(api["ApiEndpoint"].as_str().unwrap());
    let allowed = request().header("origin", "http://a").send().await.unwrap();
    assert_eq!(allowed.headers()["access-control-allow-origin"], "http://a");
    assert_eq!(allowed.headers()["access-control-expose-headers"], "etag");
    let other = request().header("origin", "http://b").send().await.unwrap();
    assert!(!other.headers().contains_key("access-control-allow-origin"));
    world.call("DeleteCorsConfiguration", json!({ "ApiId": api["ApiId"] })).await;
    let unconfigured = request().header("origin", "http://b").send().await.unwrap();
    assert_eq!(unconfigured.headers()["access-control-allow-origin"], "*", "the function speaks for itself");
}

#[tokio::test]
async fn an_http_endpoint_is_asked_in_place_of_a_function() {
    let world = World::new().await;
    let backend = open(&world).await;
    let (api, _) = world.api(json!({}), "1.0").await;
    let proxy = json!({
        "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "ANY", "PayloadFormatVersion": "1.0",
        "IntegrationUri": format!("{}/back/{{id}}", backend["ApiEndpoint"].as_str().unwrap()),
    });
    let target = world.integration(&api, proxy).await;
    world.route(&api, "PUT /front/{id}", &target).await;
    let url = format!("{}/front/a%20b?q=1", api["ApiEndpoint"].as_str().unwrap());
    let event: Value = Client::new().put(url).body("text").send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&event["rawPath"], &event["rawQueryString"], &event["body"]),
        (&json!("/back/a b"), &json!("q=1"), &json!("text"))
    );
    assert_eq!(event["requestContext"]["http"]["method"], "PUT");
}

#[tokio::test]
async fn a_stage_writes_its_access_log() {
    let world = World::new().await;
    let log = json!({
        "DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:access:*",
        "Format": "$context.httpMethod $context.routeKey $context.status $context.error.message $context.integrationErrorMessage",
    });
    let (api, target) = world.api(json!({ "AccessLogSettings": log }), "2.0").await;
    world.route(&api, "GET /x", &target).await;
    world.functions.answer(Ok(json!({ "statusCode": 200, "body": 1 })));
    get(&api, "/x", None).await;
    let written = || world.logs.inputs("PutLogEvents");
    // The first finds no stream, which is made then.
    while written().len() < 2 {
        tokio::task::yield_now().await;
    }
    let why = "The response from the Lambda function doesn't match the format that API Gateway expects";
    let line = &written()[1];
    assert_eq!(line["logStreamName"], format!("{}/$default", api["ApiId"].as_str().unwrap()));
    assert_eq!(line["logEvents"][0]["message"], format!("GET GET /x 500 Internal Server Error {why}"));
}
