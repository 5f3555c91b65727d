//! A deployment as CodeDeploy and the ledger tell it.

use jiff::Timestamp;
use serde_json::Value;
use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::identity::DeploymentId;
use slipway_shared::ledger::{Entry, ReadLedger};
use slipway_shared::telemetry::Chain;

use crate::failure::Failure;
use crate::ledgers::{self, StackLedger};

/// A lifecycle event with its hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) began: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    /// The function that is the event's hook.
    pub(super) hook: Option<String>,
}

/// A hook's run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HookRun {
    pub(super) event: String,
    pub(super) function: String,
    pub(super) from: Timestamp,
    pub(super) to: Option<Timestamp>,
}

/// A deployment.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) group: String,
    pub(super) created: Option<Timestamp>,
    pub(super) error: Option<String>,
    pub(super) rollback: Option<String>,
    pub(super) events: Vec<Event>,
}

impl Facts {
    /// The runs of hooks that failed or never answered.
    pub(super) fn unanswered(&self) -> Vec<HookRun> {
        let asked =
            self.events.iter().filter(|event| matches!(event.status.as_str(), "Failed" | "InProgress" | "Unknown"));
        asked
            .filter_map(|event| {
                Some(HookRun {
                    event: event.name.clone(),
                    function: event.hook.clone()?,
                    from: event.began?,
                    to: event.ended,
                })
            })
            .collect()
    }
}

/// Reads the deployment.
///
/// # Errors
/// Fails if there is none, or CodeDeploy cannot be asked.
pub(super) async fn read(settings: &AwsSettings, id: &DeploymentId) -> Result<Facts, Failure> {
    let client = aws::codedeploy(settings);
    let refused = |error: &(dyn std::error::Error + 'static)| {
        Failure::SaidNo(format!("the deployment {id} cannot be read: {}", Chain(error)))
    };
    let output = client.get_deployment().deployment_id(id.as_str()).send().await;
    let info = output.map_err(|error| refused(&error))?.deployment_info;
    let info = info.ok_or_else(|| Failure::SaidNo(format!("there is no deployment {id}")))?;
    let listed = client.list_deployment_targets().deployment_id(id.as_str()).send().await;
    let ids = listed.map_err(|error| refused(&error))?.target_ids;
    let request = client.batch_get_deployment_targets().deployment_id(id.as_str()).set_target_ids(ids);
    let targets = request.send().await.map_err(|error| refused(&error))?.deployment_targets.unwrap_or_default();
    let spec = info.revision().and_then(app_spec).unwrap_or_default();
    let events =
        targets.iter().filter_map(|target| target.lambda_target()).flat_map(|target| target.lifecycle_events());
    let time = |time: Option<&aws_smithy_types::DateTime>| Timestamp::from_nanosecond(time?.as_nanos()).ok();
    Ok(Facts {
        id: id.to_string(),
        status: info.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        group: info.deployment_group_name().unwrap_or_default().to_owned(),
        created: time(info.create_time()),
        error: info.error_information().map(|error| {
            let code = error.code().map_or("unknown", |code| code.as_str());
            format!("{code}: {}", error.message().unwrap_or("CodeDeploy gives no message"))
        }),
        rollback: info.rollback_info().and_then(|info| info.rollback_message()).map(str::to_owned),
        events: events
            .map(|event| {
                let name = event.lifecycle_event_name().unwrap_or_default();
                Event {
                    name: name.to_owned(),
                    status: event.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
                    began: time(event.start_time()),
                    ended: time(event.end_time()),
                    hook: hook(&spec, name),
                }
            })
            .collect(),
    })
}

fn app_spec(revision: &aws_sdk_codedeploy::types::RevisionLocation) -> Option<String> {
    let text = revision.string().and_then(|string| string.content());
    text.or_else(|| revision.app_spec_content()?.content()).map(str::to_owned)
}

/// The function that an AppSpec of JSON names as an event's hook, without account and qualifier.
fn hook(app_spec: &str, event: &str) -> Option<String> {
    let spec: Value = serde_json::from_str(app_spec).ok()?;
    let hooks = spec.get("Hooks").or_else(|| spec.get("hooks"))?.as_array()?;
    let function = hooks.iter().find_map(|hook| hook.get(event)?.as_str())?;
    Some(if function.starts_with("arn:") { function.split(':').nth(6)? } else { function }.to_owned())
}

/// The verdicts of the ledgers of all stacks that have one.
pub(super) async fn entries(settings: &AwsSettings, id: &str) -> Result<Vec<Entry>, String> {
    let mut found = Vec::new();
    for StackLedger { ledger, .. } in ledgers::list(settings).await? {
        let listed = ledger.list_entries(id).await;
        found.extend(listed.map_err(|error| Chain(&error).to_string())?.into_iter().map(|stored| stored.entry));
    }
    found.sort_by_key(|entry| entry.gate);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_named_by_its_function() {
        let spec = r#"{"Hooks":[{"BeforeAllowTraffic":"arn:aws:lambda:eu-west-1:111122223333:function:before:3"},{"AfterAllowTraffic":"after"}]}"#;
        assert_eq!(hook(spec, "BeforeAllowTraffic").as_deref(), Some("before"));
        assert_eq!(hook(spec, "AfterAllowTraffic").as_deref(), Some("after"));
        assert_eq!(hook(spec, "AllowTraffic"), None);
        assert_eq!(hook("version: 0.0", "AfterAllowTraffic"), None);
    }

    #[test]
    fn hooks_that_failed_or_never_answered_are_asked_for() {
        let event = |name: &str, status: &str, hook: Option<&str>| Event {
            name: name.into(),
            status: status.into(),
            began: Some(Timestamp::UNIX_EPOCH),
            ended: None,
            hook: hook.map(str::to_owned),
        };
        let facts = Facts {
            id: "d-1".into(),
            status: "Failed".into(),
            group: "g".into(),
            created: None,
            error: None,
            rollback: None,
            events: vec![
                event("BeforeAllowTraffic", "Succeeded", Some("before")),
                event("AllowTraffic", "Failed", None),
                event("AfterAllowTraffic", "Failed", Some("after")),
            ],
        };
        let functions: Vec<String> = facts.unanswered().into_iter().map(|run| run.function).collect();
        assert_eq!(functions, ["after"]);
    }
}
