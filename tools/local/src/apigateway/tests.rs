//! An API behind its door: a Lambda that answers with the event it got, and the plane's own issuer.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::core::{Clock, Hub, Ids, PlaneIdentity, Reply, Request, Service};
use crate::issuer::{issuer_router, issuer_url};
use crate::s3::S3Endpoint;

const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKIA1/20260131/us-east-1/execute-api/aws4_request, Signature=0";

/// A function whose answer is its event.
struct Mirror;

impl Service for Mirror {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        let event = STANDARD.decode(request.input.str("Payload").unwrap()).unwrap();
        let answer = json!({ "statusCode": 200, "body": String::from_utf8(event).unwrap() });
        Box::pin(async move { Ok(json!({ "Payload": STANDARD.encode(answer.to_string()), "ExecutedVersion": "1" })) })
    }
}

/// A hub with API Gateway, the mirror, and an issuer on a port of its own.
struct World {
    hub: Arc<Hub>,
    issuer: String,
    server: AbortHandle,
    _files: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl World {
    async fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = issuer_router(&endpoint);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        let identity = PlaneIdentity::default();
        let hub = Hub::new(Clock::scaled(1.0), Ids::seeded(1), identity, endpoint.clone(), files.path().to_owned());
        let services: Vec<Arc<dyn Service>> = vec![super::service(&hub), Arc::new(Mirror)];
        hub.register(services, S3Endpoint::open(files.path()).unwrap().objects());
        Self { hub, issuer: issuer_url(&endpoint), server, _files: files }
    }

    async fn call(&self, operation: &str, input: Value) -> Value {
        self.hub.call("apigateway", operation, input).await.unwrap()
    }

    /// An API with a stage of these settings, and its integration's target.
    async fn api(&self, stage: Value, payload: &str) -> (Value, String) {
        let api = self.call("CreateApi", json!({ "Name": "n", "ProtocolType": "HTTP" })).await;
        let id = &api["ApiId"];
        let mut settings = json!({ "ApiId": id, "StageName": "$default", "AutoDeploy": true });
        settings.as_object_mut().unwrap().extend(stage.as_object().unwrap().clone());
        self.call("CreateStage", settings).await;
        let integration = json!({
            "ApiId": id, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": payload,
            "IntegrationUri": "arn:aws:lambda:us-east-1:000000000000:function:mirror:live",
        });
        let integration = self.call("CreateIntegration", integration).await;
        let target = format!("integrations/{}", integration["IntegrationId"].as_str().unwrap());
        (api, target)
    }

    async fn authorizer(&self, api: &Value) -> Value {
        let input = json!({
            "ApiId": api["ApiId"], "Name": "tokens", "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": { "Issuer": self.issuer, "Audience": ["slipway"] },
        });
        self.call("CreateAuthorizer", input).await["AuthorizerId"].take()
    }

    /// An API whose `$default` route takes tokens, and whose `GET /open` takes anybody.
    async fn guarded(&self, scopes: &[&str], payload: &str) -> Value {
        let (api, target) = self.api(json!({}), payload).await;
        let authorizer = self.authorizer(&api).await;
        let open = json!({ "ApiId": api["ApiId"], "RouteKey": "GET /open", "Target": target });
        self.call("CreateRoute", open).await;
        let guarded = json!({
            "ApiId": api["ApiId"], "RouteKey": "$default", "Target": target, "AuthorizationType": "JWT",
            "AuthorizerId": authorizer, "AuthorizationScopes": scopes,
        });
        self.call("CreateRoute", guarded).await;
        api
    }

    async fn token(&self, form: &str) -> String {
        let request = Client::new().post(format!("{}/token", self.issuer)).body(form.to_owned());
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

async fn get(api: &Value, path: &str, authorization: Option<&str>) -> Response {
    let mut request = Client::new().get(format!("{}{path}", api["ApiEndpoint"].as_str().unwrap()));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    request.send().await.unwrap()
}

/// Status, challenge and body.
async fn refused(response: Response) -> (u16, String, Value) {
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
    assert_eq!(event["requestContext"]["authorizer"]["iam"]["userArn"], "arn:aws:iam::000000000000:user/AKIA1");
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
        "uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:0:function:f/invocations",
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
        world.hub.call("apigateway", "CreateAuthorizer", input)
    };
    let error = create(format!("{}/nowhere", world.issuer)).await.unwrap_err();
    assert_eq!(error.code, "BadRequestException");
    assert!(error.message.starts_with("Caught exception when connecting to"), "{}", error.message);
    assert_eq!(create("https://issuer.example.com".to_owned()).await.unwrap_err().code, "NotImplemented");
}
