//! The roles that pipelines and actions act as.

use super::*;

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
