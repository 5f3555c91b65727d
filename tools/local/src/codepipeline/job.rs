//! The event that tells a function of a job, and the answer of `GetJobDetails`.

use serde_json::{Value, json};

use crate::core::{Caller, Hub, PlaneIdentity};

use super::execution::{ActionRun, Artifact, Execution, Order};

/// The whole event of an invoke action: `{"CodePipeline.job": …}`.
pub fn event(hub: &Hub, caller: &Caller, order: &Order) -> Value {
    let mut data = json!({
        "actionConfiguration": { "configuration": order.configuration },
        "inputArtifacts": artifacts(&order.inputs),
        "outputArtifacts": artifacts(&order.outputs),
        "artifactCredentials": credentials(hub, caller),
    });
    if let Some(token) = &order.continuation {
        data["continuationToken"] = json!(token);
    }
    json!({ "CodePipeline.job": { "id": order.job, "accountId": hub.identity.account, "data": data } })
}

/// `jobDetails` of the API, but for the credentials.
pub fn details(identity: &PlaneIdentity, id: &str, execution: &Execution, stage: usize, run: &ActionRun) -> Value {
    let pipeline = &execution.declaration.name;
    let PlaneIdentity { account, region } = identity;
    json!({
        "id": id,
        "accountId": account,
        "data": {
            "actionTypeId": execution.action(stage, &run.action).map(|action| action.kind.clone()),
            "actionConfiguration": { "configuration": run.configuration },
            "pipelineContext": {
                "pipelineName": pipeline,
                "stage": { "name": execution.declaration.stages[stage].name },
                "action": { "name": run.action, "actionExecutionId": run.id },
                "pipelineArn": format!("arn:aws:codepipeline:{region}:{account}:{pipeline}"),
                "pipelineExecutionId": execution.id,
            },
            "inputArtifacts": artifacts(&run.inputs),
            "outputArtifacts": artifacts(&run.outputs),
        },
    })
}

/// The credentials of the role in which the action is done, for its artifacts.
pub fn credentials(hub: &Hub, caller: &Caller) -> Value {
    let key = caller.access_key.as_deref().unwrap_or_default();
    let Some(issued) = hub.authority().and_then(|authority| authority.issued(key)) else { return Value::Null };
    json!({ "accessKeyId": key, "secretAccessKey": issued.secret, "sessionToken": issued.token })
}

fn artifacts(artifacts: &[Artifact]) -> Value {
    artifacts
        .iter()
        .map(|artifact| {
            json!({
                "name": artifact.name, "revision": artifact.revision,
                "location": {
                    "type": "S3", "s3Location": { "bucketName": artifact.bucket, "objectKey": artifact.key },
                },
            })
        })
        .collect()
}
