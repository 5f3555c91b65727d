//! Whole pipelines: CodeCommit, CodeBuild and S3 as they are, the services around them as lists.

mod executions;
mod requests;
mod roles;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::core::testing::{Fake, hub_at_in};
use crate::core::{Caller, Hub, Service, ServiceError};
use crate::sts::testing::decided;

/// The role of the pipeline and of the build.
const ROLE: &str = "arn:aws:iam::000000000000:role/chain";

struct World {
    hub: Arc<Hub>,
    events: Arc<Fake>,
    lambda: Arc<Fake>,
    sns: Arc<Fake>,
    directory: TempDir,
}

impl World {
    async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let store = directory.path().join("s3");
        std::fs::create_dir(&store).unwrap();
        let s3 = crate::s3::S3Endpoint::open(&store).unwrap();
        let hub = hub_at_in(300.0, &directory.path().join("plane"));
        s3.attach(&hub);
        let [iam, sts] = decided(&hub);
        let lambda = Fake::new("lambda", |_, input| match input["FunctionName"].as_str() {
            Some("missing") => Err(ServiceError::new("ResourceNotFoundException", "Function not found: missing")),
            _ => Ok(json!({ "StatusCode": 202 })),
        });
        let events = Fake::quiet("events", &["PutServiceEvents"]);
        let sns = Fake::quiet("sns", &["Publish"]);
        let logs = Fake::quiet("logs", &["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"]);
        let mut services =
            vec![super::service(&hub), crate::codebuild::service(&hub), crate::codecommit::service(&hub), iam, sts];
        for fake in [&events, &lambda, &sns, &logs] {
            services.push(Arc::clone(fake) as Arc<dyn Service>);
        }
        hub.register(services, s3.objects());
        hub.objects().unwrap().create_bucket("artifacts").await.unwrap();
        let world = Self { hub, events, lambda, sns, directory };
        world.role().await;
        world
    }

    /// The role, which may do everything.
    async fn role(&self) {
        let services = json!({ "Service": ["codepipeline.amazonaws.com", "codebuild.amazonaws.com"] });
        let trust = json!({ "Effect": "Allow", "Principal": services, "Action": "sts:AssumeRole" });
        let trust = json!({ "Version": "2012-10-17", "Statement": trust }).to_string();
        self.ask("iam", "CreateRole", json!({ "RoleName": "chain", "AssumeRolePolicyDocument": trust })).await;
        self.policy("everything", json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })).await;
    }

    async fn policy(&self, name: &str, statement: Value) {
        let document = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let input = json!({ "RoleName": "chain", "PolicyName": name, "PolicyDocument": document });
        self.ask("iam", "PutRolePolicy", input).await;
    }

    async fn ask(&self, service: &str, operation: &str, input: Value) -> Value {
        self.hub.call(service, operation, input).await.unwrap()
    }

    async fn pipeline(&self, operation: &str, mut input: Value) -> Value {
        input["pipelineName"] = json!("app");
        self.ask("codepipeline", operation, input).await
    }

    /// A repository `app` whose branch `main` holds these files.
    async fn repository(&self, files: &[(&str, &str)]) -> String {
        // One that is there stays.
        let _ = self.hub.call("codecommit", "CreateRepository", json!({ "repositoryName": "app" })).await;
        let work = self.directory.path().join("work");
        std::fs::create_dir(&work).unwrap();
        for (name, content) in files {
            std::fs::write(work.join(name), content).unwrap();
        }
        let bare = self.directory.path().join("plane/codecommit/app.git");
        let script = "git init -q -b main . && git add . && git -c user.name=A -c user.email=a@b.c commit -q -m 'A change' \
                      && git push -q \"$0\" main && git rev-parse HEAD";
        let output = Command::new("sh")
            .args(["-c", script, &bare.to_string_lossy()])
            .current_dir(&work)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env_remove("GIT_DIR")
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    async fn build_project(&self) {
        let project = json!({
            "name": "app-build", "serviceRole": ROLE, "source": { "type": "CODEPIPELINE" },
            "artifacts": { "type": "CODEPIPELINE" },
            "environment": { "type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL" },
        });
        self.ask("codebuild", "CreateProject", project).await;
    }

    /// The same with a source that is polled.
    async fn declared_polling(&self) -> String {
        self.declared_with("true", &[]).await
    }

    /// Makes the pipeline `app` of a source, a build and further stages. Answers its first execution.
    async fn declared(&self, further: &[Value]) -> String {
        self.declared_with("false", further).await
    }

    async fn declared_with(&self, polls: &str, further: &[Value]) -> String {
        let mut stages = vec![
            json!({ "name": "Source", "actions": [{
                "name": "Source", "namespace": "SourceVariables", "outputArtifacts": [{ "name": "SourceOutput" }],
                "actionTypeId": { "owner": "AWS", "category": "Source", "provider": "CodeCommit", "version": "1" },
                "configuration": { "RepositoryName": "app", "BranchName": "main", "PollForSourceChanges": polls },
            }] }),
            json!({ "name": "Build", "actions": [{
                "name": "Build", "namespace": "BuildVariables",
                "inputArtifacts": [{ "name": "SourceOutput" }], "outputArtifacts": [{ "name": "BuildOutput" }],
                "actionTypeId": { "owner": "AWS", "category": "Build", "provider": "CodeBuild", "version": "1" },
                "configuration": {
                    "ProjectName": "app-build",
                    "EnvironmentVariables": "[{\"name\":\"COMMIT\",\"value\":\"#{SourceVariables.CommitId}\"}]",
                },
            }] }),
        ];
        stages.extend_from_slice(further);
        let store = json!({ "type": "S3", "location": "artifacts" });
        let pipeline = json!({ "name": "app", "roleArn": ROLE, "artifactStore": store, "stages": stages });
        self.ask("codepipeline", "CreatePipeline", json!({ "pipeline": pipeline })).await;
        let listed = self.pipeline("ListPipelineExecutions", json!({})).await;
        listed["pipelineExecutionSummaries"][0]["pipelineExecutionId"].as_str().unwrap().to_owned()
    }

    async fn execution(&self, id: &str) -> Value {
        self.pipeline("GetPipelineExecution", json!({ "pipelineExecutionId": id })).await["pipelineExecution"].clone()
    }

    async fn ended(&self, id: &str) -> String {
        loop {
            let status = self.execution(id).await["status"].as_str().unwrap().to_owned();
            if status != "InProgress" && status != "Stopping" {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until an action waits for a token or has been asked, as `ready` says.
    async fn until<T>(&self, ready: impl AsyncFn() -> Option<T>) -> T {
        loop {
            if let Some(found) = ready().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn action(&self, id: &str, name: &str) -> Value {
        let listed = self.pipeline("ListActionExecutions", json!({ "filter": { "pipelineExecutionId": id } })).await;
        let details = listed["actionExecutionDetails"].as_array().unwrap();
        details.iter().find(|detail| detail["actionName"] == name).cloned().unwrap()
    }

    /// Waits for the pipeline's end and returns the published lines, such as `Stage Build SUCCEEDED`.
    async fn told(&self) -> Vec<String> {
        self.until(async || {
            let told: Vec<String> =
                self.events.inputs("PutServiceEvents").iter().filter_map(|input| shown(&input["Entries"][0])).collect();
            let over = |line: &&String| line.starts_with("Pipeline") && !line.ends_with("STARTED");
            told.iter().any(|line| over(&line)).then_some(told)
        })
        .await
    }
}

fn shown(entry: &Value) -> Option<String> {
    let kind = entry["DetailType"].as_str()?.strip_prefix("CodePipeline ")?.split(' ').next()?;
    let detail: Value = serde_json::from_str(entry["Detail"].as_str()?).ok()?;
    let name = detail[kind.to_lowercase()].as_str()?.to_owned();
    Some(format!("{kind} {name} {}", detail["state"].as_str()?))
}

const BUILDSPEC: &str = "version: 0.2\nenv: {exported-variables: [VERSION]}\nphases:\n  build:\n    commands:\n      \
                         - export VERSION=1.0-$COMMIT\n      - test \"$COMMIT\" = \"$CODEBUILD_RESOLVED_SOURCE_VERSION\"\n      \
                         - test $CODEBUILD_INITIATOR = codepipeline/app\n      - cp app.txt out.txt\nartifacts: {files: out.txt}\n";

fn stage(name: &str, action: &str, kind: [&str; 2], configuration: Value) -> Value {
    json!({ "name": name, "actions": [{
        "name": action,
        "actionTypeId": { "owner": "AWS", "category": kind[0], "provider": kind[1], "version": "1" },
        "configuration": configuration,
    }] })
}

/// A pipeline of a source and an approval.
fn pipeline(role: &str) -> Value {
    json!({
        "name": "app", "roleArn": role, "artifactStore": { "type": "S3", "location": "artifacts" },
        "stages": [
            { "name": "Source", "actions": [{
                "name": "Source", "outputArtifacts": [{ "name": "SourceOutput" }],
                "actionTypeId": { "owner": "AWS", "category": "Source", "provider": "CodeCommit", "version": "1" },
                "configuration": { "RepositoryName": "app", "BranchName": "main", "PollForSourceChanges": "false" },
            }] },
            stage("Approval", "Approve", ["Approval", "Manual"], json!({})),
        ],
    })
}
