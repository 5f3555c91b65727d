//! CodePipeline behind its ports.

use std::collections::BTreeMap;

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::{ActionExecutionDetail, ActionExecutionFilter, ArtifactDetail};

use super::time::timestamp;
use super::translate;
use crate::call::CallError;
use crate::objects::ObjectLocation;
use crate::pipelines::{
    ActionExecution, ArtifactRevision, GetPipelineExecution, ListActionExecutions, PipelineExecution,
};

/// CodePipeline.
#[derive(Debug, Clone)]
pub struct AwsPipelines {
    client: Client,
}

impl AwsPipelines {
    /// Over a client of [`super::codepipeline`].
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
