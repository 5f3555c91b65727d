//! The callers that an HTTP API lets in, set through the AWS CLI and tried with the plane's tokens and with botocore's signatures.

use std::process::Command;

use serde_json::Value;
use slipway_local::{Plane, PlaneOptions};
use slipway_tests::{Aws, program};

use crate::delivery::create_echo;

/// Signs `GET` of its first argument for an API, and writes status and body.
const SIGNED_GET: &str = r#"
import sys, urllib.request
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
request = AWSRequest(method="GET", url=sys.argv[1])
SigV4Auth(Credentials("AKIALOCAL", "secret"), "execute-api", "us-east-1").add_auth(request)
with urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers=dict(request.headers))) as answer:
    print(answer.read().decode())
"#;

struct Api {
    aws: Aws,
    id: String,
    route: String,
    url: String,
}

impl Api {
    /// An API whose one route leads to `echo`, and is open.
    async fn create(aws: Aws) -> Self {
        let function = "arn:aws:lambda:us-east-1:000000000000:function:echo:live";
        let words = ["apigatewayv2", "create-api", "--name", "n", "--protocol-type", "HTTP", "--target", function];
        let made = aws.ok(&words).await;
        let permission = ["lambda", "add-permission", "--function-name", function, "--statement-id", "api"];
        let principal = ["--action", "lambda:InvokeFunction", "--principal", "apigateway.amazonaws.com"];
        aws.ok(&[&permission[..], &principal[..]].concat()).await;
        let (id, url) = (text(&made["ApiId"]), text(&made["ApiEndpoint"]));
        let routes = aws.ok(&["apigatewayv2", "get-routes", "--api-id", &id]).await;
        Self { route: text(&routes["Items"][0]["RouteId"]), aws, id, url }
    }

    async fn call(&self, operation: &str, words: &[&str]) -> Value {
        self.aws.ok(&[&["apigatewayv2", operation, "--api-id", &self.id], words].concat()).await
    }

    async fn guard(&self, words: &[&str]) -> Value {
        self.call("update-route", &[&["--route-id", &self.route], words].concat()).await
    }

    async fn get(&self, token: &str) -> (u16, Value) {
        let answer = reqwest::Client::new().get(&self.url).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_route_is_closed_by_tokens_by_signatures_and_by_limits() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let aws = Aws::at(plane.endpoint());
    create_echo(&aws, directory.path()).await;
    let api = Api::create(aws).await;
    assert_eq!(api.get("").await.0, 200);

    let configuration = format!("Issuer={},Audience=slipway", plane.issuer());
    let source = ["--identity-source", "$request.header.Authorization", "--jwt-configuration", &configuration];
    let made =
        api.call("create-authorizer", &[&["--name", "a", "--authorizer-type", "JWT"], &source[..]].concat()).await;
    let authorizer = text(&made["AuthorizerId"]);
    let listed = api.call("get-authorizers", &[]).await;
    assert_eq!(listed["Items"][0]["JwtConfiguration"]["Issuer"], plane.issuer().as_str());
    api.guard(&["--authorization-type", "JWT", "--authorizer-id", &authorizer]).await;
    assert_eq!(api.get("nonsense").await.0, 401);
    let token = format!("{}/token?sub=ada&scope=read", plane.issuer());
    let token: Value = reqwest::get(token).await.unwrap().json().await.unwrap();
    let (status, answer) = api.get(token["access_token"].as_str().unwrap()).await;
    let claims = &answer["event"]["requestContext"]["authorizer"]["jwt"]["claims"];
    assert_eq!((status, &claims["sub"], &claims["scope"]), (200, &"ada".into(), &"read".into()));

    let route = api.guard(&["--authorization-type", "AWS_IAM"]).await;
    assert_eq!(route["AuthorizationType"], "AWS_IAM");
    assert_eq!(api.get("").await.0, 403);
    let url = api.url.clone();
    let python =
        tokio::task::spawn_blocking(move || Command::new(program("python3")).args(["-c", SIGNED_GET, &url]).output());
    let output = python.await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["event"]["requestContext"]["authorizer"]["iam"]["accessKey"], "AKIALOCAL");

    let limits = "ThrottlingBurstLimit=1,ThrottlingRateLimit=0";
    let stage = api.call("update-stage", &["--stage-name", "$default", "--default-route-settings", limits]).await;
    assert_eq!(stage["DefaultRouteSettings"]["ThrottlingBurstLimit"], 1);
    assert_eq!((api.get("").await.0, api.get("").await.0), (403, 429));
    plane.shutdown().await;
}
