//! Executions: starting, stopping and showing them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::describe;
use super::super::engine::admission::Start;
use super::super::execution::Trigger;
use super::page::{newest_first, page};
use super::state::CodePipeline;
use crate::core::{Input as Members, Reply, Request};
use crate::operations::Operation;

type Declared = Operation<CodePipeline>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now(
        "StartPipelineExecution",
        "name variables clientRequestToken sourceRevisions{actionName revisionType=COMMIT_ID revisionValue}",
        CodePipeline::start,
    )
    .on("{name}"),
    Declared::now(
        "StopPipelineExecution",
        "pipelineName pipelineExecutionId abandon reason",
        |codepipeline: &CodePipeline, request| codepipeline.stop(&request.input),
    )
    .on("{pipelineName}"),
    Declared::now(
        "GetPipelineExecution",
        "pipelineName pipelineExecutionId",
        |codepipeline: &CodePipeline, request| codepipeline.execution(&request.input),
    )
    .on("{pipelineName}"),
    Declared::now(
        "ListPipelineExecutions",
        "pipelineName maxResults filter nextToken",
        |codepipeline: &CodePipeline, request| codepipeline.executions(&request.input),
    )
    .on("{pipelineName}"),
    Declared::now(
        "ListActionExecutions",
        "pipelineName filter maxResults nextToken",
        |codepipeline: &CodePipeline, request| codepipeline.action_executions(&request.input),
    )
    .on("{pipelineName}"),
];

/// The cause of an execution. A service of the plane that starts it for somebody says so in `trigger`, which is no
/// member of AWS's: from the wire it does not come in.
fn trigger(request: &Request, account: &str) -> Trigger {
    let given = request.input.object("trigger");
    match given.opt_str("triggerType").filter(|_| !request.over_the_wire) {
        Some(kind) => {
            let detail = given.opt_str("triggerDetail").unwrap_or_default().to_owned();
            Trigger { kind: kind.to_owned(), detail }
        }
        None => Trigger { kind: "StartPipelineExecution".to_owned(), detail: request.caller.arn(account) },
    }
}

impl CodePipeline {
    fn start(&self, request: &Request) -> Reply {
        let input = &request.input;
        let pairs = |list: &str, key: &str, value: &str| -> BTreeMap<String, String> {
            let text = |item: &Value, member: &str| item[member].as_str().unwrap_or_default().to_owned();
            input.list(list).iter().map(|item| (text(item, key), text(item, value))).collect()
        };
        let start = Start {
            variables: pairs("variables", "name", "value"),
            overrides: pairs("sourceRevisions", "actionName", "revisionValue"),
            token: input.opt_str("clientRequestToken").map(str::to_owned),
            ..Start::of(input.str("name")?, trigger(request, &self.hub.identity.account))
        };
        let id = self.ask(|engine, now| engine.start(start, now))?;
        Ok(json!({ "pipelineExecutionId": id }))
    }

    fn stop(&self, input: &Members) -> Reply {
        let (pipeline, id) = (input.str("pipelineName")?, input.str("pipelineExecutionId")?);
        let reason = input.opt_str("reason").map(str::to_owned);
        let abandon = input.opt_bool("abandon").unwrap_or_default();
        self.ask(|engine, now| engine.stop(pipeline, id, abandon, reason, now))?;
        Ok(json!({ "pipelineExecutionId": id }))
    }

    fn execution(&self, input: &Members) -> Reply {
        let (pipeline, id) = (input.str("pipelineName")?, input.str("pipelineExecutionId")?);
        self.read(|engine| Ok(json!({ "pipelineExecution": describe::execution(engine.execution(pipeline, id)?) })))
    }

    /// `ListPipelineExecutions`: the newest execution first.
    fn executions(&self, input: &Members) -> Reply {
        let name = input.str("pipelineName")?;
        let succeeded = input.object("filter").object("succeededInStage").opt_str("stageName").map(str::to_owned);
        let all = self.read(|engine| {
            engine.pipeline(name)?;
            let executions = engine.executions(name).rev();
            let wanted = executions.filter(|e| succeeded.as_ref().is_none_or(|stage| e.succeeded_in(stage)));
            Ok(wanted.map(describe::summary).collect::<Vec<_>>())
        })?;
        let scope = format!("{name}:{}", succeeded.unwrap_or_default());
        page(input, "pipelineExecutionSummaries", &newest_first(all), &scope)
    }

    /// `ListActionExecutions`: the newest run first.
    fn action_executions(&self, input: &Members) -> Reply {
        let name = input.str("pipelineName")?;
        let filter = input.object("filter");
        let latest = filter.object("latestInPipelineExecution");
        let id = filter.opt_str("pipelineExecutionId").or_else(|| latest.opt_str("pipelineExecutionId"));
        let latest_only = latest.opt_str("startTimeRange") == Some("Latest");
        let region = &self.hub.identity.region;
        let all = self.read(|engine| {
            engine.pipeline(name)?;
            if let Some(id) = id {
                engine.execution(name, id)?;
            }
            let mut all = Vec::new();
            for execution in engine.executions(name).rev().filter(|e| id.is_none_or(|id| e.id == id)) {
                for (stage, of_stage) in execution.stages.iter().rev() {
                    let runs = of_stage.actions.iter().rev();
                    let is_latest = |id: &str, action: &str| of_stage.latest(action).is_some_and(|run| run.id == id);
                    let wanted = runs.filter(|run| !latest_only || is_latest(&run.id, &run.action));
                    all.extend(wanted.map(|run| describe::action_execution(execution, *stage, run, region)));
                }
            }
            Ok(all)
        })?;
        let scope = format!("{name}:{}:{latest_only}", id.unwrap_or_default());
        page(input, "actionExecutionDetails", &newest_first(all), &scope)
    }
}
