//! Builds and tests: CodeBuild, told by overrides where its source lies and where its artifacts go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::engine::{Input, Outcome};
use super::super::execution::{Artifact, Failure, Order};
use super::outcome::{ended, refused};
use super::role;
use crate::core::{Caller, Hub};

/// The time between two looks at a build. Real time: so are builds.
const POLL: Duration = Duration::from_millis(200);

/// Starts the build and answers its id.
pub async fn start(hub: &Hub, caller: &Caller, order: &Order) -> Result<String, Failure> {
    let project = order.configuration.get("ProjectName").cloned().unwrap_or_default();
    let input = request(order, &project)?;
    let started = hub.call_as(caller, "codebuild", "StartBuild", input).await;
    let started = started.map_err(|error| refused("Error calling startBuild", &error))?;
    Ok(started["build"]["id"].as_str().unwrap_or_default().to_owned())
}

fn request(order: &Order, project: &str) -> Result<Value, Failure> {
    let wrong = |message: String| Failure { code: "ConfigurationError".to_owned(), message };
    if order.configuration.get("BatchEnabled").is_some_and(|enabled| enabled == "true") {
        return Err(wrong("batch builds are not run by the local plane".to_owned()));
    }
    let chosen = order.configuration.get("PrimarySource");
    let primary = order.inputs.iter().find(|input| chosen.is_none_or(|chosen| *chosen == input.name));
    let Some(primary) = primary else {
        return Err(wrong("PrimarySource names none of the input artifacts".to_owned()));
    };
    let further: Vec<Value> = order
        .inputs
        .iter()
        .filter(|input| input.name != primary.name)
        .map(|input| json!({ "type": "S3", "location": location(input), "sourceIdentifier": input.name }))
        .collect();
    // A single output is the buildspec's primary artifact; of several, each is a secondary one by its name.
    let (artifacts, secondary) = match order.outputs.as_slice() {
        [] => (json!({ "type": "NO_ARTIFACTS" }), Vec::new()),
        [one] => (destination(one, None), Vec::new()),
        several => {
            let all = several.iter().map(|output| destination(output, Some(&output.name)));
            (json!({ "type": "NO_ARTIFACTS" }), all.collect())
        }
    };
    let mut request = json!({
        "projectName": project,
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": location(primary),
        "secondarySourcesOverride": further,
        "artifactsOverride": artifacts,
        "secondaryArtifactsOverride": secondary,
        "initiator": format!("codepipeline/{}", order.pipeline),
    });
    if let Some(revision) = &primary.revision {
        request["resolvedSourceVersion"] = json!(revision);
    }
    if let Some(variables) = order.configuration.get("EnvironmentVariables") {
        request["environmentVariablesOverride"] = serde_json::from_str(variables)
            .map_err(|error| wrong(format!("EnvironmentVariables is not the JSON of a list: {error}")))?;
    }
    Ok(request)
}

fn location(artifact: &Artifact) -> String {
    format!("{}/{}", artifact.bucket, artifact.key)
}

fn destination(artifact: &Artifact, identifier: Option<&str>) -> Value {
    json!({
        "type": "S3", "location": artifact.bucket, "name": artifact.key, "packaging": "ZIP",
        "artifactIdentifier": identifier,
    })
}

/// Waits for the end of a build.
pub async fn watch(hub: Arc<Hub>, order: Box<Order>, id: String) -> Vec<Input> {
    let caller = match role::acting(&hub, &order.actor).await {
        Ok(caller) => caller,
        Err(failure) => return vec![ended(&order, Outcome::Failed { failure, external_id: Some(id) })],
    };
    loop {
        let outcome = match hub.call_as(&caller, "codebuild", "BatchGetBuilds", json!({ "ids": [id] })).await {
            Err(error) => {
                let failure = refused("Error calling batchGetBuilds", &error);
                Outcome::Failed { failure, external_id: Some(id) }
            }
            Ok(found) if found["builds"][0]["buildComplete"] == false => {
                tokio::time::sleep(POLL).await;
                continue;
            }
            Ok(found) => outcome(&found["builds"][0], &id),
        };
        return vec![ended(&order, outcome)];
    }
}

fn outcome(build: &Value, id: &str) -> Outcome {
    let external_id = Some(id.to_owned());
    let status = build["buildStatus"].as_str().unwrap_or("unknown");
    if status != "SUCCEEDED" {
        let code = "JobFailed".to_owned();
        return Outcome::Failed { failure: Failure { code, message: reason(build, status) }, external_id };
    }
    let exported = build["exportedEnvironmentVariables"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let variables: BTreeMap<String, String> =
        exported.iter().map(|variable| (text(&variable["name"]), text(&variable["value"]))).collect();
    Outcome::Succeeded { variables, revision: None, summary: None, external_id }
}

/// The first phase that did not succeed, with what its command printed last.
fn reason(build: &Value, status: &str) -> String {
    let phases = build["phases"].as_array().map_or(&[][..], Vec::as_slice);
    let failed = phases.iter().find(|phase| phase["phaseStatus"].as_str().is_some_and(|status| status != "SUCCEEDED"));
    let Some(phase) = failed else { return format!("Build terminated with state: {status}") };
    let (context, text) = (&phase["contexts"][0], |value: &Value| value.as_str().unwrap_or_default().to_owned());
    format!(
        "Build terminated with state: {status}. Phase: {}, Code: {}, Message: {}",
        text(&phase["phaseType"]),
        text(&context["statusCode"]),
        text(&context["message"])
    )
}
