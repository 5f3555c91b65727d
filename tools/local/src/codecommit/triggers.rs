//! Triggers: SNS topics and Lambda functions that are told when references change.
//! <https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify.html>

use serde_json::{Value, json};

use super::names::{self, refused};
use super::state::{CodeCommit, Declared};
use super::trigger::{Trigger, Triggers};
use super::trigger_events::{deliver, event};
use crate::core::{Arn, Hub, Input, Reply, Request, ServiceError};

/// The most triggers of a repository, the most branches of a trigger, and how long a trigger's own data may be.
/// <https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html>
const LIMIT: usize = 10;
const BRANCHES: usize = 10;
const CUSTOM_DATA: usize = 1000;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("GetRepositoryTriggers", "repositoryName", |service, request| {
        let repository = service.repository(&request.input)?;
        let triggers = repository.metadata().triggers.clone();
        Ok(json!({ "configurationId": triggers.id, "triggers": triggers.all }))
    })
    .on("{repositoryName}"),
    Declared::now("PutRepositoryTriggers", "repositoryName triggers", |service, request| {
        let repository = service.repository(&request.input)?;
        let all = checked(&service.hub, &request.input)?;
        let id = service.hub.ids.uuid();
        repository.change(service.hub.now(), |metadata| {
            metadata.triggers = Triggers { id: id.clone(), all };
            Ok(json!({ "configurationId": id }))
        })
    })
    .on("{repositoryName}"),
    Declared::later("TestRepositoryTriggers", "repositoryName triggers", |service, request| {
        Box::pin(service.test_triggers(request))
    })
    .on("{repositoryName}"),
];

impl CodeCommit {
    async fn test_triggers(&self, request: &Request) -> Reply {
        let repository = self.repository(&request.input)?;
        let triggers = checked(&self.hub, &request.input)?;
        let metadata = repository.metadata().clone();
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for trigger in triggers {
            let event = event(&self.hub, &metadata, &trigger, "TriggerEventTest", &[], &self.caller(request));
            match deliver(&self.hub, &metadata, &trigger, &event).await {
                Ok(()) => done.push(trigger.name),
                Err(error) => failed.push(json!({ "trigger": trigger.name, "failureMessage": error.message })),
            }
        }
        Ok(json!({ "successfulExecutions": done, "failedExecutions": failed }))
    }
}

/// The triggers in `triggers`.
fn checked(hub: &Hub, input: &Input) -> Result<Vec<Trigger>, ServiceError> {
    if input.get("triggers").is_none() {
        let message = "The list of triggers for the repository is required but was not specified.";
        return Err(refused("RepositoryTriggersListRequiredException", message));
    }
    let given = input.list("triggers");
    if given.len() > LIMIT {
        let message = format!("The number of triggers allowed for the repository was exceeded: {LIMIT}.");
        return Err(refused("MaximumRepositoryTriggersExceededException", message));
    }
    let all = given.iter().map(|given| trigger(hub, given)).collect::<Result<Vec<_>, _>>()?;
    let mut names: Vec<&String> = all.iter().map(|trigger| &trigger.name).collect();
    names.sort();
    names.dedup();
    if names.len() < all.len() {
        let message = "Two triggers of the repository have the same name.";
        return Err(refused("InvalidRepositoryTriggerNameException", message));
    }
    Ok(all)
}

fn trigger(hub: &Hub, given: &Value) -> Result<Trigger, ServiceError> {
    let input = Input::from(given.clone());
    let required =
        |what: &str, code: &str| refused(code, format!("{what} of the trigger is required but was not specified."));
    let name = input.opt_str("name").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| required("The name", "RepositoryTriggerNameRequiredException"))?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.len() > 100 || !name.chars().all(allowed) {
        let message = format!("The name of the trigger is not valid: {name}");
        return Err(refused("InvalidRepositoryTriggerNameException", message));
    }
    let destination = input.opt_str("destinationArn").filter(|arn| !arn.is_empty());
    let destination = destination
        .ok_or_else(|| required("The destination ARN", "RepositoryTriggerDestinationArnRequiredException"))?;
    check_destination(hub, destination)?;
    let custom_data = input.opt_str("customData").unwrap_or_default();
    if custom_data.chars().count() > CUSTOM_DATA {
        let message = format!("The custom data of the trigger is longer than {CUSTOM_DATA} characters.");
        return Err(refused("InvalidRepositoryTriggerCustomDataException", message));
    }
    let branches = input.strings("branches");
    if branches.len() > BRANCHES {
        let message = format!("The number of branches for the trigger was exceeded: {BRANCHES}.");
        return Err(refused("MaximumBranchesExceededException", message));
    }
    if let Some(branch) = branches.iter().find(|branch| !names::is_branch(branch)) {
        let message = format!("One or more branch names specified for the trigger is not valid: {branch}");
        return Err(refused("InvalidRepositoryTriggerBranchNameException", message));
    }
    let events = input.strings("events");
    if events.is_empty() {
        return Err(required("At least one event", "RepositoryTriggerEventsListRequiredException"));
    }
    let known = ["all", "updateReference", "createReference", "deleteReference"];
    let alone = events.len() == 1 || !events.iter().any(|event| event == "all");
    if !alone || !events.iter().all(|event| known.contains(&event.as_str())) {
        let message = "One or more events specified for the trigger is not valid.";
        return Err(refused("InvalidRepositoryTriggerEventsException", message));
    }
    let (name, destination_arn, custom_data) = (name.to_owned(), destination.to_owned(), custom_data.to_owned());
    Ok(Trigger { name, destination_arn, custom_data, branches, events })
}

/// A topic or a function, in the repository's own region.
fn check_destination(hub: &Hub, destination: &str) -> Result<(), ServiceError> {
    let arn = Arn::parse(destination).filter(|arn| matches!(arn.service.as_str(), "sns" | "lambda"));
    let Some(arn) = arn else {
        let message = format!("The Amazon Resource Name (ARN) for the trigger is not valid: {destination}");
        return Err(refused("InvalidRepositoryTriggerDestinationArnException", message));
    };
    if arn.region != hub.identity.region {
        let message = "The AWS Region for the trigger target does not match the AWS Region for the repository.";
        return Err(refused("InvalidRepositoryTriggerRegionException", message));
    }
    Ok(())
}
