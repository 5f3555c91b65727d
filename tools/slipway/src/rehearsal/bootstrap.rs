//! From nothing to a running application: the pipeline's stack, a first push, a first release.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use slipway_local::core::{Caller, Hub, ServiceError};

use super::act::short;
use super::chain::{Chain, Execution, Stack};
use super::trigger::Trigger;
use crate::failure::Failure;
use crate::repository::{Commit, Repository};

/// The time that a step may take, in real time; a first build from nothing takes the longest.
const PATIENCE: Duration = Duration::from_secs(45 * 60);
/// The pause between two looks at a step.
const LOOK: Duration = Duration::from_millis(200);

/// The pipeline, once its stack exists.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The URL to push to.
    pub remote: String,
    /// The bucket of the artifacts.
    pub artifact_bucket: String,
    /// The role that CloudFormation releases with.
    pub execution_role: String,
    /// The table of releases.
    pub releases_table: String,
}

/// The architecture that functions are built for here, in Lambda's words.
pub fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }
}

/// Makes the pipeline's stack from its template.
///
/// # Errors
/// Fails if the template is refused or the stack fails, with the reason.
pub async fn create_pipeline(chain: &Chain, template: &str, build_profile: &str) -> Result<Pipeline, Failure> {
    let names = chain.names();
    let parameter = |key: &str, value: &str| json!({ "ParameterKey": key, "ParameterValue": value });
    let input = json!({
        "StackName": names.pipeline_stack, "TemplateBody": template, "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [
            parameter("ApplicationName", &names.application),
            parameter("Architecture", architecture()),
            parameter("BuildProfile", build_profile),
        ],
    });
    call(chain.hub(), "cloudformation", "CreateStack", input).await?;
    let stack = settled(chain, &names.pipeline_stack).await?;
    let output = |key: &str| {
        let found = stack.outputs.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
        found.ok_or_else(|| Failure::SaidNo(format!("the pipeline's template has no output {key}")))
    };
    Ok(Pipeline {
        remote: output("RepositoryCloneUrlHttp")?,
        artifact_bucket: output("ArtifactBucketName")?,
        execution_role: output("ExecutionRoleArn")?,
        releases_table: output("ReleasesTableName")?,
    })
}

/// Pushes a commit and waits until the pipeline has built it.
///
/// # Errors
/// Fails if the pipeline fails: with the last output of the build.
pub async fn build(
    chain: &Chain,
    repository: &Repository,
    remote: &str,
    commit: &Commit,
) -> Result<Execution, Failure> {
    repository.push(remote, &commit.id).await?;
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK).await;
        let Some(execution) = chain.execution_of(&commit.id).await.map_err(unreadable)? else { continue };
        match execution.status.as_str() {
            "Succeeded" => return Ok(execution),
            "Failed" | "Stopped" | "Cancelled" => {
                let reason = chain.pipeline_failure(&execution.id).await.map_err(unreadable)?;
                return Err(Failure::SaidNo(format!("the pipeline failed for {}: {reason}", short(&commit.id))));
            }
            _ => {}
        }
    }
    Err(Failure::SaidNo(format!("the pipeline has not built {} in 45 minutes", short(&commit.id))))
}

/// Releases what was built, in process, and waits until the stack stands.
///
/// # Errors
/// Fails if the release is refused or the stack fails, with the reason.
pub async fn first_release(chain: &Chain, trigger: &Trigger, execution: &Execution) -> Result<Stack, Failure> {
    trigger.release(execution).await?;
    settled(chain, &chain.names().stack).await
}

/// Waits until a stack is at rest; a failure is told with the reason of the first resource that failed.
async fn settled(chain: &Chain, name: &str) -> Result<Stack, Failure> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(stack) = chain.stack(name).await.map_err(unreadable)? {
            match stack.status.as_str() {
                "CREATE_COMPLETE" | "UPDATE_COMPLETE" => return Ok(stack),
                status if status.ends_with("_IN_PROGRESS") => {}
                status => {
                    let reason = chain.stack_failure(name).await.map_err(unreadable)?;
                    return Err(Failure::SaidNo(format!("the stack {name} is {status}: {reason}")));
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(Failure::SaidNo(format!("the stack {name} is not at rest after 45 minutes")))
}

/// The function and alias that the stack's CodeDeploy shifts: its first `AWS::Lambda::Alias`.
///
/// # Errors
/// Fails if the stack cannot be read.
pub async fn shifted_alias(chain: &Chain) -> Result<Option<(String, String)>, Failure> {
    let input = json!({ "StackName": chain.names().stack });
    let listed = call(chain.hub(), "cloudformation", "ListStackResources", input).await?;
    let resources = listed["StackResourceSummaries"].as_array().into_iter().flatten();
    let mut aliases = resources.filter(|resource| resource["ResourceType"] == "AWS::Lambda::Alias");
    let arn = aliases.next().and_then(|alias| alias["PhysicalResourceId"].as_str()).unwrap_or_default();
    let mut fields = arn.rsplit(':');
    Ok(fields.next().zip(fields.next()).map(|(alias, function)| (function.to_owned(), alias.to_owned())))
}

/// Calls an operation that must succeed; what it refuses, the chain refuses.
pub async fn call(hub: &Hub, service: &str, operation: &str, input: Value) -> Result<Value, Failure> {
    hub.call_as(&Caller::root(), service, operation, input)
        .await
        .map_err(|error| Failure::SaidNo(format!("{service} {operation}: {}", error.message)))
}

fn unreadable(error: ServiceError) -> Failure {
    Failure::environment("the plane's state cannot be read", error)
}
