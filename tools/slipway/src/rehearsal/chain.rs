//! The place of a commit in the chain, as the plane's services tell it, read by AWS's own operations.

use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::{Value, json};
use slipway_local::core::{Caller, Hub, ServiceError};
use slipway_shared::ledger::Gate;

use super::names::Names;
use crate::releases;

/// The chain of one application and stage on a plane.
#[derive(Clone, Debug)]
pub struct Chain {
    hub: Arc<Hub>,
    names: Names,
}

/// A pipeline execution, as `ListPipelineExecutions` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The execution's id, by which its actions are asked for.
    pub id: String,
    /// CodePipeline's status: `InProgress`, `Succeeded`, `Failed` …
    pub status: String,
}

/// A stack, as `DescribeStacks` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Its ARN.
    pub id: String,
    /// CloudFormation's status.
    pub status: String,
    /// The reason for the status, where CloudFormation gives one.
    pub reason: String,
    /// Outputs by key.
    pub outputs: Vec<(String, String)>,
}

/// An alias and its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The version it names.
    pub version: String,
    /// The other version and its share, while traffic is shared.
    pub additional: Option<(String, f64)>,
}

/// A deployment, as CodeDeploy shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// CodeDeploy's id: `d-…`.
    pub id: String,
    /// CodeDeploy's status.
    pub status: String,
    /// The creator: `CloudFormation`, `codeDeployRollback` …
    pub creator: String,
    /// Error code and message, when it failed.
    pub error: Option<String>,
    /// The version that it moves traffic to.
    pub target_version: String,
    /// Lifecycle events with their statuses, in order.
    pub events: Vec<(String, String)>,
}

impl Chain {
    /// Asks a service of the plane as the operator.
    async fn ask(&self, service: &str, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.hub.call_as(&Caller::root(), service, operation, input).await
    }

    /// The chain that bears these names.
    pub fn new(hub: Arc<Hub>, names: Names) -> Self {
        Self { hub, names }
    }

    /// The plane's hub, through which its services are asked.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The names of the application's things.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The newest pipeline execution of a commit.
    pub async fn execution_of(&self, commit: &str) -> Result<Option<Execution>, ServiceError> {
        let listed = self
            .hub
            .call(
                "codepipeline",
                "ListPipelineExecutions",
                json!({ "pipelineName": self.names.pipeline, "maxResults": 100 }),
            )
            .await?;
        let summaries = listed["pipelineExecutionSummaries"].as_array().into_iter().flatten();
        let mut of_commit = summaries.filter(|summary| {
            summary["sourceRevisions"].as_array().into_iter().flatten().any(|source| source["revisionId"] == commit)
        });
        Ok(of_commit
            .next()
            .map(|summary| Execution { id: text(&summary["pipelineExecutionId"]), status: text(&summary["status"]) }))
    }

    /// Pipeline stages with their statuses, in order; a stage that never ran has none.
    pub async fn stages(&self) -> Result<Vec<(String, String)>, ServiceError> {
        let state = self.ask("codepipeline", "GetPipelineState", json!({ "name": self.names.pipeline })).await?;
        let stages = state["stageStates"].as_array().into_iter().flatten();
        Ok(stages.map(|stage| (text(&stage["stageName"]), text(&stage["latestExecution"]["status"]))).collect())
    }

    /// The reason why a pipeline execution failed: the message of its first failed action.
    pub async fn pipeline_failure(&self, execution: &str) -> Result<String, ServiceError> {
        let input = json!({ "pipelineName": self.names.pipeline, "filter": { "pipelineExecutionId": execution } });
        let listed = self.ask("codepipeline", "ListActionExecutions", input).await?;
        let mut details = listed["actionExecutionDetails"].as_array().into_iter().flatten();
        let failed = details.rfind(|detail| detail["status"] == "Failed");
        Ok(failed.map_or_else(String::new, |detail| {
            let result = &detail["output"]["executionResult"];
            let message = [&result["errorDetails"]["message"], &result["externalExecutionSummary"]];
            let said = message.into_iter().map(text).find(|message| !message.is_empty()).unwrap_or_default();
            format!("{} failed: {said}", text(&detail["actionName"]))
        }))
    }

    /// A stack, when there is one.
    pub async fn stack(&self, name: &str) -> Result<Option<Stack>, ServiceError> {
        let described = match self.ask("cloudformation", "DescribeStacks", json!({ "StackName": name })).await {
            Err(error) if error.is("ValidationError") => return Ok(None),
            other => other?,
        };
        let stack = &described["Stacks"][0];
        let outputs = stack["Outputs"].as_array().into_iter().flatten();
        Ok(Some(Stack {
            id: text(&stack["StackId"]),
            status: text(&stack["StackStatus"]),
            reason: text(&stack["StackStatusReason"]),
            outputs: outputs.map(|output| (text(&output["OutputKey"]), text(&output["OutputValue"]))).collect(),
        }))
    }

    /// The reason of the first resource that failed in the newest operation on a stack.
    pub async fn stack_failure(&self, name: &str) -> Result<String, ServiceError> {
        let listed = self.ask("cloudformation", "DescribeStackEvents", json!({ "StackName": name })).await?;
        // Newest first: the operation's own beginning ends the search.
        let mut reason = String::new();
        for event in listed["StackEvents"].as_array().into_iter().flatten() {
            let status = text(&event["ResourceStatus"]);
            let cause = text(&event["ResourceStatusReason"]);
            if status.ends_with("_FAILED") && !cause.contains("cancelled") {
                reason = format!("{}: {cause}", text(&event["LogicalResourceId"]));
            }
            let is_stack = event["ResourceType"] == "AWS::CloudFormation::Stack";
            if is_stack && matches!(status.as_str(), "UPDATE_IN_PROGRESS" | "CREATE_IN_PROGRESS") {
                break;
            }
        }
        Ok(reason)
    }

    /// The alias that is shifted, once it exists.
    pub async fn alias(&self) -> Result<Option<Alias>, ServiceError> {
        let Some(function) = &self.names.function else { return Ok(None) };
        let input = json!({ "FunctionName": function, "Name": self.names.alias });
        let alias = match self.ask("lambda", "GetAlias", input).await {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(None),
            other => other?,
        };
        let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].as_object().into_iter().flatten();
        let additional = weights.filter_map(|(version, weight)| Some((version.clone(), weight.as_f64()?))).next();
        Ok(Some(Alias { version: text(&alias["FunctionVersion"]), additional }))
    }

    /// Every deployment of the application's function, newest first.
    pub async fn deployments(&self) -> Result<Vec<Deployment>, ServiceError> {
        let listed = self.ask("codedeploy", "ListDeployments", json!({})).await?;
        let mut found = Vec::new();
        for id in listed["deployments"].as_array().into_iter().flatten() {
            if let Some(deployment) = self.deployment(&text(id)).await? {
                found.push(deployment);
            }
        }
        Ok(found)
    }

    async fn deployment(&self, id: &str) -> Result<Option<Deployment>, ServiceError> {
        let input = json!({ "deploymentId": id });
        let info = self.ask("codedeploy", "GetDeployment", input.clone()).await?["deploymentInfo"].take();
        let ids = self.ask("codedeploy", "ListDeploymentTargets", input).await?["targetIds"].take();
        let input = json!({ "deploymentId": id, "targetIds": ids });
        let targets = self.ask("codedeploy", "BatchGetDeploymentTargets", input).await?;
        let target = &targets["deploymentTargets"][0]["lambdaTarget"];
        let function = &target["lambdaFunctionInfo"];
        if self.names.function.as_deref().is_some_and(|name| function["functionName"] != name) {
            return Ok(None);
        }
        let error = &info["errorInformation"];
        let events = target["lifecycleEvents"].as_array().into_iter().flatten();
        Ok(Some(Deployment {
            id: id.to_owned(),
            status: text(&info["status"]),
            creator: text(&info["creator"]),
            error: error["code"].as_str().map(|code| format!("{code}: {}", text(&error["message"]))),
            target_version: text(&function["targetVersion"]),
            events: events.map(|event| (text(&event["lifecycleEventName"]), text(&event["status"]))).collect(),
        }))
    }

    /// The alarms that are in ALARM, with their reasons.
    pub async fn firing_alarms(&self) -> Result<Vec<(String, String)>, ServiceError> {
        let described = self.ask("monitoring", "DescribeAlarms", json!({ "StateValue": "ALARM" })).await?;
        let alarms = described["MetricAlarms"].as_array().into_iter().flatten();
        Ok(alarms.map(|alarm| (text(&alarm["AlarmName"]), text(&alarm["StateReason"]))).collect())
    }

    /// The record of the release that a pipeline execution made, once there is one.
    pub async fn release(&self, execution: &str) -> Result<Option<Value>, ServiceError> {
        let stack = self.stack(&self.names.pipeline_stack).await?;
        let outputs = stack.map(|stack| stack.outputs).unwrap_or_default();
        let Some((_, table)) = outputs.into_iter().find(|(key, _)| key == releases::OUTPUT) else { return Ok(None) };
        let partition = format!("releases#{}/{}", self.names.application, self.names.stage);
        let input = json!({ "TableName": table, "Key": { "pk": { "S": partition }, "sk": { "S": execution } } });
        let found = self.ask("dynamodb", "GetItem", input).await?;
        Ok(found["Item"]["record"]["S"].as_str().and_then(|record| serde_json::from_str(record).ok()))
    }

    /// The gates' verdicts on a deployment by lifecycle event, in the order of these, if the stack has a ledger.
    pub async fn verdicts(&self, deployment: &str) -> Result<Vec<(String, Value)>, ServiceError> {
        let stack = self.stack(&self.names.stack).await?;
        let outputs = stack.map(|stack| stack.outputs).unwrap_or_default();
        let Some((_, table)) = outputs.into_iter().find(|(key, _)| key == "LedgerName") else { return Ok(Vec::new()) };
        let input = json!({
            "TableName": table, "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": format!("deployment#{deployment}") } },
        });
        let found = self.ask("dynamodb", "Query", input).await?;
        let items = found["Items"].as_array().into_iter().flatten();
        let entries = items.filter_map(|item| serde_json::from_str::<Value>(item["entry"]["S"].as_str()?).ok());
        let mut verdicts: Vec<(String, Value)> = entries.map(|entry| (text(&entry["gate"]), entry)).collect();
        verdicts.sort_by_key(|(_, entry)| Gate::deserialize(&entry["gate"]).ok());
        Ok(verdicts)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
