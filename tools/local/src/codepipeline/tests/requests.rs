//! Lists, repeated requests and polling.

use super::*;

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
