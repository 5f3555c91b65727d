//! Handing an alias to CodeDeploy (`CodeDeployLambdaAliasUpdate`), and taking it back.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html>

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::properties::{answered, required, text, texts};
use crate::cloudformation::provider::ResourceContext;
use crate::core::ServiceError;

/// The statuses of deployments that have not ended.
const RUNNING: [&str; 5] = ["Created", "Queued", "InProgress", "Baking", "Ready"];

/// The pause between two looks at a deployment, in real time: a deployment's own time is the plane's.
const LOOK: Duration = Duration::from_millis(100);

/// The update policy of an alias, read from its resource.
#[derive(Debug)]
pub(super) struct AliasUpdate {
    application: String,
    group: String,
    before: Option<String>,
    after: Option<String>,
}

/// The function, alias and versions that a deployment is about.
#[derive(Debug)]
pub(super) struct Shift<'a> {
    pub(super) function: &'a str,
    pub(super) alias: &'a str,
    pub(super) current: &'a str,
    pub(super) target: &'a str,
}

impl AliasUpdate {
    /// The policy of the alias in `context`, if it has one.
    pub(super) fn read(context: &ResourceContext) -> Result<Option<Self>, ServiceError> {
        let Some(policy) = context.update_policy.get("CodeDeployLambdaAliasUpdate").filter(|p| !p.is_null()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            application: required(policy, "ApplicationName")?.to_owned(),
            group: required(policy, "DeploymentGroupName")?.to_owned(),
            before: text(policy, "BeforeAllowTrafficHook").map(str::to_owned),
            after: text(policy, "AfterAllowTrafficHook").map(str::to_owned),
        }))
    }

    /// Shifts the alias by a deployment, and waits for it.
    pub(super) async fn deploy(&self, context: &ResourceContext, shift: &Shift<'_>) -> Result<(), ServiceError> {
        let content = self.content(&context.logical_id, shift);
        let digest = hex::encode(Sha256::digest(content.as_bytes()));
        let created = context
            .hub
            .call(
                "codedeploy",
                "CreateDeployment",
                json!({
                    "applicationName": self.application,
                    "deploymentGroupName": self.group,
                    "revision": { "revisionType": "String", "string": { "content": content, "sha256": digest } },
                }),
            )
            .await?;
        let id = answered(&created, "/deploymentId")?;
        let ended = ended(context, &id).await?;
        if text(&ended, "status") == Some("Succeeded") {
            return Ok(());
        }
        Err(failure(&id, &ended))
    }

    /// The AppSpec as CloudFormation writes it.
    fn content(&self, logical_id: &str, shift: &Shift<'_>) -> String {
        let mut resource = json!({});
        resource[logical_id] = json!({
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Name": shift.function, "Alias": shift.alias,
                "CurrentVersion": shift.current, "TargetVersion": shift.target,
            },
        });
        let hooks: Vec<Value> = [("BeforeAllowTraffic", &self.before), ("AfterAllowTraffic", &self.after)]
            .into_iter()
            .filter_map(|(event, function)| Some(json!({ event: function.as_ref()? })))
            .collect();
        json!({ "version": "0.0", "Resources": [resource], "Hooks": hooks }).to_string()
    }

    /// Stops what is running for the group, and waits until nothing is. CodeDeploy's own rollback runs to its end: it
    /// puts the alias where it was.
    pub(super) async fn clear(&self, context: &ResourceContext) -> Result<(), ServiceError> {
        loop {
            let running = self.running(context).await?;
            let Some(id) = running.first() else { return Ok(()) };
            self.stop(context, id).await?;
            ended(context, id).await?;
        }
    }

    /// Asks what is running for the group to stop, without waiting.
    pub(super) async fn cancel(&self, context: &ResourceContext) -> Result<(), ServiceError> {
        for id in self.running(context).await? {
            self.stop(context, &id).await?;
        }
        Ok(())
    }

    async fn running(&self, context: &ResourceContext) -> Result<Vec<String>, ServiceError> {
        let input = json!({
            "applicationName": self.application, "deploymentGroupName": self.group, "includeOnlyStatuses": RUNNING,
        });
        match context.hub.call("codedeploy", "ListDeployments", input).await {
            Ok(found) => Ok(texts(&found, "deployments")),
            // A stack that fails while it is made may have no group yet, or no more.
            Err(error) if error.code.ends_with("DoesNotExistException") => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn stop(&self, context: &ResourceContext, id: &str) -> Result<(), ServiceError> {
        let info = deployment(context, id).await?;
        if text(&info, "creator") == Some("codeDeployRollback") {
            return Ok(());
        }
        // The stack's own rollback puts the alias back: no second one beside it.
        let input = json!({ "deploymentId": id, "autoRollbackEnabled": false });
        match context.hub.call("codedeploy", "StopDeployment", input).await {
            Err(error) if !error.is("DeploymentAlreadyCompletedException") => Err(error),
            _ => Ok(()),
        }
    }
}

async fn deployment(context: &ResourceContext, id: &str) -> Result<Value, ServiceError> {
    let found = context.hub.call("codedeploy", "GetDeployment", json!({ "deploymentId": id })).await?;
    Ok(found.get("deploymentInfo").cloned().unwrap_or_default())
}

/// Waits until a deployment has ended; answers what is known of it.
async fn ended(context: &ResourceContext, id: &str) -> Result<Value, ServiceError> {
    loop {
        let info = deployment(context, id).await?;
        if !RUNNING.contains(&text(&info, "status").unwrap_or_default()) {
            return Ok(info);
        }
        tokio::time::sleep(LOOK.div_f64(context.hub.clock.scale().max(1.0)).max(Duration::from_millis(10))).await;
    }
}

/// The error for a deployment that did not succeed, in CodeDeploy's words.
fn failure(id: &str, info: &Value) -> ServiceError {
    let at = |pointer: &str| info.pointer(pointer).and_then(Value::as_str);
    let status = at("/status").unwrap_or("unknown");
    let code = at("/errorInformation/code").unwrap_or("no error code");
    let message = at("/errorInformation/message").unwrap_or("no message");
    ServiceError::new(
        "NotStabilized",
        format!("CodeDeploy deployment {id} did not succeed: status {status}, {code}: {message}"),
    )
}
