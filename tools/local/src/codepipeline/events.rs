//! The three kinds of events, with the details that AWS documents.

use serde_json::{Value, json};

use crate::core::{AwsEvent, PlaneIdentity};

use super::execution::{ActionRun, Artifact, Execution};

/// `CodePipeline Pipeline Execution State Change`.
pub fn pipeline(identity: &PlaneIdentity, execution: &Execution, state: &str) -> AwsEvent {
    let mut detail = common(execution, state);
    if let Some(reason) = &execution.stop_reason {
        detail["stop-execution-comments"] = json!(reason);
    }
    event(identity, execution, "Pipeline", detail)
}

/// `CodePipeline Stage Execution State Change`.
pub fn stage(identity: &PlaneIdentity, execution: &Execution, stage: &str, state: &str) -> AwsEvent {
    let mut detail = common(execution, state);
    detail["stage"] = json!(stage);
    event(identity, execution, "Stage", detail)
}

/// `CodePipeline Action Execution State Change`.
pub fn action(
    identity: &PlaneIdentity,
    execution: &Execution,
    stage: (usize, &str),
    run: &ActionRun,
    state: &str,
) -> AwsEvent {
    let mut detail = common(execution, state);
    detail["stage"] = json!(stage.1);
    detail["action"] = json!(run.action);
    detail["action-execution-id"] = json!(run.id);
    detail["region"] = json!(identity.region);
    let kind = execution.action(stage.0, &run.action).map_or(Value::Null, |action| action.kind.clone());
    detail["type"] = json!({
        "owner": kind["owner"], "provider": kind["provider"], "category": kind["category"], "version": kind["version"],
    });
    detail["input-artifacts"] = artifacts(&run.inputs);
    if state == "SUCCEEDED" {
        detail["output-artifacts"] = artifacts(&run.outputs);
    }
    if state != "STARTED" {
        detail["execution-result"] = result(run);
    }
    event(identity, execution, "Action", detail)
}

fn common(execution: &Execution, state: &str) -> Value {
    json!({
        "pipeline": execution.declaration.name,
        "execution-id": execution.id,
        "start-time": execution.started.iso8601(),
        "state": state,
        // CodePipeline sends `3.0`: a consumer that only takes integers breaks on it, here as there.
        "version": execution.version as f64,
        "pipeline-execution-attempt": execution.attempt as f64,
        "execution-trigger": { "trigger-type": execution.trigger.kind, "trigger-detail": execution.trigger.detail },
    })
}

fn result(run: &ActionRun) -> Value {
    let mut result = json!({ "external-execution-id": run.external_id });
    let told = run.failure.as_ref().map(|failure| failure.message.as_str()).or(run.summary.as_deref());
    if let Some(summary) = told {
        result["external-execution-summary"] = json!(summary);
    }
    if let Some(failure) = &run.failure {
        result["error-code"] = json!(failure.code);
    }
    result
}

fn artifacts(artifacts: &[Artifact]) -> Value {
    artifacts.iter().map(|a| json!({ "name": a.name, "s3location": { "bucket": a.bucket, "key": a.key } })).collect()
}

fn event(identity: &PlaneIdentity, execution: &Execution, what: &str, detail: Value) -> AwsEvent {
    let PlaneIdentity { account, region } = identity;
    AwsEvent {
        source: "aws.codepipeline",
        detail_type: format!("CodePipeline {what} Execution State Change"),
        resources: vec![format!("arn:aws:codepipeline:{region}:{account}:{}", execution.declaration.name)],
        detail,
    }
}
