//! Executions from their source to their end.

use super::*;

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
