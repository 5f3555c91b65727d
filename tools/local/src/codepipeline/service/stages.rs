//! The requests of people about stages: approvals, retries, and the transitions between them.

use serde_json::json;

use super::super::engine::requests::Approval;
use super::state::CodePipeline;
use crate::core::{Input as Members, Reply, ServiceError};
use crate::operations::Operation;

type Declared = Operation<CodePipeline>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now(
        "PutApprovalResult",
        "pipelineName stageName actionName result token",
        |codepipeline: &CodePipeline, request| codepipeline.approve(&request.input),
    )
    .on("{pipelineName}/{stageName}/{actionName}"),
    Declared::now(
        "RetryStageExecution",
        "pipelineName stageName pipelineExecutionId retryMode",
        |codepipeline: &CodePipeline, request| codepipeline.retry(&request.input),
    )
    .on("{pipelineName}/{stageName}"),
    Declared::now(
        "EnableStageTransition",
        "pipelineName stageName transitionType=Inbound",
        |codepipeline: &CodePipeline, request| codepipeline.set_transition(&request.input, None),
    )
    .on("{pipelineName}/{stageName}"),
    Declared::now(
        "DisableStageTransition",
        "pipelineName stageName transitionType=Inbound reason",
        |codepipeline: &CodePipeline, request| {
            let reason = request.input.str("reason")?.to_owned();
            codepipeline.set_transition(&request.input, Some(reason))
        },
    )
    .on("{pipelineName}/{stageName}"),
];

impl CodePipeline {
    fn approve(&self, input: &Members) -> Reply {
        let result = input.object("result");
        let approval = Approval {
            pipeline: input.str("pipelineName")?.to_owned(),
            stage: input.str("stageName")?.to_owned(),
            action: input.str("actionName")?.to_owned(),
            token: input.str("token")?.to_owned(),
            approved: result.opt_str("status") == Some("Approved"),
            summary: result.opt_str("summary").unwrap_or_default().to_owned(),
        };
        let at = self.ask(|engine, now| engine.approve(approval, now))?;
        Ok(json!({ "approvedAt": at.epoch_seconds() }))
    }

    fn retry(&self, input: &Members) -> Reply {
        let (pipeline, stage) = (input.str("pipelineName")?, input.str("stageName")?);
        let id = input.str("pipelineExecutionId")?;
        let all_actions = input.opt_str("retryMode") == Some("ALL_ACTIONS");
        self.ask(|engine, now| engine.retry(pipeline, stage, id, all_actions, now))?;
        Ok(json!({ "pipelineExecutionId": id }))
    }

    fn set_transition(&self, input: &Members, closed: Option<String>) -> Result<serde_json::Value, ServiceError> {
        let (pipeline, stage) = (input.str("pipelineName")?, input.str("stageName")?);
        self.ask(|engine, now| engine.set_transition(pipeline, stage, closed, now))?;
        Ok(json!({}))
    }
}
