//! The contacts API's own process in the plane: what it writes and sends at its end, and that it ends.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};
use slipway_tests::{eventually, zip_of};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

/// The function's `main`, built with these tests.
const PROGRAM: &str = env!("CARGO_BIN_EXE_contacts-api-under-test");
const NAME: &str = "contacts";

async fn deploy(plane: &Plane, more: &[(&str, &str)]) -> Result<()> {
    let hub = plane.hub();
    let table = json!({
        "TableName": NAME, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    });
    hub.call_as(&Caller::root(), "dynamodb", "CreateTable", table).await.context("the table cannot be made")?;
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let trust = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let role = json!({"RoleName": "any", "AssumeRolePolicyDocument": trust});
    hub.call_as(&Caller::root(), "iam", "CreateRole", role).await.context("the role cannot be made")?;
    let mut variables = json!({"TABLE_NAME": NAME, "SLIPWAY_COMMIT": "c", "SLIPWAY_RELEASE": "r"});
    for (name, value) in more {
        variables[*name] = json!(value);
    }
    // The program itself weighs more than a package may.
    let package = zip_of(&format!("#!/bin/sh\nexec '{PROGRAM}'\n"));
    let function = json!({
        "FunctionName": NAME, "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 30,
        "Role": "arn:aws:iam::000000000000:role/any", "Code": {"ZipFile": STANDARD.encode(&package)},
        "Environment": {"Variables": variables},
    });
    hub.call_as(&Caller::root(), "lambda", "CreateFunction", function).await.context("the function cannot be made")?;
    Ok(())
}

async fn get(plane: &Plane, path: &str, query: &str) -> Result<Value> {
    let event =
        json!({"rawPath": path, "rawQueryString": query, "requestContext": {"http": {"method": "GET"}}}).to_string();
    let input = json!({"FunctionName": NAME, "Payload": STANDARD.encode(event)});
    let reply = plane.hub().call_as(&Caller::root(), "lambda", "Invoke", input).await?;
    let payload = STANDARD.decode(reply["Payload"].as_str().unwrap_or_default())?;
    Ok(serde_json::from_slice(&payload)?)
}

/// The number of requests of `/health` that CloudWatch knows of.
async fn counted(plane: &Plane) -> u64 {
    let now = plane.hub().now().epoch_seconds();
    let dimensions: Vec<Value> = [("Service", NAME), ("Route", "/health"), ("Method", "GET"), ("Status", "2xx")]
        .iter()
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect();
    let query = json!({
        "Namespace": "Tests", "MetricName": "Latency", "Dimensions": dimensions, "Unit": "Milliseconds",
        "StartTime": now - 600.0, "EndTime": now + 600.0, "Period": 3600, "Statistics": ["SampleCount"],
    });
    let Ok(reply) = plane.hub().call_as(&Caller::root(), "monitoring", "GetMetricStatistics", query).await else {
        return 0;
    };
    let points = reply["Datapoints"].as_array().map_or(&[][..], Vec::as_slice);
    points.iter().filter_map(|point| point["SampleCount"].as_f64()).sum::<f64>() as u64
}

#[tokio::test]
async fn what_a_function_has_gathered_is_written_at_its_end() -> Result<()> {
    let plane = Plane::start(PlaneOptions::default()).await?;
    deploy(&plane, &[("METRICS_NAMESPACE", "Tests")]).await?;
    for _ in 0..3 {
        assert_eq!(get(&plane, "/health", "").await?["statusCode"], 200);
    }
    assert_eq!(get(&plane, "/health", "deep=true").await?["statusCode"], 200);
    eventually("the first request is counted at once", async || (counted(&plane).await >= 1).then_some(())).await;
    // Its environments end with it: SIGTERM comes because the function has registered an extension.
    plane.hub().call_as(&Caller::root(), "lambda", "DeleteFunction", json!({"FunctionName": NAME})).await?;
    eventually("all requests are counted", async || (counted(&plane).await == 4).then_some(())).await;
    plane.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn deep_health_is_that_of_the_table() -> Result<()> {
    let plane = Plane::start(PlaneOptions::default()).await?;
    deploy(&plane, &[]).await?;
    plane.hub().call_as(&Caller::root(), "dynamodb", "DeleteTable", json!({"TableName": NAME})).await?;
    let answer = get(&plane, "/health", "deep=true").await?;
    assert_eq!(
        (&answer["statusCode"], &answer["headers"]["content-type"]),
        (&json!(503), &json!("application/problem+json"))
    );
    assert_eq!(get(&plane, "/health", "").await?["statusCode"], 200);
    plane.shutdown().await;
    Ok(())
}

/// Takes one request as a collector does, and answers its body.
async fn collected(collector: &TcpListener) -> Result<Value> {
    let (stream, _) = collector.accept().await?;
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while stream.read_line(&mut line).await? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await?;
    Ok(serde_json::from_slice(&body)?)
}

#[tokio::test]
async fn a_trace_has_the_calls_of_its_request() -> Result<()> {
    let plane = Plane::start(PlaneOptions::default()).await?;
    let collector = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", collector.local_addr()?);
    deploy(&plane, &[("TRACING", "otlp"), ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]).await?;
    let (answer, trace) = tokio::join!(get(&plane, "/health", "deep=true"), collected(&collector));
    assert_eq!(answer?["statusCode"], 200);
    let spans = &trace?["resourceSpans"][0]["scopeSpans"][0]["spans"];
    assert_eq!((&spans[0]["name"], &spans[1]["name"]), (&json!("GET /health"), &json!("DynamoDB.GetItem")));
    assert_eq!(spans[1]["parentSpanId"], spans[0]["spanId"]);
    plane.shutdown().await;
    Ok(())
}

/// A plane that is killed closes every connection and says nothing.
#[tokio::test]
async fn a_function_whose_plane_is_gone_ends_by_itself() -> Result<()> {
    let runtime_api = TcpListener::bind("127.0.0.1:0").await?;
    let mut function = Command::new(PROGRAM)
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", runtime_api.local_addr()?.to_string().as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", NAME),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
            ("TABLE_NAME", NAME),
            ("SLIPWAY_COMMIT", "c"),
            ("SLIPWAY_RELEASE", "r"),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let (mut connection, _) = runtime_api.accept().await?;
    let mut request = [0; 64];
    let read = connection.read(&mut request).await?;
    assert!(request[..read].starts_with(b"GET /2018-06-01/runtime/invocation/next"));
    drop((connection, runtime_api));
    let status = tokio::time::timeout(Duration::from_secs(30), function.wait()).await.context("it goes on")??;
    assert!(!status.success());
    Ok(())
}
