//! The providers on the plane's real services: this repository's own application, made, shifted, interrupted, removed.

use std::io::{Cursor, Write as _};
use std::time::Duration;

use serde_json::{Value, json};

use crate::core::{Hub, StoredObject};
use crate::{Plane, PlaneOptions};

const STACK: &str = "slipway--production";
const TEMPLATE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml"));

/// Uploads a package whose content is `marker`, which is never invoked, as `functions/MARKER.zip`.
pub(super) async fn upload(hub: &Hub, bucket: &str, marker: &str) {
    let mut package = Cursor::new(Vec::new());
    let mut zip = zip::ZipWriter::new(&mut package);
    let executable = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", executable).unwrap();
    zip.write_all(marker.as_bytes()).unwrap();
    zip.finish().unwrap();
    let object = StoredObject { body: package.into_inner().into(), ..StoredObject::default() };
    hub.objects().unwrap().put(bucket, &format!("functions/{marker}.zip"), object).await.unwrap();
}

/// The input that makes or updates the stack with code `marker`. The hooks are left out: nothing answers for them here.
fn release(marker: &str) -> Value {
    let mut template = slipway_shared::template::parse(TEMPLATE).unwrap().to_json();
    for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
        if resource["Type"] == "AWS::Serverless::Function" {
            resource["Properties"]["CodeUri"] = json!(format!("s3://artifacts/functions/{marker}.zip"));
        }
        if let Some(preference) = resource.pointer_mut("/Properties/DeploymentPreference") {
            preference.as_object_mut().unwrap().shift_remove("Hooks");
        }
    }
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let parameters: Vec<Value> = [
        ("Stage", "production"),
        ("PipelineName", "slipway"),
        ("ArtifactBucket", "artifacts"),
        ("ExecutionRoleArn", "arn:aws:iam::000000000000:role/execution"),
        ("ReleasesTable", "releases"),
        ("Architecture", architecture),
    ]
    .iter()
    .map(|(key, value)| json!({ "ParameterKey": key, "ParameterValue": value }))
    .collect();
    json!({
        "StackName": STACK, "TemplateBody": template.to_string(), "Parameters": parameters,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    })
}

/// The same with who issues tokens: a parameter as CloudFormation takes it.
fn release_with_issuer(marker: &str, issuer: Value) -> Value {
    let mut input = release(marker);
    let mut parameter = json!({ "ParameterKey": "JwtIssuer" });
    parameter.as_object_mut().unwrap().extend(issuer.as_object().unwrap().clone());
    input["Parameters"].as_array_mut().unwrap().push(parameter);
    input
}

/// The status with which a caller without credentials is answered about contacts.
async fn told_to_strangers(hub: &Hub) -> u16 {
    let found = hub.call("cloudformation", "DescribeStacks", json!({ "StackName": STACK })).await.unwrap();
    let mut outputs = found["Stacks"][0]["Outputs"].as_array().unwrap().iter();
    let url = outputs.find(|output| output["OutputKey"] == "ApiUrl").unwrap()["OutputValue"].as_str().unwrap();
    reqwest::get(format!("{url}/contacts")).await.unwrap().status().as_u16()
}

/// The stack's status once it has settled; nothing when it is gone.
async fn settled(hub: &Hub) -> Option<String> {
    loop {
        let found = hub.call("cloudformation", "DescribeStacks", json!({ "StackName": STACK })).await.ok()?;
        let status = found["Stacks"][0]["StackStatus"].as_str().unwrap().to_owned();
        if !status.ends_with("IN_PROGRESS") {
            return Some(status);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The failed events, for the message of an assertion.
async fn failures(hub: &Hub) -> String {
    let events = hub.call("cloudformation", "DescribeStackEvents", json!({ "StackName": STACK })).await.unwrap();
    let events = events["StackEvents"].as_array().unwrap().iter().rev();
    let failed = events.filter(|event| event["ResourceStatus"].as_str().is_some_and(|s| s.ends_with("FAILED")));
    failed.map(|event| format!("{}: {}\n", event["LogicalResourceId"], event["ResourceStatusReason"])).collect()
}

async fn alias(hub: &Hub) -> (Value, Value) {
    let input = json!({ "FunctionName": "slipway--production-contacts-api", "Name": "live" });
    let alias = hub.call("lambda", "GetAlias", input).await.unwrap();
    let weights = alias.pointer("/RoutingConfig/AdditionalVersionWeights").cloned().unwrap_or_else(|| json!({}));
    (alias["FunctionVersion"].clone(), weights)
}

#[tokio::test(flavor = "multi_thread")]
async fn our_application_is_made_shifted_put_back_and_removed() {
    let plane =
        Plane::start(PlaneOptions { time_scale: 200.0, enforce_iam: true, ..PlaneOptions::default() }).await.unwrap();
    let hub = plane.hub();
    hub.objects().unwrap().create_bucket("artifacts").await.unwrap();
    // The pipeline's stack has the boundary; this one is as wide as can be.
    let everything =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let boundary = json!({
        "PolicyName": "slipway-released-us-east-1", "Path": "/slipway-pipeline/", "PolicyDocument": everything.to_string(),
    });
    hub.call("iam", "CreatePolicy", boundary).await.unwrap();
    for marker in ["one", "two", "three"] {
        upload(hub, "artifacts", marker).await;
    }

    hub.call("cloudformation", "CreateStack", release("one")).await.unwrap();
    assert_eq!(settled(hub).await.as_deref(), Some("CREATE_COMPLETE"), "{}", failures(hub).await);
    assert_eq!(alias(hub).await, (json!("1"), json!({})));
    assert_eq!(told_to_strangers(hub).await, 403, "without an issuer requests must be signed");

    let issuer = json!({ "ParameterValue": plane.issuer() });
    hub.call("cloudformation", "UpdateStack", release_with_issuer("two", issuer)).await.unwrap();
    assert_eq!(settled(hub).await.as_deref(), Some("UPDATE_COMPLETE"), "{}", failures(hub).await);
    assert_eq!(alias(hub).await, (json!("2"), json!({})));
    let deployments = hub.call("codedeploy", "ListDeployments", json!({})).await.unwrap();
    let deployed = json!({ "deploymentId": deployments["deployments"][0] });
    let deployment = hub.call("codedeploy", "GetDeployment", deployed).await.unwrap();
    assert_eq!(deployment["deploymentInfo"]["creator"], "CloudFormation");

    assert_eq!(told_to_strangers(hub).await, 401, "with an issuer requests must have a token");

    let kept = json!({ "UsePreviousValue": true });
    hub.call("cloudformation", "UpdateStack", release_with_issuer("three", kept)).await.unwrap();
    while alias(hub).await.1 == json!({}) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(alias(hub).await, (json!("2"), json!({ "3": 0.1 })), "the canary has a tenth");
    hub.call("cloudformation", "CancelUpdateStack", json!({ "StackName": STACK })).await.unwrap();
    assert_eq!(settled(hub).await.as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"), "{}", failures(hub).await);
    assert_eq!(alias(hub).await, (json!("2"), json!({})), "no weights are left over");
    assert_eq!(told_to_strangers(hub).await, 401, "the issuer survives a release");

    // Before the end: a function that still runs when its log group is deleted is denied another one, as on AWS.
    let denied: Vec<String> =
        plane.access().into_iter().flat_map(|role| role.denied).map(|call| call.message).collect();
    assert_eq!(denied, Vec::<String>::new(), "our roles have what they need");

    hub.call("cloudformation", "DeleteStack", json!({ "StackName": STACK })).await.unwrap();
    assert!(settled(hub).await.is_none_or(|status| status == "DELETE_COMPLETE"));
    for (service, operation, member) in [
        ("iam", "ListRoles", "Roles"),
        ("sns", "ListTopics", "Topics"),
        ("events", "ListRules", "Rules"),
        ("lambda", "ListFunctions", "Functions"),
        ("codedeploy", "ListApplications", "applications"),
        ("apigateway", "GetApis", "Items"),
    ] {
        let left = hub.call(service, operation, json!({})).await.unwrap();
        assert_eq!(left[member], json!([]), "{service} has something left");
    }
    // The template retains its tables: contacts and verdicts outlive a stack.
    let tables = hub.call("dynamodb", "ListTables", json!({})).await.unwrap();
    assert_eq!(tables["TableNames"].as_array().unwrap().len(), 2, "{tables}");
    plane.shutdown().await;
}
