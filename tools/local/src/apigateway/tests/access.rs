//! Access to routes: tokens of the plane's own issuer, signatures, limits, and Lambda authorizers.

use serde_json::{Value, json};

use super::{AUTHORIZER, World, get};

const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKIA1/20260131/us-east-1/execute-api/aws4_request, Signature=0";

/// The status, the challenge and the body of a refusal.
async fn refused(response: reqwest::Response) -> (u16, String, Value) {
    let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), challenge.unwrap_or_default(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_token_of_the_issuer_opens_the_route_and_names_its_owner() {
    let world = World::new().await;
    let api = world.guarded(&[], "2.0").await;
    let token = world.token("sub=ada&scope=read+write").await;
    let event: Value = get(&api, "/contacts", Some(&format!("Bearer {token}"))).await.json().await.unwrap();
    let jwt = &event["requestContext"]["authorizer"]["jwt"];
    assert_eq!((&jwt["claims"]["sub"], &jwt["claims"]["iss"]), (&json!("ada"), &json!(world.issuer)));
    assert_eq!((&jwt["claims"]["scope"], &jwt["scopes"]), (&json!("read write"), &Value::Null));
    assert!(jwt["claims"]["exp"].as_str().unwrap().parse::<i64>().is_ok(), "claims are texts");
}

#[tokio::test]
async fn payload_1_has_the_claims_in_the_authorizer_itself() {
    let world = World::new().await;
    let api = world.guarded(&[], "1.0").await;
    let token = world.token("sub=ada").await;
    let event: Value = get(&api, "/contacts", Some(&token)).await.json().await.unwrap();
    assert_eq!(event["requestContext"]["authorizer"]["claims"]["sub"], "ada");
    let event: Value = get(&api, "/open", None).await.json().await.unwrap();
    assert_eq!(event["requestContext"]["authorizer"], json!({ "claims": null, "scopes": null }));
}

#[tokio::test]
async fn without_a_good_token_only_the_open_route_answers() {
    let world = World::new().await;
    let api = world.guarded(&[], "2.0").await;
    let open = get(&api, "/open", Some("Bearer nonsense")).await;
    assert_eq!(open.status(), 200);
    assert!(open.json::<Value>().await.unwrap()["requestContext"].get("authorizer").is_none());

    let unauthorized = json!({ "message": "Unauthorized" });
    assert_eq!(refused(get(&api, "/x", None).await).await, (401, "Bearer".to_owned(), unauthorized.clone()));
    let good = world.token("sub=ada").await;
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    let another_subject = good.replacen('.', ".e", 1);
    let another_audience = world.token("sub=ada&aud=others").await;
    let other = World::new().await.token("sub=ada").await;
    for (token, fault) in [
        ("nonsense", "the token cannot be decoded"),
        (&forged, "the token's signature is invalid"),
        (&another_subject, "the token's signature is invalid"),
        (&another_audience, "the token does not have a valid audience"),
        (&other, "the token's key is not among the issuer's"),
    ] {
        let expected = format!(r#"Bearer scope="" error="invalid_token" error_description="{fault}""#);
        let answer = refused(get(&api, "/x", Some(&format!("Bearer {token}"))).await).await;
        assert_eq!(answer, (401, expected, unauthorized.clone()));
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_forbidden() {
    let world = World::new().await;
    let api = world.guarded(&["contacts/write"], "2.0").await;
    let (status, challenge, body) =
        refused(get(&api, "/x", Some(&world.token("sub=ada&scope=read").await)).await).await;
    assert_eq!((status, body), (403, json!({ "message": "Forbidden" })));
    assert!(challenge.starts_with(r#"Bearer scope="contacts/write" error="insufficient_scope""#), "{challenge}");
    let token = world.token("sub=ada&scope=read+contacts%2Fwrite").await;
    let event: Value = get(&api, "/x", Some(&token)).await.json().await.unwrap();
    assert_eq!(event["requestContext"]["authorizer"]["jwt"]["scopes"], json!(["contacts/write"]));
}

#[tokio::test]
async fn a_route_may_go_from_tokens_to_signatures() {
    let world = World::new().await;
    let api = world.guarded(&[], "2.0").await;
    let routes = world.call("GetRoutes", json!({ "ApiId": api["ApiId"] })).await;
    let guarded = routes["Items"].as_array().unwrap().iter().find(|route| route["RouteKey"] == "$default").unwrap();
    let update = json!({ "ApiId": api["ApiId"], "RouteId": guarded["RouteId"], "AuthorizationType": "AWS_IAM" });
    world.call("UpdateRoute", update).await;
    let forbidden = json!({ "message": "Forbidden" });
    assert_eq!(refused(get(&api, "/x", None).await).await, (403, String::new(), forbidden));
    let event: Value = get(&api, "/x", Some(SIGNED)).await.json().await.unwrap();
    assert_eq!(event["requestContext"]["authorizer"]["iam"]["userArn"], "arn:aws:iam::000000000000:root");
}

#[tokio::test]
async fn a_stages_limits_answer_429_until_they_are_changed() {
    let world = World::new().await;
    let limits = json!({ "DefaultRouteSettings": { "ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 2 } });
    let (api, target) = world.api(limits, "2.0").await;
    let route = json!({ "ApiId": api["ApiId"], "RouteKey": "$default", "Target": target });
    world.call("CreateRoute", route).await;
    assert_eq!(
        (get(&api, "/", None).await.status(), get(&api, "/", None).await.status()),
        (200.try_into().unwrap(), 200.try_into().unwrap())
    );
    let (status, _, body) = refused(get(&api, "/", None).await).await;
    assert_eq!((status, body), (429, json!({ "message": "Too Many Requests" })));
    let more = json!({
        "ApiId": api["ApiId"], "StageName": "$default", "RouteSettings": { "$default": { "ThrottlingBurstLimit": 9 } },
    });
    world.call("UpdateStage", more).await;
    assert_eq!(get(&api, "/", None).await.status(), 200);
}

#[tokio::test]
async fn a_definition_may_bring_its_authorizer() {
    let world = World::new().await;
    let integration = json!({
        "type": "aws_proxy", "payloadFormatVersion": "2.0",
        "uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations",
    });
    let operation = |auth: Value| {
        let mut operation = json!({ "x-amazon-apigateway-integration": integration });
        operation.as_object_mut().unwrap().extend(auth.as_object().unwrap().clone());
        operation
    };
    let definition = json!({
        "openapi": "3.0.1", "info": { "title": "t" },
        "components": { "securitySchemes": { "tokens": {
            "type": "oauth2",
            "x-amazon-apigateway-authorizer": {
                "type": "jwt", "identitySource": "$request.header.Authorization",
                "jwtConfiguration": { "issuer": world.issuer, "audience": ["slipway"] },
            },
        } } },
        "paths": {
            "/tokens": { "get": operation(json!({ "security": [{ "tokens": [] }] })) },
            "/signed": { "get": operation(json!({ "x-amazon-apigateway-auth": { "type": "AWS_IAM" } })) },
            "/open": { "get": operation(json!({})) },
        },
    });
    let api = world.call("ImportApi", json!({ "Body": definition.to_string() })).await;
    world.call("CreateStage", json!({ "ApiId": api["ApiId"], "StageName": "$default", "AutoDeploy": true })).await;
    let mut statuses = Vec::new();
    for path in ["/tokens", "/signed", "/open"] {
        statuses.push(get(&api, path, None).await.status().as_u16());
    }
    assert_eq!(statuses, [401, 403, 200]);
    let token = world.token("sub=ada").await;
    assert_eq!(get(&api, "/tokens", Some(&token)).await.status(), 200);
}

#[tokio::test]
async fn an_issuer_that_cannot_be_reached_is_refused() {
    let world = World::new().await;
    let (api, _) = world.api(json!({}), "2.0").await;
    let create = |issuer: String| {
        let input = json!({
            "ApiId": api["ApiId"], "Name": "n", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.A"],
            "JwtConfiguration": { "Issuer": issuer, "Audience": ["a"] },
        });
        world.refused("CreateAuthorizer", input)
    };
    let error = create(format!("{}/nowhere", world.issuer)).await;
    assert_eq!(error.code, "BadRequestException");
    assert!(error.message.starts_with("Caught exception when connecting to"), "{}", error.message);
    assert_eq!(create("https://issuer.example.com".to_owned()).await.code, "NotImplemented");
}

/// An API whose `$default` route asks a Lambda authorizer with these settings.
async fn watched(world: &World, settings: Value, payload: &str) -> Value {
    let (api, target) = world.api(json!({}), payload).await;
    let mut input = json!({
        "ApiId": api["ApiId"], "Name": "a", "AuthorizerType": "REQUEST", "AuthorizerUri": AUTHORIZER,
        "AuthorizerPayloadFormatVersion": "2.0", "IdentitySource": ["$request.header.Authorization"],
    });
    input.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let authorizer = world.call("CreateAuthorizer", input).await;
    let route = json!({
        "ApiId": api["ApiId"], "RouteKey": "$default", "Target": target, "AuthorizationType": "CUSTOM",
        "AuthorizerId": authorizer["AuthorizerId"],
    });
    world.call("CreateRoute", route).await;
    api
}

#[tokio::test]
async fn a_simple_answer_opens_the_route_and_its_context_goes_on() {
    let world = World::new().await;
    let api = watched(&world, json!({ "EnableSimpleResponses": true, "AuthorizerResultTtlInSeconds": 0 }), "2.0").await;
    world.functions.authorize(json!({ "isAuthorized": true, "context": { "plan": "gold", "n": 1 } }));
    let event: Value = get(&api, "/x?q=1", Some("me")).await.json().await.unwrap();
    assert_eq!(event["requestContext"]["authorizer"], json!({ "lambda": { "plan": "gold", "n": 1 } }));
    let asked = world.functions.invoked().remove(0).1;
    assert_eq!(
        (&asked["type"], &asked["version"], &asked["identitySource"]),
        (&json!("REQUEST"), &json!("2.0"), &json!(["me"]))
    );
    let arn = format!("arn:aws:execute-api:us-east-1:000000000000:{}/$default/GET/x", api["ApiId"].as_str().unwrap());
    assert_eq!((&asked["routeArn"], &asked["rawQueryString"]), (&json!(arn), &json!("q=1")));
    assert!(asked.get("body").is_none() && asked.get("isBase64Encoded").is_none());
}

#[tokio::test]
async fn a_lambda_authorizer_refuses_as_api_gateway_does() {
    let world = World::new().await;
    let api = watched(&world, json!({ "EnableSimpleResponses": true, "AuthorizerResultTtlInSeconds": 0 }), "2.0").await;
    let refusal = |text: &str| json!({ "message": text });
    assert_eq!(refused(get(&api, "/", None).await).await, (401, String::new(), refusal("Unauthorized")));
    assert!(world.functions.invoked().is_empty(), "nobody is asked about a request without its identity");
    world.functions.authorize(json!({ "isAuthorized": false }));
    assert_eq!(refused(get(&api, "/", Some("me")).await).await, (403, String::new(), refusal("Forbidden")));
    for broken in [json!({ "isAuthorized": "yes" }), json!(null), json!({ "policyDocument": {} })] {
        world.functions.authorize(broken);
        assert_eq!(
            refused(get(&api, "/", Some("me")).await).await,
            (500, String::new(), refusal("Internal Server Error"))
        );
    }
    world.functions.authorize(json!({ "isAuthorized": true }));
    world.functions.permit("arn:aws:execute-api:us-east-1:000000000000:*/$default/$default");
    assert_eq!(
        get(&api, "/", Some("me")).await.status(),
        500,
        "the authorizer's function does not let API Gateway call it"
    );
}

#[tokio::test]
async fn a_policy_is_kept_for_its_time_and_asked_for_each_route() {
    let world = World::new().await;
    let api =
        watched(&world, json!({ "AuthorizerPayloadFormatVersion": "1.0", "AuthorizerResultTtlInSeconds": 60 }), "1.0")
            .await;
    let statement =
        json!({ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*/GET/a*" });
    world.functions.authorize(json!({
        "principalId": "p", "policyDocument": { "Version": "2012-10-17", "Statement": [statement] }, "context": { "k": "v" },
    }));
    let event: Value = get(&api, "/a", Some("me")).await.json().await.unwrap();
    assert_eq!(event["requestContext"]["authorizer"], json!({ "principalId": "p", "k": "v" }));
    assert_eq!(get(&api, "/b", Some("me")).await.status(), 403);
    assert_eq!(get(&api, "/a", Some("you")).await.status(), 200);
    let asked = || world.functions.invoked().iter().filter(|(name, _)| name.contains("guard")).count();
    assert_eq!(asked(), 2, "once for each identity");
    let reset = json!({ "ApiId": api["ApiId"], "StageName": "$default" });
    world.call("ResetAuthorizersCache", reset).await;
    assert_eq!((get(&api, "/a", Some("me")).await.status().as_u16(), asked()), (200, 3));
    let first = world.functions.invoked().remove(0).1;
    assert_eq!(
        (&first["version"], &first["identitySource"], &first["httpMethod"]),
        (&json!("1.0"), &json!("me"), &json!("GET"))
    );
}

#[tokio::test]
async fn a_route_that_takes_preflights_has_to_let_them_through() {
    let world = World::new().await;
    let api = world.guarded(&[], "2.0").await;
    let cors = json!({ "AllowOrigins": ["http://a"], "AllowMethods": ["GET"] });
    world.call("UpdateApi", json!({ "ApiId": api["ApiId"], "CorsConfiguration": cors })).await;
    let preflight = |path: &'static str| {
        let request = reqwest::Client::new()
            .request(http::Method::OPTIONS, format!("{}{path}", api["ApiEndpoint"].as_str().unwrap()));
        request.header("origin", "http://a").header("access-control-request-method", "GET").send()
    };
    assert_eq!(preflight("/x").await.unwrap().status(), 401, "$default asks for a token");
    let routes = world.call("GetRoutes", json!({ "ApiId": api["ApiId"] })).await;
    let guarded = routes["Items"].as_array().unwrap().iter().find(|route| route["RouteKey"] == "$default").unwrap();
    world.call("DeleteRoute", json!({ "ApiId": api["ApiId"], "RouteId": guarded["RouteId"] })).await;
    let answer = preflight("/x").await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-origin"]),
        (204, &"http://a".parse().unwrap())
    );
}
