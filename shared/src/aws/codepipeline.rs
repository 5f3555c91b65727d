//! CodePipeline behind its ports.

use std::collections::BTreeMap;

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::{
    ActionExecutionDetail, ActionExecutionFilter, ArtifactDetail, PipelineExecutionSummary,
};

use super::time::timestamp;
use super::translate;
use crate::call::CallError;
use crate::objects::ObjectLocation;
use crate::pipelines::{
    ActionExecution, ArtifactRevision, ExecutionSummary, GetPipelineExecution, ListActionExecutions,
    ListPipelineExecutions, PipelineExecution,
};

/// CodePipeline over its SDK client.
#[derive(Debug, Clone)]
pub struct AwsPipelines {
    client: Client,
}

impl AwsPipelines {
    /// Over a client of [`super::codepipeline()`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl GetPipelineExecution for AwsPipelines {
    async fn get_pipeline_execution(&self, pipeline: &str, execution_id: &str) -> Result<PipelineExecution, CallError> {
        const OPERATION: &str = "GetPipelineExecution";
        let request = self.client.get_pipeline_execution().pipeline_name(pipeline);
        let output = request.pipeline_execution_id(execution_id).send().await;
        let output = output.map_err(|error| translate(OPERATION, error))?;
        let execution = output.pipeline_execution.ok_or_else(|| CallError::Unexpected {
            operation: OPERATION,
            source: "the answer holds no execution".into(),
        })?;
        let trigger_type = execution.trigger.and_then(|trigger| trigger.trigger_type);
        let revisions = execution.artifact_revisions.unwrap_or_default().into_iter();
        Ok(PipelineExecution {
            execution_id: execution_id.to_owned(),
            status: execution.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            execution_type: execution.execution_type.map(|kind| kind.as_str().to_owned()),
            trigger_type: trigger_type.map(|kind| kind.as_str().to_owned()),
            artifact_revisions: revisions
                .filter_map(|revision| {
                    Some(ArtifactRevision { name: revision.name?, revision_id: revision.revision_id? })
                })
                .collect(),
        })
    }
}

impl ListActionExecutions for AwsPipelines {
    async fn list_action_executions(
        &self,
        pipeline: &str,
        execution_id: &str,
    ) -> Result<Vec<ActionExecution>, CallError> {
        let filter = ActionExecutionFilter::builder().pipeline_execution_id(execution_id).build();
        let request = self.client.list_action_executions().pipeline_name(pipeline).filter(filter);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| translate("ListActionExecutions", error))?;
            found.extend(page.action_execution_details.unwrap_or_default().into_iter().map(action_from_sdk));
        }
        Ok(found)
    }
}

impl ListPipelineExecutions for AwsPipelines {
    async fn list_pipeline_executions(&self, pipeline: &str, most: usize) -> Result<Vec<ExecutionSummary>, CallError> {
        let request = self.client.list_pipeline_executions().pipeline_name(pipeline);
        let sent = request.max_results(i32::try_from(most.clamp(1, 100)).unwrap_or(100)).send().await;
        let output = sent.map_err(|error| translate("ListPipelineExecutions", error))?;
        let listed = output.pipeline_execution_summaries.unwrap_or_default().into_iter();
        let summary = |execution: PipelineExecutionSummary| {
            Some(ExecutionSummary {
                execution_id: execution.pipeline_execution_id?,
                status: execution.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
                started: execution.start_time.as_ref().and_then(timestamp),
                updated: execution.last_update_time.as_ref().and_then(timestamp),
                execution_type: execution.execution_type.map(|kind| kind.as_str().to_owned()),
            })
        };
        Ok(listed.filter_map(summary).collect())
    }
}

fn action_from_sdk(detail: ActionExecutionDetail) -> ActionExecution {
    let category = detail.input.and_then(|input| input.action_type_id).map(|kind| kind.category.as_str().to_owned());
    let output = detail.output;
    let (artifacts, variables) = output.map_or_else(Default::default, |output| {
        (output.output_artifacts.unwrap_or_default(), output.output_variables.unwrap_or_default())
    });
    ActionExecution {
        stage: detail.stage_name.unwrap_or_default(),
        action: detail.action_name.unwrap_or_default(),
        category,
        status: detail.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        started: detail.start_time.as_ref().and_then(timestamp),
        output_artifacts: artifacts.into_iter().filter_map(location_from_sdk).collect(),
        output_variables: variables.into_iter().collect::<BTreeMap<_, _>>(),
    }
}

fn location_from_sdk(artifact: ArtifactDetail) -> Option<(String, ObjectLocation)> {
    let location = artifact.s3_location?;
    Some((artifact.name?, ObjectLocation::new(location.bucket?, location.key?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Connection, settings};
    use super::*;

    fn pipelines(connection: &Connection) -> AwsPipelines {
        AwsPipelines::new(super::super::codepipeline(&settings(connection)))
    }

    #[tokio::test]
    async fn an_execution_says_what_it_is_and_what_it_was_made_from() {
        let connection = Connection::answering(
            200,
            &json!({"pipelineExecution": {"pipelineName": "p", "pipelineExecutionId": "e", "status": "Succeeded",
                "executionType": "ROLLBACK", "trigger": {"triggerType": "ManualRollback"},
                "artifactRevisions": [{"name": "SourceOutput", "revisionId": "abc"}]}}),
        );
        let execution = pipelines(&connection).get_pipeline_execution("p", "e").await.unwrap();
        assert_eq!(execution.execution_type.as_deref(), Some("ROLLBACK"));
        assert_eq!(execution.trigger_type.as_deref(), Some("ManualRollback"));
        assert_eq!(execution.artifact_revisions[0].revision_id, "abc");
        assert_eq!(connection.only_request().json(), json!({"pipelineName": "p", "pipelineExecutionId": "e"}));
    }

    #[tokio::test]
    async fn an_execution_that_does_not_exist_is_not_found() {
        let connection = Connection::answering(400, &json!({"__type": "PipelineExecutionNotFoundException"}));
        assert!(pipelines(&connection).get_pipeline_execution("p", "e").await.unwrap_err().is_not_found());
    }

    #[tokio::test]
    async fn executions_are_listed_with_their_end() {
        let execution = json!({"pipelineExecutionId": "e", "status": "Succeeded", "executionType": "STANDARD",
            "startTime": 1_794_391_200.0, "lastUpdateTime": 1_794_391_260.0});
        let connection =
            Connection::answering(200, &json!({"pipelineExecutionSummaries": [execution], "nextToken": "t"}));
        let listed = pipelines(&connection).list_pipeline_executions("p", 20).await.unwrap();
        assert_eq!((listed.len(), listed[0].execution_id.as_str(), listed[0].status.as_str()), (1, "e", "Succeeded"));
        let seconds = |time: Option<jiff::Timestamp>| time.unwrap().as_second();
        assert_eq!((seconds(listed[0].started), seconds(listed[0].updated)), (1_794_391_200, 1_794_391_260));
        assert_eq!(connection.only_request().json(), json!({"pipelineName": "p", "maxResults": 20}));
    }

    #[tokio::test]
    async fn actions_are_read_from_all_pages_and_only_of_this_execution() {
        let build = json!({"actionName": "Build", "stageName": "Build", "status": "Succeeded", "startTime": 1_794_391_200.5,
            "input": {"actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}},
            "output": {"outputArtifacts": [{"name": "BuildOutput", "s3location": {"bucket": "b", "key": "k"}}]}});
        let source = json!({"actionName": "Source", "stageName": "Source", "status": "Succeeded"});
        let connection = Connection::answering(200, &json!({"actionExecutionDetails": [build], "nextToken": "more"}))
            .then(200, &json!({"actionExecutionDetails": [source]}));
        let actions = pipelines(&connection).list_action_executions("p", "e").await.unwrap();
        assert_eq!(actions.len(), 2);
        assert_eq!(actions[0].category.as_deref(), Some("Build"));
        assert_eq!(actions[0].output_artifacts["BuildOutput"], ObjectLocation::new("b", "k"));
        assert_eq!(actions[0].started.unwrap().as_millisecond(), 1_794_391_200_500);
        assert_eq!((actions[1].category.as_deref(), actions[1].started), (None, None));
        assert_eq!(connection.requests()[0].json()["filter"]["pipelineExecutionId"], "e");
        assert_eq!(connection.requests()[1].json()["nextToken"], "more");
    }
}
