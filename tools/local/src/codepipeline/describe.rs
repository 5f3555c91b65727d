//! Executions and pipelines as the API shows them.

use serde_json::{Map, Value, json};

use super::declaration::Declaration;
use super::engine::{Pipeline, Pipelines};
use super::execution::{ActionRun, ActionStatus, Artifact, Execution, Position, StageRun, Status, Waiting};

/// `pipeline` of `GetPipeline`, with what AWS fills in.
pub fn declaration((version, declaration): (u64, &Declaration)) -> Value {
    let mut shown = declaration.value.clone();
    for stage in shown["stages"].as_array_mut().into_iter().flatten() {
        for action in stage["actions"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            action.entry("runOrder").or_insert(json!(1));
            action.entry("configuration").or_insert(json!({}));
            action.entry("inputArtifacts").or_insert(json!([]));
            action.entry("outputArtifacts").or_insert(json!([]));
        }
    }
    shown["version"] = json!(version);
    shown["executionMode"] = json!(declaration.mode.name());
    shown["pipelineType"] = json!(declaration.pipeline_type());
    shown
}

/// One entry of `ListPipelines`.
pub fn listed(pipeline: &Pipeline) -> Value {
    let declaration = &pipeline.declaration;
    json!({
        "name": declaration.name, "version": pipeline.version, "executionMode": declaration.mode.name(),
        "pipelineType": declaration.pipeline_type(),
        "created": pipeline.created.epoch_seconds(), "updated": pipeline.updated.epoch_seconds(),
    })
}

/// `pipelineExecution` of `GetPipelineExecution`.
pub fn execution(execution: &Execution) -> Value {
    let revisions: Vec<Value> = execution
        .revisions
        .iter()
        .map(|r| json!({ "name": r.artifact, "revisionId": r.id, "revisionSummary": r.summary }))
        .collect();
    let variables: Vec<Value> =
        execution.variables.iter().map(|(name, value)| json!({ "name": name, "resolvedValue": value })).collect();
    json!({
        "pipelineName": execution.declaration.name,
        "pipelineVersion": execution.version,
        "pipelineExecutionId": execution.id,
        "status": execution.status.name(),
        "artifactRevisions": revisions,
        "variables": variables,
        "trigger": trigger(execution),
        "executionMode": execution.declaration.mode.name(),
        "executionType": "STANDARD",
    })
}

/// One entry of `ListPipelineExecutions`.
pub fn summary(execution: &Execution) -> Value {
    let revisions: Vec<Value> = execution
        .revisions
        .iter()
        .map(|r| json!({ "actionName": r.action, "revisionId": r.id, "revisionSummary": r.summary }))
        .collect();
    let mut shown = json!({
        "pipelineExecutionId": execution.id,
        "status": execution.status.name(),
        "startTime": execution.started.epoch_seconds(),
        "lastUpdateTime": execution.updated.epoch_seconds(),
        "sourceRevisions": revisions,
        "trigger": trigger(execution),
        "executionMode": execution.declaration.mode.name(),
        "executionType": "STANDARD",
    });
    if let Some(reason) = &execution.stop_reason {
        shown["stopTrigger"] = json!({ "reason": reason });
    }
    shown
}

fn trigger(execution: &Execution) -> Value {
    json!({ "triggerType": execution.trigger.kind, "triggerDetail": execution.trigger.detail })
}

/// One entry of `ListActionExecutions`.
pub fn action_execution(execution: &Execution, stage: usize, run: &ActionRun, region: &str) -> Value {
    let declared = execution.action(stage, &run.action);
    let original = declared.map(|action| action.configuration.clone()).unwrap_or_default();
    let made = run.status == ActionStatus::Succeeded;
    json!({
        "pipelineExecutionId": execution.id,
        "actionExecutionId": run.id,
        "pipelineVersion": execution.version,
        "stageName": execution.declaration.stages[stage].name,
        "actionName": run.action,
        "startTime": run.started.epoch_seconds(),
        "lastUpdateTime": run.updated.epoch_seconds(),
        "status": run.status.name(),
        "input": present(json!({
            "actionTypeId": declared.map(|action| action.kind.clone()),
            "configuration": original,
            "resolvedConfiguration": run.configuration,
            "region": region,
            "inputArtifacts": artifacts(&run.inputs),
            "namespace": declared.and_then(|action| action.namespace.clone()),
        })),
        "output": {
            "outputArtifacts": if made { artifacts(&run.outputs) } else { json!([]) },
            "executionResult": present(json!({
                "externalExecutionId": run.external_id,
                "externalExecutionSummary": run.summary,
                "errorDetails": failure(run),
            })),
            "outputVariables": run.variables,
        },
    })
}

fn artifacts(artifacts: &[Artifact]) -> Value {
    artifacts.iter().map(|a| json!({ "name": a.name, "s3location": { "bucket": a.bucket, "key": a.key } })).collect()
}

fn failure(run: &ActionRun) -> Option<Value> {
    run.failure.as_ref().map(|failure| json!({ "code": failure.code, "message": failure.message }))
}

/// The same structure without its nulls.
fn present(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// `GetPipelineState`.
pub fn state(pipelines: &Pipelines, pipeline: &Pipeline) -> Value {
    let name = &pipeline.declaration.name;
    let stages = pipeline.declaration.stages.iter().enumerate();
    let stages: Vec<Value> = stages
        .map(|(at, stage)| {
            let latest = latest(pipelines, name, &stage.name);
            let waiting: Vec<Value> = pipelines
                .executions(name)
                .filter(|e| !e.status.is_over() && e.position == Position::Before(at))
                .map(|e| json!({ "pipelineExecutionId": e.id, "status": e.status.name(), "type": "STANDARD" }))
                .collect();
            let actions: Vec<Value> = stage
                .actions
                .iter()
                .map(|action| action_state(&action.name, latest_run(pipelines, name, &stage.name, &action.name)))
                .collect();
            present(json!({
                "stageName": stage.name,
                "inboundExecution": waiting.last(),
                "inboundExecutions": waiting,
                "inboundTransitionState": transition(pipeline, &stage.name),
                "actionStates": actions,
                "latestExecution": latest.map(|(execution, run)| json!({
                    "pipelineExecutionId": execution.id, "status": stage_status(execution, run), "type": "STANDARD",
                })),
            }))
        })
        .collect();
    json!({
        "pipelineName": name, "pipelineVersion": pipeline.version, "stageStates": stages,
        "created": pipeline.created.epoch_seconds(), "updated": pipeline.updated.epoch_seconds(),
    })
}

fn transition(pipeline: &Pipeline, stage: &str) -> Value {
    match pipeline.closed.get(stage) {
        None => json!({ "enabled": true }),
        Some((reason, since)) => {
            json!({ "enabled": false, "disabledReason": reason, "lastChangedAt": since.epoch_seconds() })
        }
    }
}

/// An execution that is being stopped shows so in its stage.
fn stage_status(execution: &Execution, run: &StageRun) -> &'static str {
    if run.status == Status::InProgress { execution.status.name() } else { run.status.name() }
}

/// The execution that entered the stage last, with its time there.
fn latest<'a>(pipelines: &'a Pipelines, pipeline: &str, stage: &str) -> Option<(&'a Execution, &'a StageRun)> {
    let runs = pipelines.executions(pipeline).filter_map(|execution| {
        let at = execution.declaration.stages.iter().position(|declared| declared.name == stage)?;
        Some((execution, execution.stages.get(&at)?))
    });
    runs.max_by_key(|(_, run)| run.entered)
}

fn latest_run<'a>(pipelines: &'a Pipelines, pipeline: &str, stage: &str, action: &str) -> Option<&'a ActionRun> {
    let runs = pipelines.executions(pipeline).filter_map(|execution| {
        let at = execution.declaration.stages.iter().position(|declared| declared.name == stage)?;
        let run = execution.stages.get(&at)?;
        Some((run.entered, run.latest(action)?))
    });
    runs.max_by_key(|(entered, _)| *entered).map(|(_, run)| run)
}

fn action_state(name: &str, run: Option<&ActionRun>) -> Value {
    let Some(run) = run else { return json!({ "actionName": name }) };
    let token = match &run.waiting {
        Waiting::Approval { token, .. } if run.status == ActionStatus::InProgress => Some(token),
        _ => None,
    };
    json!({
        "actionName": name,
        "latestExecution": present(json!({
            "actionExecutionId": run.id,
            "status": run.status.name(),
            "summary": run.summary,
            "lastStatusChange": run.updated.epoch_seconds(),
            "token": token,
            "externalExecutionId": run.external_id,
            "percentComplete": run.percent,
            "errorDetails": failure(run),
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codepipeline::declaration::Declaration;
    use crate::core::{Ids, PlaneIdentity, Timestamp};

    #[test]
    fn an_action_shows_what_aws_fills_in() {
        let kind = |category: &str, provider: &str| json!({ "category": category, "owner": "AWS", "provider": provider, "version": "1" });
        let source = json!({
            "name": "S", "actionTypeId": kind("Source", "S3"), "outputArtifacts": [{ "name": "o" }],
            "configuration": { "S3Bucket": "bucket", "S3ObjectKey": "k.zip" },
        });
        let approval = json!({ "name": "M", "actionTypeId": kind("Approval", "Manual") });
        let declared = json!({
            "name": "app", "roleArn": "arn:aws:iam::000000000000:role/r",
            "artifactStore": { "type": "S3", "location": "bucket" },
            "stages": [{ "name": "A", "actions": [source] }, { "name": "B", "actions": [approval] }],
        });
        let mut pipelines = Pipelines::new(Ids::seeded(1), PlaneIdentity::default());
        pipelines.create(Declaration::read(&declared).unwrap(), Timestamp::from_millis(0)).unwrap();
        let shown = declaration(pipelines.pipeline("app").unwrap().latest());
        let action = &shown["stages"][1]["actions"][0];
        assert_eq!((&action["runOrder"], &action["configuration"]), (&json!(1), &json!({})));
        assert_eq!((&action["inputArtifacts"], &action["outputArtifacts"]), (&json!([]), &json!([])));
    }
}
