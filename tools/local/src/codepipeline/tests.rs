//! Whole pipelines: CodeCommit, CodeBuild and S3 as they are, the services around them as lists.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::core::testing::Fake;
use crate::core::{Caller, Clock, Hub, Ids, PlaneIdentity, Service, ServiceError};
use crate::iam::{Authority, Credentials, Directory};

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
        let data = directory.path().join("plane");
        let endpoint = "http://127.0.0.1:1".to_owned();
        let hub = Hub::new(Clock::scaled(300.0), Ids::seeded(1), PlaneIdentity::default(), endpoint, data);
        s3.attach(&hub);
        let (users, credentials) = (Arc::<Directory>::default(), Arc::<Credentials>::default());
        hub.set_authority(Authority::new(&hub, &users, &credentials, true));
        let quiet = |name| Fake::new(name, |_, _| Ok(json!({})));
        let lambda = Fake::new("lambda", |_, input| match input["FunctionName"].as_str() {
            Some("missing") => Err(ServiceError::new("ResourceNotFoundException", "Function not found: missing")),
            _ => Ok(json!({})),
        });
        let (events, sns, logs) = (quiet("events"), quiet("sns"), quiet("logs"));
        let mut services = vec![
            super::service(&hub),
            crate::codebuild::service(&hub),
            crate::codecommit::service(&hub),
            crate::iam::service(&hub, &users),
            crate::sts::service(&hub, &users, &credentials),
        ];
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

    let asked = world.until(async || world.sns.inputs("Publish").first().cloned()).await;
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

    let invoked = world.until(async || world.lambda.inputs("Invoke").first().cloned()).await;
    let payload = BASE64_STANDARD.decode(invoked["Payload"].as_str().unwrap()).unwrap();
    let event: Value = serde_json::from_slice(&payload).unwrap();
    let job = &event["CodePipeline.job"];
    assert_eq!(job["data"]["actionConfiguration"]["configuration"]["UserParameters"], format!("{commit} 1.0-{commit}"));
    let key = job["data"]["artifactCredentials"]["accessKeyId"].as_str().unwrap();
    assert!(key.starts_with("ASIA") && world.hub.authority().unwrap().issued(key).is_some());
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

#[tokio::test]
async fn a_role_that_may_not_start_the_build_fails_the_action_in_awss_words() {
    let world = World::start().await;
    world.repository(&[("buildspec.yml", BUILDSPEC), ("app.txt", "hello")]).await;
    world.build_project().await;
    world.policy("no-builds", json!({ "Effect": "Deny", "Action": "codebuild:StartBuild", "Resource": "*" })).await;
    let id = world.declared(&[]).await;
    assert_eq!(world.ended(&id).await, "Failed");
    let error = &world.action(&id, "Build").await["output"]["executionResult"]["errorDetails"];
    assert_eq!(error["code"], "PermissionError");
    let message = error["message"].as_str().unwrap();
    let denial = "is not authorized to perform: codebuild:StartBuild on resource: \
                  arn:aws:codebuild:us-east-1:000000000000:project/app-build with an explicit deny";
    assert!(message.contains(":assumed-role/chain/") && message.contains(denial), "{message}");
}

#[tokio::test]
async fn a_role_that_may_not_write_artifacts_fails_the_source() {
    let world = World::start().await;
    world.repository(&[("app.txt", "hello")]).await;
    world.policy("no-artifacts", json!({ "Effect": "Deny", "Action": "s3:PutObject", "Resource": "*" })).await;
    let id = world.declared(&[]).await;
    assert_eq!(world.ended(&id).await, "Failed");
    let error = &world.action(&id, "Source").await["output"]["executionResult"]["errorDetails"];
    assert_eq!(error["code"], "PermissionError", "{error}");
}

#[tokio::test]
async fn a_pipeline_needs_a_role_that_codepipeline_can_assume_and_one_may_pass() {
    let world = World::start().await;
    let refused = |role: &str, caller: Caller| {
        let pipeline = pipeline(role);
        let hub = Arc::clone(&world.hub);
        async move { hub.call_as(&caller, "codepipeline", "CreatePipeline", json!({ "pipeline": pipeline })).await }
    };
    let trust =
        json!({ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" });
    let trust = json!({ "Version": "2012-10-17", "Statement": trust }).to_string();
    world.ask("iam", "CreateRole", json!({ "RoleName": "none", "AssumeRolePolicyDocument": trust })).await;
    let none = "arn:aws:iam::000000000000:role/none";
    let error = refused(none, Caller::root()).await.unwrap_err();
    assert_eq!(error.code, "InvalidStructureException");
    assert_eq!(error.message, format!("CodePipeline is not authorized to perform AssumeRole on role {none}"));
    world.policy("no-roles", json!({ "Effect": "Deny", "Action": "iam:PassRole", "Resource": "*" })).await;
    let caller = crate::sts::session(&world.hub, ROLE, "me", "codebuild.amazonaws.com").await.unwrap();
    let error = refused(ROLE, caller).await.unwrap_err();
    assert!(error.message.contains("is not authorized to perform: iam:PassRole on resource"), "{error}");
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

#[tokio::test]
async fn earlier_versions_of_a_pipeline_are_kept() {
    let world = World::start().await;
    let ask = |operation: &'static str, input: Value| world.hub.call("codepipeline", operation, input);
    ask("CreatePipeline", json!({ "pipeline": pipeline(ROLE) })).await.unwrap();
    let twice = ask("CreatePipeline", json!({ "pipeline": pipeline(ROLE) })).await.unwrap_err();
    assert_eq!(twice.message, "A pipeline with the name 'app' already exists in account '000000000000'");
    let mut changed = pipeline(ROLE);
    changed["stages"][1]["name"] = json!("Agreement");
    assert_eq!(ask("UpdatePipeline", json!({ "pipeline": changed })).await.unwrap()["pipeline"]["version"], 2);
    let name = async |version: u64| {
        let found = ask("GetPipeline", json!({ "name": "app", "version": version })).await?;
        Ok::<_, ServiceError>(found["pipeline"]["stages"][1]["name"].clone())
    };
    assert_eq!((name(1).await.unwrap(), name(2).await.unwrap()), (json!("Approval"), json!("Agreement")));
    assert_eq!(name(3).await.unwrap_err().code, "PipelineVersionNotFoundException");
}
