//! What a function is told of a job, and what `GetJobDetails` says of it.

use serde_json::{Value, json};

use crate::core::PlaneIdentity;

use super::execution::{ActionRun, Artifact, Execution, Order};

/// The whole event of an invoke action: `{"CodePipeline.job": …}`.
pub fn event(identity: &PlaneIdentity, order: &Order) -> Value {
    let mut data = json!({
        "actionConfiguration": { "configuration": order.configuration },
        "inputArtifacts": artifacts(&order.inputs),
        "outputArtifacts": artifacts(&order.outputs),
        "artifactCredentials": credentials(),
    });
    if let Some(token) = &order.continuation {
        data["continuationToken"] = json!(token);
    }
    json!({ "CodePipeline.job": { "id": order.job, "accountId": identity.account, "data": data } })
}

/// `jobDetails` of the API.
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
            "artifactCredentials": credentials(),
        },
    })
}

/// Any credentials open the plane's bucket; these name who uses them.
fn credentials() -> Value {
    json!({ "accessKeyId": "ASIASLIPWAYPIPELINE0", "secretAccessKey": "local", "sessionToken": "local" })
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
