//! Whole pipelines: CodeCommit, CodeBuild and S3 as they are, the services around them as lists.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::core::{Clock, Hub, Ids, PlaneIdentity, Reply, Request, Service, ServiceError};

/// A service that remembers what it was asked.
struct Fake {
    name: &'static str,
    asked: Mutex<Vec<Value>>,
}

impl Service for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let input = request.input.into_value();
            if input["FunctionName"] == "missing" {
                return Err(ServiceError::new("ResourceNotFoundException", "Function not found: missing"));
            }
            let mut asked = self.asked.lock().unwrap();
            match input["Entries"].as_array() {
                Some(entries) => asked.extend_from_slice(entries),
                None => asked.push(input),
            }
            Ok(json!({}))
        })
    }
}

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
        let objects = crate::s3::S3Endpoint::open(&store).unwrap().objects();
        let data = directory.path().join("plane");
        let endpoint = "http://127.0.0.1:1".to_owned();
        let hub = Hub::new(Clock::scaled(300.0), Ids::seeded(1), PlaneIdentity::default(), endpoint, data);
        let fake = |name| Arc::new(Fake { name, asked: Mutex::default() });
        let (events, lambda, sns, logs) = (fake("events"), fake("lambda"), fake("sns"), fake("logs"));
        let mut services =
            vec![super::service(&hub), crate::codebuild::service(&hub), crate::codecommit::service(&hub)];
        for fake in [&events, &lambda, &sns, &logs] {
            services.push(Arc::clone(fake) as Arc<dyn Service>);
        }
        hub.register(services, objects);
        hub.objects().unwrap().create_bucket("artifacts").await.unwrap();
        Self { hub, events, lambda, sns, directory }
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
            "name": "app-build", "serviceRole": "arn:aws:iam::000000000000:role/build", "source": { "type": "CODEPIPELINE" },
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
        let pipeline = json!({ "name": "app", "roleArn": "r", "artifactStore": store, "stages": stages });
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

    /// What was published, such as `Stage Build SUCCEEDED`, once the pipeline's end is among it.
    async fn told(&self) -> Vec<String> {
        self.until(async || {
            let told: Vec<String> = self.events.asked.lock().unwrap().iter().filter_map(shown).collect();
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

#[tokio::test]
async fn a_commit_becomes_an_artifact_and_every_change_is_told_in_order() {
    let world = World::start().await;
    let commit = world.repository(&[("buildspec.yml", BUILDSPEC), ("app.txt", "hello")]).await;
    world.build_project().await;
    let id = world.declared(&[]).await;
    assert_eq!(world.ended(&id).await, "Succeeded", "{}", world.action(&id, "Build").await);

    let execution = world.execution(&id).await;
    assert_eq!(execution["artifactRevisions"][0]["revisionId"], commit);
    assert_eq!(execution["artifactRevisions"][0]["revisionSummary"], "A change");
    let build = world.action(&id, "Build").await;
    assert_eq!(build["output"]["outputVariables"]["VERSION"], format!("1.0-{commit}"));
    assert!(build["output"]["executionResult"]["externalExecutionId"].as_str().unwrap().starts_with("app-build:"));
    let place = &build["output"]["outputArtifacts"][0];
    assert_eq!((&place["name"], &place["s3location"]["bucket"]), (&json!("BuildOutput"), &json!("artifacts")));
    let key = place["s3location"]["key"].as_str().unwrap();
    assert!(key.starts_with("app/BuildOutpu/"), "{key}");
    let artifact = world.hub.objects().unwrap().get("artifacts", key).await.unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(artifact.body)).unwrap();
    assert_eq!(std::io::read_to_string(zip.by_name("out.txt").unwrap()).unwrap(), "hello");

    assert_eq!(
        world.told().await,
        [
            "Pipeline app STARTED",
            "Stage Source STARTED",
            "Action Source STARTED",
            "Action Source SUCCEEDED",
            "Stage Source SUCCEEDED",
            "Stage Build STARTED",
            "Action Build STARTED",
            "Action Build SUCCEEDED",
            "Stage Build SUCCEEDED",
            "Pipeline app SUCCEEDED",
        ]
    );
}

#[tokio::test]
async fn a_failed_build_fails_the_pipeline_with_its_last_output() {
    let world = World::start().await;
    let spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo this is why; exit 4\n";
    world.repository(&[("buildspec.yml", spec)]).await;
    world.build_project().await;
    let id = world.declared(&[]).await;
    assert_eq!(world.ended(&id).await, "Failed");
    let error = &world.action(&id, "Build").await["output"]["executionResult"]["errorDetails"];
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("Phase: BUILD") && message.contains("exit status 4"), "{message}");
    assert_eq!(world.told().await.last().unwrap(), "Pipeline app FAILED");
}

#[tokio::test]
async fn a_missing_branch_fails_the_source_and_is_named() {
    let world = World::start().await;
    world.ask("codecommit", "CreateRepository", json!({ "repositoryName": "app" })).await;
    let id = world.declared(&[]).await;
    assert_eq!(world.ended(&id).await, "Failed");
    let error = &world.action(&id, "Source").await["output"]["executionResult"]["errorDetails"];
    assert!(error["message"].as_str().unwrap().contains("main"), "{error}");
}

fn stage(name: &str, action: &str, kind: [&str; 2], configuration: Value) -> Value {
    json!({ "name": name, "actions": [{
        "name": action,
        "actionTypeId": { "owner": "AWS", "category": kind[0], "provider": kind[1], "version": "1" },
        "configuration": configuration,
    }] })
}

#[tokio::test]
async fn an_approval_is_asked_for_and_an_invoked_function_answers_through_the_job_api() {
    let world = World::start().await;
    let commit = world.repository(&[("buildspec.yml", BUILDSPEC), ("app.txt", "hello")]).await;
    world.build_project().await;
    let topic = json!({ "NotificationArn": "arn:aws:sns:us-east-1:000000000000:people", "CustomData": "please" });
    let invoke =
        json!({ "FunctionName": "release", "UserParameters": "#{SourceVariables.CommitId} #{BuildVariables.VERSION}" });
    let approval = stage("Approval", "Approve", ["Approval", "Manual"], topic);
    let id = world.declared(&[approval, stage("Release", "Invoke", ["Invoke", "Lambda"], invoke)]).await;

    let asked = world.until(async || world.sns.asked.lock().unwrap().first().cloned()).await;
    let message: Value = serde_json::from_str(asked["Message"].as_str().unwrap()).unwrap();
    assert_eq!(message["approval"]["customData"], "please");
    let state = world.ask("codepipeline", "GetPipelineState", json!({ "name": "app" })).await;
    let token = &state["stageStates"][2]["actionStates"][0]["latestExecution"]["token"];
    assert_eq!(*token, message["approval"]["token"]);
    let answer = json!({
        "stageName": "Approval", "actionName": "Approve", "token": token,
        "result": { "summary": "fine", "status": "Approved" },
    });
    world.pipeline("PutApprovalResult", answer).await;

    let invoked = world.until(async || world.lambda.asked.lock().unwrap().first().cloned()).await;
    let payload = BASE64_STANDARD.decode(invoked["Payload"].as_str().unwrap()).unwrap();
    let event: Value = serde_json::from_slice(&payload).unwrap();
    let job = &event["CodePipeline.job"];
    assert_eq!(job["data"]["actionConfiguration"]["configuration"]["UserParameters"], format!("{commit} 1.0-{commit}"));
    let details = world.ask("codepipeline", "GetJobDetails", json!({ "jobId": job["id"] })).await;
    assert_eq!(details["jobDetails"]["data"]["pipelineContext"]["pipelineExecutionId"], id);
    let result = json!({ "jobId": job["id"], "outputVariables": { "url": "http://x" } });
    world.ask("codepipeline", "PutJobSuccessResult", result.clone()).await;
    assert_eq!(world.ended(&id).await, "Succeeded");
    assert_eq!(world.action(&id, "Invoke").await["output"]["outputVariables"]["url"], "http://x");
    let twice = world.hub.call("codepipeline", "PutJobSuccessResult", result).await.unwrap_err();
    assert!(twice.is("InvalidJobStateException"));
}

#[tokio::test]
async fn a_function_that_does_not_exist_fails_its_action_at_once() {
    let world = World::start().await;
    world.repository(&[("buildspec.yml", BUILDSPEC), ("app.txt", "hello")]).await;
    world.build_project().await;
    let invoke = stage("Release", "Invoke", ["Invoke", "Lambda"], json!({ "FunctionName": "missing" }));
    let id = world.declared(&[invoke]).await;
    assert_eq!(world.ended(&id).await, "Failed");
    let error = &world.action(&id, "Invoke").await["output"]["executionResult"]["errorDetails"];
    assert!(error["message"].as_str().unwrap().contains("Function not found: missing"), "{error}");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::start().await;
    world.ask("codecommit", "CreateRepository", json!({ "repositoryName": "app" })).await;
    let first = world.declared(&[]).await;
    world.ended(&first).await;
    let second = world.ask("codepipeline", "StartPipelineExecution", json!({ "name": "app" })).await;
    let page = world.pipeline("ListPipelineExecutions", json!({ "maxResults": 1 })).await;
    assert_eq!(page["pipelineExecutionSummaries"][0]["pipelineExecutionId"], second["pipelineExecutionId"]);
    let next =
        world.pipeline("ListPipelineExecutions", json!({ "maxResults": 1, "nextToken": page["nextToken"] })).await;
    assert_eq!(next["pipelineExecutionSummaries"][0]["pipelineExecutionId"], first);
    assert!(next.get("nextToken").is_none());
}

#[tokio::test]
async fn the_same_request_token_starts_one_execution() {
    let world = World::start().await;
    world.ask("codecommit", "CreateRepository", json!({ "repositoryName": "app" })).await;
    world.declared(&[]).await;
    let input = json!({ "name": "app", "clientRequestToken": "t" });
    let one = world.ask("codepipeline", "StartPipelineExecution", input.clone()).await;
    assert_eq!(one, world.ask("codepipeline", "StartPipelineExecution", input).await);
}

#[tokio::test]
async fn a_polled_branch_starts_its_pipeline_once_for_each_new_tip() {
    let world = World::start().await;
    world.ask("codecommit", "CreateRepository", json!({ "repositoryName": "app" })).await;
    let first = world.declared_polling().await;
    assert_eq!(world.ended(&first).await, "Failed");
    let commit = world.repository(&[("app.txt", "hello")]).await;
    let summaries = world
        .until(async || {
            let listed = world.pipeline("ListPipelineExecutions", json!({})).await;
            let summaries = listed["pipelineExecutionSummaries"].as_array().unwrap().clone();
            (summaries.len() > 1).then_some(summaries)
        })
        .await;
    assert_eq!(summaries[0]["trigger"]["triggerType"], "PollForSourceChanges");
    let id = summaries[0]["pipelineExecutionId"].as_str().unwrap();
    world.ended(id).await;
    assert_eq!(world.execution(id).await["artifactRevisions"][0]["revisionId"], commit);
    // Two more rounds find nothing new.
    world.hub.clock.sleep(Duration::from_secs(130)).await;
    let listed = world.pipeline("ListPipelineExecutions", json!({})).await;
    assert_eq!(listed["pipelineExecutionSummaries"].as_array().unwrap().len(), 2);
}
