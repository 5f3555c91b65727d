//! A declaration from its JSON: the first thing that is not valid, or that the plane does not run, is named.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::rules::{check_action, check_artifacts, check_stages};
use super::{Action, Declaration, Mode, Provider, Stage};
use crate::core::{Input, ServiceError};

pub(super) type Checked<T> = Result<T, ServiceError>;

pub(super) fn structure<T>(message: impl Into<String>) -> Checked<T> {
    Err(ServiceError::new("InvalidStructureException", message))
}

fn stage_error<T>(message: impl Into<String>) -> Checked<T> {
    Err(ServiceError::new("InvalidStageDeclarationException", message))
}

pub(super) fn action_error<T>(message: impl Into<String>) -> Checked<T> {
    Err(ServiceError::new("InvalidActionDeclarationException", message))
}

impl Declaration {
    /// Reads and checks a declaration.
    ///
    /// # Errors
    /// The first thing that is not valid or not run by the plane, by name.
    pub fn read(value: &Value) -> Checked<Self> {
        let input = Input::from(value.clone());
        let name = named(&input, "the pipeline")?;
        let mode = match input.opt_str("executionMode").unwrap_or("SUPERSEDED") {
            "SUPERSEDED" => Mode::Superseded,
            "QUEUED" => Mode::Queued,
            "PARALLEL" => Mode::Parallel,
            other => return Err(ServiceError::validation(format!("{other} is no executionMode"))),
        };
        let stages: Vec<Stage> = input.list("stages").iter().map(read_stage).collect::<Checked<_>>()?;
        check_stages(&stages)?;
        check_artifacts(&stages)?;
        let variables = input.list("variables").iter().map(|given| {
            let given = Input::from(given.clone());
            (given.opt_str("name").unwrap_or_default().to_owned(), given.opt_str("defaultValue").map(str::to_owned))
        });
        let bucket = bucket(&input)?;
        let role = input.opt_str("roleArn").unwrap_or_default().to_owned();
        Ok(Self { value: value.clone(), name, role, bucket, mode, variables: variables.collect(), stages })
    }
}

impl Provider {
    fn of(kind: &Input) -> Option<Self> {
        match (kind.opt_str("owner")?, kind.opt_str("category")?, kind.opt_str("provider")?) {
            ("AWS", "Source", "CodeCommit") => Some(Self::CodeCommit),
            ("AWS", "Source", "S3") => Some(Self::S3Source),
            ("AWS", "Build" | "Test", "CodeBuild") => Some(Self::CodeBuild),
            ("AWS", "Approval", "Manual") => Some(Self::Manual),
            ("AWS", "Invoke", "Lambda") => Some(Self::Lambda),
            _ => None,
        }
    }

    /// The configuration members that must be there.
    const fn required(self) -> &'static [&'static str] {
        match self {
            Self::CodeCommit => &["RepositoryName", "BranchName"],
            Self::S3Source => &["S3Bucket", "S3ObjectKey"],
            Self::CodeBuild => &["ProjectName"],
            Self::Manual => &[],
            Self::Lambda => &["FunctionName"],
        }
    }
}

fn bucket(input: &Input) -> Checked<String> {
    let given = |member: &str| input.get(member).is_some_and(|value| !value.is_null());
    if given("artifactStore") && given("artifactStores") {
        return structure("You can only specify either artifactStore or artifactStores, but not both");
    }
    let mut store = input.object("artifactStore");
    if store.get("location").is_none() {
        // One store per region: the plane is one region.
        let stores = input.object("artifactStores").into_value();
        let first = stores.as_object().and_then(|stores| stores.values().next());
        store = first.cloned().map(Input::from).unwrap_or_default();
    }
    match (store.opt_str("type"), store.opt_str("location")) {
        (Some("S3"), Some(location)) => Ok(location.to_owned()),
        _ => structure("artifactStore must be a bucket: type S3 with its location"),
    }
}

fn named(input: &Input, what: &str) -> Checked<String> {
    let name = input.opt_str("name").unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".@-_".contains(c);
    if name.is_empty() || name.len() > 100 || !name.chars().all(allowed) {
        return Err(ServiceError::validation(format!("{what} has no valid name: {name:?}")));
    }
    Ok(name.to_owned())
}

fn read_stage(value: &Value) -> Checked<Stage> {
    let input = Input::from(value.clone());
    let name = named(&input, "a stage")?;
    let actions: Vec<Action> = input.list("actions").iter().map(read_action).collect::<Checked<_>>()?;
    let names: BTreeSet<&str> = actions.iter().map(|action| action.name.as_str()).collect();
    if actions.is_empty() || names.len() < actions.len() {
        return stage_error(format!("the stage {name} needs actions, each with a name of its own"));
    }
    Ok(Stage { name, actions })
}

fn read_action(value: &Value) -> Checked<Action> {
    let input = Input::from(value.clone());
    let name = named(&input, "an action")?;
    let kind = input.object("actionTypeId");
    let Some(provider) = Provider::of(&kind) else {
        return Err(not_run(&kind, &name));
    };
    let configuration: BTreeMap<String, String> = serde_json::from_value(input.object("configuration").into_value())
        .map_err(|_| {
            ServiceError::new(
                "InvalidActionDeclarationException",
                format!("the configuration of {name} must map texts to texts"),
            )
        })?;
    if let Some(missing) = provider.required().iter().find(|member| !configuration.contains_key(**member)) {
        return action_error(format!(
            "Action configuration for action '{name}' is missing required configuration '{missing}'"
        ));
    }
    if let Some((member, _)) = configuration.iter().find(|(_, value)| value.chars().count() > 1000) {
        return action_error(format!("{member} of the action {name} is longer than 1000 characters"));
    }
    let artifacts = |member: &str| -> Vec<String> {
        let names = input.list(member).iter();
        names.filter_map(|artifact| artifact["name"].as_str()).map(str::to_owned).collect()
    };
    let action = Action {
        provider,
        kind: kind.into_value(),
        run_order: input.opt_i64("runOrder").unwrap_or(1),
        configuration,
        inputs: artifacts("inputArtifacts"),
        outputs: artifacts("outputArtifacts"),
        namespace: input.opt_str("namespace").map(str::to_owned),
        role: input.opt_str("roleArn").map(str::to_owned),
        region: input.opt_str("region").map(str::to_owned),
        timeout_minutes: input.opt_i64("timeoutInMinutes").and_then(|minutes| u64::try_from(minutes).ok()),
        name,
    };
    check_action(&action)?;
    Ok(action)
}

/// Action types of AWS's that the plane does not run, by provider.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-valid-providers.html>
const NOT_RUN: [&str; 17] = [
    "AppConfig",
    "CloudFormation",
    "CloudFormationStackInstances",
    "CloudFormationStackSet",
    "CodeDeploy",
    "CodeDeployToECS",
    "CodeStarSourceConnection",
    "Commands",
    "DeviceFarm",
    "EC2",
    "ECR",
    "ECRBuildAndPublish",
    "ECS",
    "EKS",
    "ElasticBeanstalk",
    "StepFunctions",
    "S3",
];

/// An action type that is AWS's is not run and named; any other is not there.
fn not_run(kind: &Input, action: &str) -> ServiceError {
    let word = |member: &str| kind.opt_str(member).unwrap_or("?").to_owned();
    let (category, owner, provider) = (word("category"), word("owner"), word("provider"));
    if owner == "ThirdParty" || (owner == "AWS" && NOT_RUN.contains(&provider.as_str())) {
        return ServiceError::not_implemented("codepipeline", &format!("actions of {owner} {category} {provider}"));
    }
    let version = word("version");
    let text = format!(
        "ActionType (Category: '{category}', Provider: '{provider}', Owner: '{owner}', Version: '{version}') in action \
         '{action}' is not available"
    );
    ServiceError::new("InvalidActionDeclarationException", text)
}
