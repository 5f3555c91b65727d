//! The job API: what an invoked function asks and answers.

use serde_json::json;

use super::super::engine::jobs::JobSuccess;
use super::super::execution::{Actor, Failure};
use super::super::job;
use super::super::work::actor;
use super::state::CodePipeline;
use crate::core::{Input as Members, Reply, ServiceError};
use crate::operations::Operation;

type Declared = Operation<CodePipeline>;

/// The most that the output variables of a job may hold together, in bytes.
const VARIABLES_LIMIT: usize = 122_880;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later("GetJobDetails", "jobId", |codepipeline, request| {
        Box::pin(codepipeline.job_details(&request.input))
    }),
    Declared::now(
        "PutJobSuccessResult",
        "jobId continuationToken executionDetails outputVariables",
        |codepipeline: &CodePipeline, request| codepipeline.job_succeeded(&request.input),
    ),
    Declared::now("PutJobFailureResult", "jobId failureDetails", |codepipeline: &CodePipeline, request| {
        codepipeline.job_failed(&request.input)
    }),
];

impl CodePipeline {
    async fn job_details(&self, input: &Members) -> Reply {
        let id = input.str("jobId")?;
        let (mut details, who) = self.read(|engine| {
            let (execution, stage, run) = engine
                .job(id)
                .ok_or_else(|| ServiceError::new("JobNotFoundException", format!("The job {id} is not known")))?;
            let who = Actor::of(execution, stage, &run.action);
            Ok((job::details(&self.hub.identity, id, execution, stage, run), who))
        })?;
        let caller = actor(&self.hub, &who).await?;
        details["data"]["artifactCredentials"] = job::credentials(&self.hub, &caller);
        Ok(json!({ "jobDetails": details }))
    }

    fn job_succeeded(&self, input: &Members) -> Reply {
        let id = input.str("jobId")?;
        let details = input.object("executionDetails");
        let variables = input.object("outputVariables").into_value();
        if variables.to_string().len() > VARIABLES_LIMIT {
            let message = format!("the output variables are longer than {VARIABLES_LIMIT} bytes");
            return Err(ServiceError::new("OutputVariablesSizeExceededException", message));
        }
        let text = |member: &str| details.opt_str(member).map(str::to_owned);
        let told = JobSuccess {
            continuation: input.opt_str("continuationToken").map(str::to_owned),
            variables: serde_json::from_value(variables)
                .map_err(|_| ServiceError::validation("outputVariables must map texts to texts"))?,
            summary: text("summary"),
            external_id: text("externalExecutionId"),
            percent: details.opt_i64("percentComplete"),
        };
        self.ask(|engine, now| engine.job_succeeded(id, told, now))?;
        Ok(json!({}))
    }

    fn job_failed(&self, input: &Members) -> Reply {
        let id = input.str("jobId")?;
        let details = input.object("failureDetails");
        let failure = Failure { code: details.str("type")?.to_owned(), message: details.str("message")?.to_owned() };
        let external_id = details.opt_str("externalExecutionId").map(str::to_owned);
        self.ask(|engine, now| engine.job_failed(id, failure, external_id, now))?;
        Ok(json!({}))
    }
}
