//! Lambda, CodeDeploy and CodePipeline through the AWS CLI.

use std::path::Path;

use serde_json::{Value, json};
use slipway_local::{Plane, PlaneOptions};
use slipway_tests::{Aws, ECHO, eventually, zip_of};

const ROLE: &str = "arn:aws:iam::000000000000:role/any";

async fn create_role(aws: &Aws) {
    let services = ["lambda", "codedeploy", "codepipeline"].map(|name| format!("{name}.amazonaws.com"));
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": services }, "Action": "sts:AssumeRole" },
    ] });
    let words = ["iam", "create-role", "--role-name", "any", "--assume-role-policy-document"];
    aws.ok(&[&words[..], &[&trust.to_string()]].concat()).await;
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    aws.ok(&["iam", "attach-role-policy", "--role-name", "any", "--policy-arn", policy]).await;
}

pub(super) async fn create_echo(aws: &Aws, directory: &Path) {
    create_versions(aws, directory, ECHO).await;
}

/// The function `echo` with an alias `live` on version 1, whose `LABEL` is `one`, and a version 2, whose `LABEL` is `two`.
pub(super) async fn create_versions(aws: &Aws, directory: &Path, bootstrap: &str) {
    create_role(aws).await;
    let package = directory.join("echo.zip");
    std::fs::write(&package, zip_of(bootstrap)).unwrap();
    let package = format!("fileb://{}", package.display());
    aws.ok(&[
        "lambda",
        "create-function",
        "--function-name",
        "echo",
        "--runtime",
        "provided.al2023",
        "--handler",
        "bootstrap",
        "--role",
        ROLE,
        "--zip-file",
        &package,
        "--environment",
        "Variables={LABEL=one}",
    ])
    .await;
    assert_eq!(aws.ok(&["lambda", "publish-version", "--function-name", "echo"]).await["Version"], "1");
    aws.ok(&["lambda", "create-alias", "--function-name", "echo", "--name", "live", "--function-version", "1"]).await;
    let change = [
        "lambda",
        "update-function-configuration",
        "--function-name",
        "echo",
        "--environment",
        "Variables={LABEL=two}",
    ];
    aws.ok(&change).await;
    assert_eq!(aws.ok(&["lambda", "publish-version", "--function-name", "echo"]).await["Version"], "2");
}

/// Invokes `echo` and answers the invocation's outcome and the payload.
async fn invoke(aws: &Aws, directory: &Path, qualifier: &str, event: &Value) -> (Value, Value) {
    let (payload, answer) = (directory.join("payload.json"), directory.join("answer.json"));
    std::fs::write(&payload, event.to_string()).unwrap();
    let payload = format!("fileb://{}", payload.display());
    let words = ["lambda", "invoke", "--function-name", "echo", "--qualifier", qualifier, "--payload", &payload];
    let outcome = aws.ok(&[&words[..], &[answer.to_str().unwrap()]].concat()).await;
    (outcome, serde_json::from_slice(&std::fs::read(answer).unwrap()).unwrap())
}

#[tokio::test]
async fn versions_keep_their_own_environment_and_answer_for_themselves() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let (aws, directory) = (Aws::at(plane.endpoint()), tempfile::tempdir().unwrap());
    create_echo(&aws, directory.path()).await;
    for (qualifier, label) in [("1", "one"), ("2", "two"), ("live", "one")] {
        let (outcome, answer) = invoke(&aws, directory.path(), qualifier, &json!({ "n": 1 })).await;
        assert_eq!((&outcome["StatusCode"], &answer["label"]), (&200.into(), &label.into()));
        assert_eq!(answer["event"], json!({ "n": 1 }));
    }
    let (outcome, answer) = invoke(&aws, directory.path(), "live", &json!({ "fail": true })).await;
    assert_eq!((&outcome["FunctionError"], &answer["errorType"]), (&"Unhandled".into(), &"Asked".into()));
    let address = plane.endpoint().trim_start_matches("http://").to_owned();
    plane.shutdown().await;
    // Everything that was started has ended: nothing is left to speak to.
    assert!(std::net::TcpStream::connect(&address).is_err(), "{address} still answers");
}

/// Begins to shift `echo` to version 2, by a canary of a tenth; answers the deployment's id.
pub(super) async fn begin_canary(aws: &Aws) -> String {
    begin_canary_with(aws, json!([])).await
}

/// The same, with the hooks of an AppSpec.
pub(super) async fn begin_canary_with(aws: &Aws, hooks: Value) -> String {
    aws.ok(&["deploy", "create-application", "--application-name", "app", "--compute-platform", "Lambda"]).await;
    aws.ok(&[
        "deploy",
        "create-deployment-group",
        "--application-name",
        "app",
        "--deployment-group-name",
        "group",
        "--service-role-arn",
        ROLE,
        "--deployment-config-name",
        "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        "--deployment-style",
        "deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL",
    ])
    .await;
    let content = json!({ "version": 0.0, "Resources": [{ "echo": { "Type": "AWS::Lambda::Function",
        "Properties": { "Name": "echo", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2" } } }], "Hooks": hooks });
    let revision = json!({ "revisionType": "AppSpecContent", "appSpecContent": { "content": content.to_string() } });
    let words = ["deploy", "create-deployment", "--application-name", "app", "--deployment-group-name", "group"];
    let made = aws.ok(&[&words[..], &["--revision", &revision.to_string()]].concat()).await;
    made["deploymentId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_canary_shifts_the_alias_to_the_new_version() {
    let plane = Plane::start(PlaneOptions { time_scale: 60.0, ..PlaneOptions::default() }).await.unwrap();
    let (aws, directory) = (Aws::at(plane.endpoint()), tempfile::tempdir().unwrap());
    create_echo(&aws, directory.path()).await;
    let id = &begin_canary(&aws).await;
    assert!(id.starts_with("d-") && id.len() == 11);
    let alias = async || aws.ok(&["lambda", "get-alias", "--function-name", "echo", "--name", "live"]).await;
    eventually("a tenth goes to the new version, and the rest to the old one", async || {
        let alias = alias().await;
        let weights = &alias["RoutingConfig"]["AdditionalVersionWeights"];
        (alias["FunctionVersion"] == "1" && *weights == json!({ "2": 0.1 })).then_some(())
    })
    .await;
    let deployment = eventually("the deployment ends", async || {
        let deployment = aws.ok(&["deploy", "get-deployment", "--deployment-id", id]).await;
        (!deployment["deploymentInfo"]["completeTime"].is_null()).then_some(deployment)
    })
    .await;
    let after = alias().await;
    assert_eq!(after["FunctionVersion"], "2");
    assert!(after["RoutingConfig"]["AdditionalVersionWeights"].as_object().is_none_or(serde_json::Map::is_empty));
    assert_eq!(deployment["deploymentInfo"]["status"], "Succeeded");
    plane.shutdown().await;
}

#[tokio::test]
async fn a_new_pipeline_starts_by_itself_and_an_approval_lets_it_through() {
    let plane = Plane::start(PlaneOptions { time_scale: 20.0, ..PlaneOptions::default() }).await.unwrap();
    let (aws, directory) = (Aws::at(plane.endpoint()), tempfile::tempdir().unwrap());
    let made = aws.ok(&["codecommit", "create-repository", "--repository-name", "r"]).await;
    let remote = made["repositoryMetadata"]["cloneUrlHttp"].as_str().unwrap();
    create_role(&aws).await;
    aws.ok(&["s3", "mb", "s3://artifacts"]).await;
    let commit = push(directory.path(), remote).await;
    let pipeline = json!({ "pipeline": { "name": "p", "roleArn": ROLE, "version": 1, "pipelineType": "V2",
        "artifactStore": { "type": "S3", "location": "artifacts" },
        "stages": [
            { "name": "Source", "actions": [{ "name": "Source", "runOrder": 1, "outputArtifacts": [{ "name": "SourceOutput" }],
                "actionTypeId": { "category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1" },
                "configuration": { "RepositoryName": "r", "BranchName": "main", "PollForSourceChanges": "false" } }] },
            { "name": "Approval", "actions": [{ "name": "Approve", "runOrder": 1,
                "actionTypeId": { "category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1" } }] },
        ] } });
    aws.ok(&["codepipeline", "create-pipeline", "--cli-input-json", &pipeline.to_string()]).await;
    // A new pipeline starts by itself; a second start here would race the first one to the approval.
    let state = async || aws.ok(&["codepipeline", "get-pipeline-state", "--name", "p"]).await;
    let token = eventually("the approval is asked for", async || {
        state().await["stageStates"][1]["actionStates"][0]["latestExecution"]["token"].as_str().map(str::to_owned)
    })
    .await;
    aws.ok(&[
        "codepipeline",
        "put-approval-result",
        "--pipeline-name",
        "p",
        "--stage-name",
        "Approval",
        "--action-name",
        "Approve",
        "--result",
        "summary=good,status=Approved",
        "--token",
        &token,
    ])
    .await;
    let execution = eventually("the execution succeeds", async || {
        let listed = aws.ok(&["codepipeline", "list-pipeline-executions", "--pipeline-name", "p"]).await;
        let newest = &listed["pipelineExecutionSummaries"][0];
        (newest["status"] == "Succeeded").then(|| newest.clone())
    })
    .await;
    assert_eq!(execution["sourceRevisions"][0]["revisionId"], commit.as_str());
    plane.shutdown().await;
}

/// Makes a commit and pushes it; answers its id.
async fn push(directory: &Path, remote: &str) -> String {
    let git = async |words: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"];
        let output =
            tokio::process::Command::new("git").arg("-C").arg(directory).args(identity).args(words).output().await;
        let output = output.unwrap();
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    std::fs::write(directory.join("file"), "content").unwrap();
    git(&["init", "--quiet", "--initial-branch", "main"]).await;
    git(&["add", "file"]).await;
    git(&["commit", "--quiet", "-m", "first"]).await;
    git(&["push", "--quiet", remote, "main"]).await;
    git(&["rev-parse", "HEAD"]).await
}
