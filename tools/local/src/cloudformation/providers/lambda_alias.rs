//! `AWS::Lambda::Alias`: moved at once, or by CodeDeploy when its update policy says so.

use serde_json::{Map, Value, json};

use super::alias_deployment::{AliasUpdate, Shift};
use super::properties::{answered, changed, gone, pick, required, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{as_text, numbers};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

resource_type!(Alias {
    properties: &["Description", "FunctionName", "FunctionVersion", "Name", "RoutingConfig"],
    replaced_by: &["FunctionName", "Name"],
    attributes: &["AliasArn"],
    create: create,
    update: update,
    delete: delete,
    cancel: cancel,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    required(properties, "FunctionName")?;
    required(properties, "Name")?;
    let mut input = pick(properties, &["Description", "FunctionName", "Name"]);
    input.insert("FunctionVersion".to_owned(), version(properties));
    if properties.get("RoutingConfig").is_some() {
        input.insert("RoutingConfig".to_owned(), routing(properties));
    }
    let made = context.hub.call("lambda", "CreateAlias", Value::Object(input)).await?;
    let arn = answered(&made, "/AliasArn")?;
    Ok(resource(arn.clone(), [("AliasArn", json!(arn))]))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let alias = address(new)?;
    let policy = AliasUpdate::read(context)?;
    match policy {
        Some(policy) if context.rolling_back => {
            policy.clear(context).await?;
            put_back(context, &alias, new).await?;
        }
        Some(policy) if changed(old, new, &["FunctionVersion"]) => {
            let found = context.hub.call("lambda", "GetAlias", alias.clone()).await?;
            let (from, to) = (answered(&found, "/FunctionVersion")?, version(new));
            let to = to.as_str().unwrap_or_default();
            // Nothing is left to shift when an earlier attempt got there.
            if from != to || has_weights(&found) {
                let (function, name) = (required(new, "FunctionName")?, required(new, "Name")?);
                let shift = Shift { function: function_name(function), alias: name, current: &from, target: to };
                policy.deploy(context, &shift).await?;
            }
        }
        _ => put_back(context, &alias, new).await?,
    }
    if changed(old, new, &["Description"]) {
        let mut input = alias;
        input["Description"] = json!(text(new, "Description").unwrap_or_default());
        context.hub.call("lambda", "UpdateAlias", input).await?;
    }
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, _current: &Resource, properties: &Value) -> Removed {
    gone(context.hub.call("lambda", "DeleteAlias", address(properties)?).await, &["ResourceNotFoundException"])
}

async fn cancel(context: &ResourceContext, _properties: &Value) {
    let stopped = async {
        match AliasUpdate::read(context)? {
            Some(policy) => policy.cancel(context).await,
            None => Ok(()),
        }
    };
    if let Err(error) = stopped.await {
        tracing::warn!(%error, alias = context.logical_id, "the alias's deployment could not be stopped");
    }
}

/// Points the alias at the version of `properties` with exactly their weights, unless it is so already.
async fn put_back(context: &ResourceContext, alias: &Value, properties: &Value) -> Result<(), ServiceError> {
    let found = context.hub.call("lambda", "GetAlias", alias.clone()).await?;
    let (version, routing) = (version(properties), routing(properties));
    let weights = found.pointer("/RoutingConfig/AdditionalVersionWeights").cloned().unwrap_or_else(|| json!({}));
    if found.get("FunctionVersion") == Some(&version) && routing["AdditionalVersionWeights"] == weights {
        return Ok(());
    }
    let mut input = alias.clone();
    input["FunctionVersion"] = version;
    input["RoutingConfig"] = routing;
    context.hub.call("lambda", "UpdateAlias", input).await.map(|_| ())
}

fn has_weights(alias: &Value) -> bool {
    let weights = alias.pointer("/RoutingConfig/AdditionalVersionWeights").and_then(Value::as_object);
    weights.is_some_and(|weights| !weights.is_empty())
}

fn address(properties: &Value) -> Result<Value, ServiceError> {
    Ok(json!({ "FunctionName": required(properties, "FunctionName")?, "Name": required(properties, "Name")? }))
}

fn version(properties: &Value) -> Value {
    as_text(properties.get("FunctionVersion").unwrap_or(&Value::Null))
}

/// The API has weights by version where CloudFormation has a list.
fn routing(properties: &Value) -> Value {
    let weights = properties.pointer("/RoutingConfig/AdditionalVersionWeights").and_then(Value::as_array);
    let mut map = Map::new();
    for entry in weights.into_iter().flatten() {
        let mut entry = entry.clone();
        numbers(&mut entry, &["FunctionWeight"]);
        if let Some(version) = entry.get("FunctionVersion").map(as_text).and_then(|v| v.as_str().map(str::to_owned)) {
            map.insert(version, entry["FunctionWeight"].clone());
        }
    }
    json!({ "AdditionalVersionWeights": map })
}

/// The name in a function's ARN, or the name itself.
fn function_name(function: &str) -> &str {
    if function.starts_with("arn:") { function.split(':').nth(6).unwrap_or(function) } else { function }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use super::super::testing::{self, Asked, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    fn properties(version: &str) -> Value {
        json!({ "FunctionName": "api", "Name": "live", "FunctionVersion": version })
    }

    fn current() -> Resource {
        resource("arn:alias", [])
    }

    fn context(stage: &Stage) -> ResourceContext {
        let update_policy = json!({ "CodeDeployLambdaAliasUpdate": {
            "ApplicationName": "app", "DeploymentGroupName": "group",
            "BeforeAllowTrafficHook": "CodeDeployHook_pre", "AfterAllowTrafficHook": "CodeDeployHook_post",
        }});
        ResourceContext { update_policy, ..stage.context("ApiAliaslive") }
    }

    /// Lambda with the alias at `version`, partly shifted to `weighted`.
    fn lambda(version: &'static str, weighted: Option<&'static str>) -> (Fake, Asked) {
        Fake::new("lambda", move |operation, _| match operation {
            "GetAlias" => {
                let weights = weighted.map_or(json!({}), |version| json!({ version: 0.1 }));
                Ok(json!({
                    "AliasArn": "arn:alias", "FunctionVersion": version,
                    "RoutingConfig": { "AdditionalVersionWeights": weights },
                }))
            }
            "CreateAlias" | "UpdateAlias" => Ok(json!({ "AliasArn": "arn:alias" })),
            other => panic!("{other} was not expected"),
        })
    }

    /// CodeDeploy whose deployment is in progress for two looks, and then `info`.
    fn codedeploy(info: Value) -> (Fake, Asked) {
        let looks = AtomicUsize::new(0);
        Fake::new("codedeploy", move |operation, _| match operation {
            "CreateDeployment" => Ok(json!({ "deploymentId": "d-123456789" })),
            "GetDeployment" if looks.fetch_add(1, Ordering::SeqCst) < 2 => {
                Ok(json!({ "deploymentInfo": { "status": "InProgress", "creator": "CloudFormation" } }))
            }
            "GetDeployment" => Ok(json!({ "deploymentInfo": info })),
            other => panic!("{other} was not expected"),
        })
    }

    #[tokio::test]
    async fn a_new_version_is_handed_to_codedeploy() {
        let (lambda, on_lambda) = lambda("1", None);
        let (codedeploy, asked) = codedeploy(json!({ "status": "Succeeded" }));
        let stage = Stage::new(vec![lambda, codedeploy]);
        Alias.update(&context(&stage), &current(), &properties("1"), &properties("2")).await.unwrap();
        let created = asked.input("CreateDeployment");
        assert_eq!(created["applicationName"], "app");
        assert_eq!(created["revision"]["revisionType"], "String");
        let content: Value = serde_json::from_str(created["revision"]["string"]["content"].as_str().unwrap()).unwrap();
        assert_eq!(
            content["Resources"],
            json!([{ "ApiAliaslive": {
                "Type": "AWS::Lambda::Function",
                "Properties": { "Name": "api", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2" },
            }}])
        );
        assert_eq!(
            content["Hooks"],
            json!([
                { "BeforeAllowTraffic": "CodeDeployHook_pre" }, { "AfterAllowTraffic": "CodeDeployHook_post" },
            ])
        );
        assert!(!on_lambda.operations().contains(&"UpdateAlias".to_owned()), "CodeDeploy moves the alias");
    }

    #[tokio::test]
    async fn a_failed_deployment_says_why_and_which() {
        let info = json!({ "status": "Failed", "errorInformation": {
            "code": "HOOK_EXECUTION_FAILURE", "message": "the hook said no",
        }});
        let (codedeploy, _) = codedeploy(info);
        let stage = Stage::new(vec![lambda("1", None).0, codedeploy]);
        let error = Alias.update(&context(&stage), &current(), &properties("1"), &properties("2")).await.unwrap_err();
        for part in ["d-123456789", "HOOK_EXECUTION_FAILURE", "the hook said no"] {
            assert!(error.message.contains(part), "{error}");
        }
    }

    #[tokio::test]
    async fn a_rollback_waits_for_codedeploys_own_and_then_finds_nothing_to_do() {
        let lists = AtomicUsize::new(0);
        let (codedeploy, asked) = Fake::new("codedeploy", move |operation, _| match operation {
            "ListDeployments" if lists.fetch_add(1, Ordering::SeqCst) == 0 => {
                Ok(json!({ "deployments": ["d-ROLLBACK1"] }))
            }
            "ListDeployments" => Ok(json!({ "deployments": [] })),
            _ => {
                let status = if lists.load(Ordering::SeqCst) == 1 { "Succeeded" } else { "InProgress" };
                Ok(json!({ "deploymentInfo": { "status": status, "creator": "codeDeployRollback" } }))
            }
        });
        let (lambda, on_lambda) = lambda("1", None);
        let stage = Stage::new(vec![lambda, codedeploy]);
        let context = ResourceContext { rolling_back: true, ..context(&stage) };
        Alias.update(&context, &current(), &properties("2"), &properties("1")).await.unwrap();
        assert!(!asked.operations().contains(&"StopDeployment".to_owned()));
        assert_eq!(on_lambda.operations(), ["GetAlias"]);
    }

    #[tokio::test]
    async fn a_rollback_stops_a_running_deployment_and_takes_the_weights_off() {
        let stopped = Arc::new(Mutex::new(false));
        let seen = Arc::clone(&stopped);
        let (codedeploy, asked) = Fake::new("codedeploy", move |operation, _| {
            let mut stopped = seen.lock().unwrap();
            match operation {
                "StopDeployment" => {
                    *stopped = true;
                    Ok(json!({ "status": "Pending" }))
                }
                "ListDeployments" => Ok(json!({ "deployments": if *stopped { json!([]) } else { json!(["d-1"]) } })),
                _ => {
                    let status = if *stopped { "Stopped" } else { "InProgress" };
                    Ok(json!({ "deploymentInfo": { "status": status, "creator": "CloudFormation" } }))
                }
            }
        });
        let (lambda, on_lambda) = lambda("1", Some("2"));
        let stage = Stage::new(vec![lambda, codedeploy]);
        let context = ResourceContext { rolling_back: true, ..context(&stage) };
        Alias.update(&context, &current(), &properties("2"), &properties("1")).await.unwrap();
        assert_eq!(asked.input("StopDeployment")["autoRollbackEnabled"], false);
        assert_eq!(
            on_lambda.input("UpdateAlias"),
            json!({
                "FunctionName": "api", "Name": "live", "FunctionVersion": "1",
                "RoutingConfig": { "AdditionalVersionWeights": {} },
            })
        );
        assert!(*stopped.lock().unwrap());
    }

    #[tokio::test]
    async fn without_a_policy_the_alias_moves_at_once() {
        let (lambda, asked) = lambda("1", None);
        let stage = Stage::new(vec![lambda]);
        let mut new = properties("2");
        new["RoutingConfig"] =
            json!({ "AdditionalVersionWeights": [{ "FunctionVersion": "1", "FunctionWeight": "0.25" }] });
        Alias.update(&stage.context("A"), &current(), &properties("1"), &new).await.unwrap();
        let input = asked.input("UpdateAlias");
        assert_eq!(input["FunctionVersion"], "2");
        assert_eq!(input["RoutingConfig"], json!({ "AdditionalVersionWeights": { "1": 0.25 } }));
    }

    #[tokio::test]
    async fn an_alias_is_created_and_known_by_its_arn() {
        let (lambda, asked) = lambda("1", None);
        let stage = Stage::new(vec![lambda]);
        let made = testing::create(&Alias, &context(&stage), properties("1")).await;
        assert_eq!(made.physical_id, "arn:alias");
        assert_eq!(asked.input("CreateAlias"), properties("1"));
    }

    #[tokio::test]
    async fn a_cancelled_update_stops_its_deployment() {
        let (codedeploy, asked) = Fake::new("codedeploy", |operation, _| match operation {
            "ListDeployments" => Ok(json!({ "deployments": ["d-1"] })),
            "GetDeployment" => Ok(json!({ "deploymentInfo": { "status": "InProgress", "creator": "CloudFormation" } })),
            "StopDeployment" => Ok(json!({ "status": "Pending" })),
            other => panic!("{other} was not expected"),
        });
        let stage = Stage::new(vec![lambda("1", Some("2")).0, codedeploy]);
        Alias.cancel(&context(&stage), &properties("2")).await;
        assert_eq!(asked.input("StopDeployment")["deploymentId"], "d-1");
    }
}
