//! The API does what its document says, on the way that its users take: Schemathesis makes requests from the document, good and bad
//! ones, sends them with a token through API Gateway's front door to the function in its own process and the table in DynamoDB, and
//! judges the answers.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::template;
use slipway_tests::{eventually, program, project_dir, zip_of};
use tokio::process::Command;

/// The function's `main`, built with these tests.
const PROGRAM: &str = env!("CARGO_BIN_EXE_contacts-api-under-test");
const NAME: &str = "contacts";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:contacts:live";

/// The resources of the template that stand in front of the function and behind it, for a function that is there already and the
/// plane's own issuer; without limits, which Schemathesis would run into.
fn resources(template: &Value, issuer: &str) -> Result<Map<String, Value>> {
    let all = template["Resources"].as_object().context("the template has no resources")?;
    let wanted = |name: &str, kind: &str| {
        kind.starts_with("AWS::ApiGatewayV2::") || name == "ContactsTable" || name == "ContactsPermission"
    };
    let mut chosen = Map::new();
    for (name, resource) in all {
        if wanted(name, resource["Type"].as_str().unwrap_or_default()) {
            let mut resource = resolved(resource, issuer);
            if let Some(resource) = resource.as_object_mut() {
                resource.shift_remove("Condition");
            }
            if let Some(properties) = resource["Properties"].as_object_mut() {
                properties.shift_remove("DefaultRouteSettings");
                properties.shift_remove("PointInTimeRecoverySpecification");
            }
            chosen.insert(name.clone(), resource);
        }
    }
    chosen["ContactsTable"]["Properties"]["TableName"] = json!(NAME);
    Ok(chosen)
}

/// A part of the template with the values of what these resources refer to.
fn resolved(part: &Value, issuer: &str) -> Value {
    match part {
        Value::Object(members) => {
            if let Some(branches) =
                members.get("Fn::If").and_then(Value::as_array).filter(|known| known[0] == "TakesTokens")
            {
                return resolved(&branches[1], issuer);
            }
            match members.get("Ref").and_then(Value::as_str) {
                Some("ContactsApi.Alias") => json!(FUNCTION),
                Some("JwtIssuer") => json!(issuer),
                Some("JwtAudience") => json!("slipway"),
                _ => members.iter().map(|(name, member)| (name.clone(), resolved(member, issuer))).collect(),
            }
        }
        Value::Array(items) => items.iter().map(|item| resolved(item, issuer)).collect(),
        other => other.clone(),
    }
}

/// The function with its alias, then the stack around it; the address of its API.
async fn deployed(plane: &Plane) -> Result<String> {
    let hub = plane.hub();
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let trust = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let role = json!({"RoleName": "any", "AssumeRolePolicyDocument": trust});
    hub.call("iam", "CreateRole", role).await.context("the role cannot be made")?;
    // The program itself weighs more than a package may.
    let package = zip_of(&format!("#!/bin/sh\nexec '{PROGRAM}'\n"));
    let function = json!({
        "FunctionName": NAME, "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 30, "Publish": true,
        "Role": "arn:aws:iam::000000000000:role/any", "Code": {"ZipFile": STANDARD.encode(&package)},
        "Environment": {"Variables": {"TABLE_NAME": NAME, "SLIPWAY_COMMIT": "c", "SLIPWAY_RELEASE": "r"}},
    });
    hub.call("lambda", "CreateFunction", function).await.context("the function cannot be made")?;
    let alias = json!({"FunctionName": NAME, "Name": "live", "FunctionVersion": "1"});
    hub.call("lambda", "CreateAlias", alias).await.context("the alias cannot be made")?;
    let template = template::parse(&fs::read_to_string(project_dir().join("template.yaml"))?)?.to_json();
    let outputs = json!({"Url": {"Value": {"Fn::GetAtt": ["ContactsHttpApi", "ApiEndpoint"]}}});
    let body = json!({"Resources": resources(&template, &plane.issuer())?, "Outputs": outputs});
    let stack = json!({"StackName": "api", "TemplateBody": body.to_string()});
    hub.call("cloudformation", "CreateStack", stack).await.context("the stack cannot be made")?;
    let stack = eventually("the stack is made", async || {
        let asked = hub.call("cloudformation", "DescribeStacks", json!({"StackName": "api"})).await;
        let stack = asked.ok()?.pointer("/Stacks/0").cloned()?;
        let ended = stack["StackStatus"].as_str().is_some_and(|status| !status.ends_with("_IN_PROGRESS"));
        ended.then_some(stack)
    });
    let stack = stack.await;
    ensure!(stack["StackStatus"] == "CREATE_COMPLETE", "the stack is {stack}");
    Ok(stack.pointer("/Outputs/0/OutputValue").and_then(Value::as_str).context("the stack has no output")?.to_owned())
}

async fn schemathesis(url: &str, token: &str, place: &Path) -> Result<Output> {
    let output = Command::new(program("schemathesis"))
        .arg("--config-file")
        .arg(project_dir().join("tests/schemathesis.toml"))
        .args(["--no-color", "run", &format!("{url}/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .env("SCHEMATHESIS_HOOKS", project_dir().join("tests/schemathesis_texts.py"))
        .current_dir(place)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    output.context("Schemathesis does not start")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_answers_as_its_document_says() -> Result<()> {
    let plane = Plane::start(PlaneOptions::default()).await?;
    let url = deployed(&plane).await?;
    let answer = reqwest::get(format!("{}/token?sub=schemathesis", plane.issuer())).await?.json::<Value>().await?;
    let token = answer["access_token"].as_str().context("the issuer gives no token")?;
    let place = tempfile::tempdir()?;
    let output = schemathesis(&url, token, place.path()).await?;
    plane.shutdown().await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("generated"), "Schemathesis sent nothing:\n{said}");
    Ok(())
}
