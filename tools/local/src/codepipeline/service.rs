//! The operations of CodePipeline's API.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Driver, Hub, Input as Members, Reply, Request, Service, ServiceError, Timestamp};

use super::declaration::Declaration;
use super::engine::admission::Start;
use super::engine::jobs::JobSuccess;
use super::engine::requests::Approval;
use super::engine::{Effect, Pipelines};
use super::execution::{Failure, Trigger};
use super::publisher::Publisher;
use super::{describe, job, polling, work};

/// The most that a page of a list holds.
const PAGE: usize = 100;

/// The most that the output variables of a job may hold together, in bytes.
const VARIABLES_LIMIT: usize = 122_880;

/// CodePipeline with its engine in plane time.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let publisher = Publisher::start(hub);
    let engine = Pipelines::new(hub.ids.clone(), hub.identity.clone());
    let for_work = Arc::clone(hub);
    let driver = Driver::start(engine, hub.clock.clone(), move |effect| -> BoxFuture<'static, _> {
        let hub = Arc::clone(&for_work);
        match effect {
            Effect::Publish(number, event) => {
                publisher.publish(number, event);
                Box::pin(async { Vec::new() })
            }
            Effect::Begin(order) => Box::pin(work::begin(hub, order)),
            Effect::Watch(order, id) => Box::pin(work::watch(hub, order, id)),
        }
    });
    polling::start(hub, &driver);
    Arc::new(CodePipeline { hub: Arc::clone(hub), driver, tags: Mutex::default() })
}

struct CodePipeline {
    hub: Arc<Hub>,
    driver: Driver<Pipelines>,
    /// By ARN.
    tags: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl Service for CodePipeline {
    fn name(&self) -> &'static str {
        "codepipeline"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        let reply = self.answer(&request);
        Box::pin(async { reply })
    }
}

impl CodePipeline {
    fn answer(&self, request: &Request) -> Reply {
        let input = &request.input;
        match request.operation.as_str() {
            "CreatePipeline" => self.create(input),
            "UpdatePipeline" => self.update(input),
            "GetPipeline" => self.get(input),
            "DeletePipeline" => self.delete(input),
            "ListPipelines" => self.list(input),
            "GetPipelineState" => self.state(input),
            "StartPipelineExecution" => self.start(input, !request.over_the_wire),
            "StopPipelineExecution" => self.stop(input),
            "GetPipelineExecution" => self.execution(input),
            "ListPipelineExecutions" => self.executions(input),
            "ListActionExecutions" => self.action_executions(input),
            "PutApprovalResult" => self.approve(input),
            "RetryStageExecution" => self.retry(input),
            "EnableStageTransition" => self.set_transition(input, None),
            "DisableStageTransition" => {
                let reason = input.str("reason")?.to_owned();
                self.set_transition(input, Some(reason))
            }
            "GetJobDetails" => self.job_details(input),
            "PutJobSuccessResult" => self.job_succeeded(input),
            "PutJobFailureResult" => self.job_failed(input),
            "TagResource" | "UntagResource" | "ListTagsForResource" => self.tags(&request.operation, input),
            operation => Err(ServiceError::not_implemented("codepipeline", operation)),
        }
    }

    /// Steps the engine through a request.
    fn ask<T>(
        &self,
        change: impl FnOnce(&mut Pipelines, Timestamp) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.driver.apply(|engine, now| {
            let answer = change(engine, now);
            (answer, engine.take_effects())
        })
    }

    fn read<T>(&self, look: impl FnOnce(&Pipelines) -> Result<T, ServiceError>) -> Result<T, ServiceError> {
        self.driver.read(look)
    }

    /// Makes the pipeline and starts it, as AWS does.
    fn create(&self, input: &Members) -> Reply {
        let declaration = Declaration::read(input.get("pipeline").unwrap_or(&Value::Null))?;
        let name = declaration.name.clone();
        let kind = "CreatePipeline".to_owned();
        let detail = format!("arn:aws:iam::{}:root", self.hub.identity.account);
        let variables = declaration.variables.iter().all(|(_, default)| default.is_some());
        let shown = self.ask(|engine, now| {
            engine.create(declaration, now)?;
            // Variables without defaults must be given: such a pipeline cannot start by itself.
            if variables {
                let trigger = Some(Trigger { kind, detail });
                engine.start(Start { pipeline: name.clone(), trigger, ..Start::default() }, now)?;
            }
            Ok(describe::declaration(engine.pipeline(&name)?))
        })?;
        self.add_tags(&self.hub.arn("codepipeline", shown["name"].as_str().unwrap_or_default()), input);
        Ok(json!({ "pipeline": shown, "tags": input.list("tags") }))
    }

    fn update(&self, input: &Members) -> Reply {
        let declaration = Declaration::read(input.get("pipeline").unwrap_or(&Value::Null))?;
        let name = declaration.name.clone();
        self.ask(|engine, now| {
            engine.update(declaration, now)?;
            Ok(json!({ "pipeline": describe::declaration(engine.pipeline(&name)?) }))
        })
    }

    fn get(&self, input: &Members) -> Reply {
        let name = input.str("name")?;
        self.read(|engine| {
            let pipeline = engine.pipeline(name)?;
            let asked = input.opt_i64("version").and_then(|version| u64::try_from(version).ok());
            if asked.is_some_and(|version| version != pipeline.version) {
                let message = format!("only version {} of {name} is kept by the local plane", pipeline.version);
                return Err(ServiceError::new("PipelineVersionNotFoundException", message));
            }
            Ok(json!({
                "pipeline": describe::declaration(pipeline),
                "metadata": {
                    "pipelineArn": self.hub.arn("codepipeline", name),
                    "created": pipeline.created.epoch_seconds(), "updated": pipeline.updated.epoch_seconds(),
                },
            }))
        })
    }

    fn delete(&self, input: &Members) -> Reply {
        let name = input.str("name")?;
        self.ask(|engine, _| {
            engine.delete(name);
            Ok(json!({}))
        })
    }

    fn list(&self, input: &Members) -> Reply {
        let all = self.read(|engine| Ok(engine.pipelines().map(describe::listed).collect::<Vec<_>>()))?;
        page(input, "pipelines", all)
    }

    fn state(&self, input: &Members) -> Reply {
        self.read(|engine| Ok(describe::state(engine, engine.pipeline(input.str("name")?)?)))
    }

    /// `trigger` is the plane's own member, for EventBridge; clients cannot set it.
    fn start(&self, input: &Members, inside: bool) -> Reply {
        let pairs = |list: &str, key: &str, value: &str| -> BTreeMap<String, String> {
            let text = |item: &Value, member: &str| item[member].as_str().unwrap_or_default().to_owned();
            input.list(list).iter().map(|item| (text(item, key), text(item, value))).collect()
        };
        let trigger = input.object("trigger");
        let trigger = trigger.opt_str("triggerType").filter(|_| inside).map(|kind| Trigger {
            kind: kind.to_owned(),
            detail: trigger.opt_str("triggerDetail").unwrap_or_default().to_owned(),
        });
        let start = Start {
            pipeline: input.str("name")?.to_owned(),
            variables: pairs("variables", "name", "value"),
            overrides: pairs("sourceRevisions", "actionName", "revisionValue"),
            token: input.opt_str("clientRequestToken").map(str::to_owned),
            trigger,
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

    /// The newest first.
    fn executions(&self, input: &Members) -> Reply {
        let name = input.str("pipelineName")?;
        let succeeded = input.object("filter").object("succeededInStage").opt_str("stageName").map(str::to_owned);
        let all = self.read(|engine| {
            engine.pipeline(name)?;
            let executions = engine.executions(name).rev();
            let wanted = executions.filter(|e| succeeded.as_ref().is_none_or(|stage| e.succeeded_in(stage)));
            Ok(wanted.map(describe::summary).collect::<Vec<_>>())
        })?;
        page(input, "pipelineExecutionSummaries", all)
    }

    /// The newest first.
    fn action_executions(&self, input: &Members) -> Reply {
        let name = input.str("pipelineName")?;
        let filter = input.object("filter");
        let latest = filter.object("latestInPipelineExecution");
        let id = filter.opt_str("pipelineExecutionId").or_else(|| latest.opt_str("pipelineExecutionId"));
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
                    all.extend(runs.map(|run| describe::action_execution(execution, *stage, run, region)));
                }
            }
            Ok(all)
        })?;
        page(input, "actionExecutionDetails", all)
    }

    fn approve(&self, input: &Members) -> Reply {
        let result = input.object("result");
        let approved = match result.opt_str("status") {
            Some("Approved") => true,
            Some("Rejected") => false,
            _ => return Err(ServiceError::validation("result.status must be Approved or Rejected")),
        };
        let approval = Approval {
            pipeline: input.str("pipelineName")?.to_owned(),
            stage: input.str("stageName")?.to_owned(),
            action: input.str("actionName")?.to_owned(),
            token: input.str("token")?.to_owned(),
            approved,
            summary: result.opt_str("summary").unwrap_or_default().to_owned(),
        };
        let at = self.ask(|engine, now| engine.approve(approval, now))?;
        Ok(json!({ "approvedAt": at.epoch_seconds() }))
    }

    fn retry(&self, input: &Members) -> Reply {
        let (pipeline, stage) = (input.str("pipelineName")?, input.str("stageName")?);
        let id = input.str("pipelineExecutionId")?;
        let all_actions = match input.str("retryMode")? {
            "FAILED_ACTIONS" => false,
            "ALL_ACTIONS" => true,
            other => return Err(ServiceError::validation(format!("{other} is no retryMode"))),
        };
        self.ask(|engine, now| engine.retry(pipeline, stage, id, all_actions, now))?;
        Ok(json!({ "pipelineExecutionId": id }))
    }

    fn set_transition(&self, input: &Members, closed: Option<String>) -> Reply {
        let (pipeline, stage) = (input.str("pipelineName")?, input.str("stageName")?);
        if input.str("transitionType")? != "Inbound" {
            return Err(ServiceError::validation("the local plane opens and closes stages for Inbound transitions"));
        }
        self.ask(|engine, now| engine.set_transition(pipeline, stage, closed, now))?;
        Ok(json!({}))
    }

    fn job_details(&self, input: &Members) -> Reply {
        let id = input.str("jobId")?;
        self.read(|engine| {
            let (execution, stage, run) = engine
                .job(id)
                .ok_or_else(|| ServiceError::new("JobNotFoundException", format!("The job {id} is not known")))?;
            Ok(json!({ "jobDetails": job::details(&self.hub.identity, id, execution, stage, run) }))
        })
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

    fn tags(&self, operation: &str, input: &Members) -> Reply {
        let arn = input.str("resourceArn")?;
        let name = arn.rsplit(':').next().unwrap_or_default();
        if self.read(|engine| engine.pipeline(name).map(drop)).is_err() {
            return Err(ServiceError::new("ResourceNotFoundException", format!("{arn} does not exist")));
        }
        if operation == "TagResource" {
            self.add_tags(arn, input);
            return Ok(json!({}));
        }
        let mut all = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        let tags = all.entry(arn.to_owned()).or_default();
        if operation == "UntagResource" {
            let gone = input.strings("tagKeys");
            tags.retain(|key, _| !gone.contains(key));
            return Ok(json!({}));
        }
        let shown: Vec<Value> = tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        Ok(json!({ "tags": shown }))
    }

    fn add_tags(&self, arn: &str, input: &Members) {
        let text = |tag: &Value, member: &str| tag[member].as_str().unwrap_or_default().to_owned();
        let given = input.list("tags").iter().map(|tag| (text(tag, "key"), text(tag, "value")));
        let mut all = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(arn.to_owned()).or_default().extend(given);
    }
}

/// One page of a list: `maxResults` items from where `nextToken` says.
fn page(input: &Members, member: &str, all: Vec<Value>) -> Reply {
    let begin = match input.opt_str("nextToken") {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .map_err(|_| ServiceError::new("InvalidNextTokenException", format!("{token} is no token of this list")))?,
    };
    let size = input.opt_i64("maxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE).clamp(1, PAGE);
    let total = all.len();
    let shown: Vec<Value> = all.into_iter().skip(begin).take(size).collect();
    let mut reply = json!({ member: shown });
    if begin + size < total {
        reply["nextToken"] = json!((begin + size).to_string());
    }
    Ok(reply)
}
