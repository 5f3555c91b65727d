//! A pipeline's declaration, checked once and then read without doubt.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::core::{Input, ServiceError};

/// The worker of an action. Every other provider is refused when a pipeline is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The tip of a branch.
    CodeCommit,
    /// An object of a bucket.
    S3Source,
    /// A build or a test.
    CodeBuild,
    /// A person, who approves or rejects.
    Manual,
    /// A function and the job API.
    Lambda,
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

/// The execution mode of a pipeline: the rule for executions that meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A newer execution takes the place of one that waits.
    Superseded,
    /// Executions wait in line.
    Queued,
    /// They do not know of one another.
    Parallel,
}

impl Mode {
    /// The word for it in `executionMode`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Superseded => "SUPERSEDED",
            Self::Queued => "QUEUED",
            Self::Parallel => "PARALLEL",
        }
    }
}

/// One action of a stage.
#[derive(Clone, Debug)]
pub struct Action {
    /// The name, unique in its stage.
    pub name: String,
    /// The worker of the action.
    pub provider: Provider,
    /// `actionTypeId` as declared.
    pub kind: Value,
    /// Actions of a lower order come first; those of the same run side by side.
    pub run_order: i64,
    /// The configuration, with its variables not yet replaced.
    pub configuration: BTreeMap<String, String>,
    /// Names of input artifacts; the first is the primary one.
    pub inputs: Vec<String>,
    /// Names of output artifacts.
    pub outputs: Vec<String>,
    /// The namespace of its output variables.
    pub namespace: Option<String>,
    /// The role in which it is done, in place of the pipeline's.
    pub role: Option<String>,
    /// The region in which it is done, if it says one.
    pub region: Option<String>,
    /// The time limit of an approval; a week without it.
    pub timeout_minutes: Option<u64>,
}

/// One stage, which holds one execution at a time unless the mode is `PARALLEL`.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The name, unique in its pipeline.
    pub name: String,
    /// The actions, as declared.
    pub actions: Vec<Action>,
}

/// A whole pipeline, as `CreatePipeline` and `UpdatePipeline` declare it.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The declaration as it came, for `GetPipeline`.
    pub value: Value,
    /// The name, unique in the account and region.
    pub name: String,
    /// The role in which its executions act.
    pub role: String,
    /// The bucket of its artifacts.
    pub bucket: String,
    /// The rule for executions that meet.
    pub mode: Mode,
    /// Variables with their defaults.
    pub variables: Vec<(String, Option<String>)>,
    /// The stages, at least two; the first has the sources.
    pub stages: Vec<Stage>,
}

type Checked<T> = Result<T, ServiceError>;

fn structure<T>(message: impl Into<String>) -> Checked<T> {
    Err(ServiceError::new("InvalidStructureException", message))
}

fn stage_error<T>(message: impl Into<String>) -> Checked<T> {
    Err(ServiceError::new("InvalidStageDeclarationException", message))
}

fn action_error<T>(message: impl Into<String>) -> Checked<T> {
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

impl Declaration {
    /// `V1` unless it says otherwise.
    pub fn pipeline_type(&self) -> &str {
        self.value.get("pipelineType").and_then(Value::as_str).unwrap_or("V1")
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

/// Checks the numbers of artifacts that each provider takes and makes (CodePipeline user guide, action structure reference).
fn check_action(action: &Action) -> Checked<()> {
    let name = &action.name;
    if !(1..=999).contains(&action.run_order) {
        return action_error(format!("runOrder of the action {name} must be between 1 and 999"));
    }
    let (inputs, outputs) = match action.provider {
        Provider::CodeCommit | Provider::S3Source => (0..=0, 1..=1),
        Provider::CodeBuild => (1..=5, 0..=5),
        Provider::Manual => (0..=0, 0..=0),
        Provider::Lambda => (0..=5, 0..=5),
    };
    if !inputs.contains(&action.inputs.len()) || !outputs.contains(&action.outputs.len()) {
        return action_error(format!(
            "the action {name} takes {} to {} input and {} to {} output artifacts",
            inputs.start(),
            inputs.end(),
            outputs.start(),
            outputs.end()
        ));
    }
    Ok(())
}

fn check_stages(stages: &[Stage]) -> Checked<()> {
    if stages.len() < 2 {
        let count = stages.len();
        return structure(format!(
            "Pipeline has only {count} stage(s). There should be a minimum of 2 stages in a pipeline"
        ));
    }
    let names: BTreeSet<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    if names.len() < stages.len() {
        return structure("each stage needs a name of its own");
    }
    let is_source = |action: &Action| action.kind["category"] == "Source";
    for (index, stage) in stages.iter().enumerate() {
        if let Some(action) = stage.actions.iter().find(|action| is_source(action) != (index == 0)) {
            return structure(format!(
                "sources belong into the first stage and nothing else does: {} of {}",
                action.name, stage.name
            ));
        }
    }
    Ok(())
}

/// Every input artifact must come from an action that is over by then, and every output have a name of its own.
fn check_artifacts(stages: &[Stage]) -> Checked<()> {
    let mut made: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for (index, stage) in stages.iter().enumerate() {
        for action in &stage.actions {
            for output in &action.outputs {
                let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                if output.is_empty() || output.len() > 100 || !output.chars().all(allowed) {
                    return action_error(format!("{output:?} is no name for an artifact"));
                }
                if made.insert(output, (index, action.run_order)).is_some() {
                    return structure(format!("two actions make the artifact {output}"));
                }
            }
        }
    }
    for (index, stage) in stages.iter().enumerate() {
        for action in &stage.actions {
            for input in &action.inputs {
                if made.get(input.as_str()).is_none_or(|place| *place >= (index, action.run_order)) {
                    return structure(format!("no action before {} makes the artifact {input}", action.name));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn action(name: &str, kind: [&str; 2], inputs: &[&str], outputs: &[&str]) -> Value {
        let artifacts = |names: &[&str]| -> Vec<Value> { names.iter().map(|name| json!({ "name": name })).collect() };
        json!({
            "name": name, "inputArtifacts": artifacts(inputs), "outputArtifacts": artifacts(outputs),
            "actionTypeId": { "owner": "AWS", "category": kind[0], "provider": kind[1], "version": "1" },
            "configuration": { "RepositoryName": "r", "BranchName": "b", "ProjectName": "p" },
        })
    }

    fn pipeline(stages: &[Vec<Value>]) -> Value {
        let stages: Vec<Value> = stages
            .iter()
            .enumerate()
            .map(|(index, actions)| json!({ "name": format!("Stage{index}"), "actions": actions }))
            .collect();
        json!({ "name": "app", "roleArn": "r", "artifactStore": { "type": "S3", "location": "b" }, "stages": stages })
    }

    fn source() -> Value {
        action("Source", ["Source", "CodeCommit"], &[], &["In"])
    }

    #[test]
    fn a_usual_pipeline_is_read() {
        let build = action("Build", ["Build", "CodeBuild"], &["In"], &["Out"]);
        let read = Declaration::read(&pipeline(&[vec![source()], vec![build]])).unwrap();
        assert_eq!((read.mode, read.stages.len(), read.bucket.as_str()), (Mode::Superseded, 2, "b"));
        assert_eq!(read.stages[1].actions[0].provider, Provider::CodeBuild);
    }

    #[test_case(pipeline(&[vec![source()]]), "minimum of 2 stages"; "one stage")]
    #[test_case(pipeline(&[vec![action("B", ["Build", "CodeBuild"], &["In"], &[])], vec![source()]]), "first stage"; "source is not first")]
    #[test_case(pipeline(&[vec![source()], vec![action("B", ["Build", "CodeBuild"], &["Other"], &[])]]), "makes the artifact Other"; "unknown artifact")]
    #[test_case(pipeline(&[vec![source()], vec![action("B", ["Build", "CodeBuild"], &["In"], &["In"])]]), "two actions make the artifact In"; "artifact made twice")]
    #[test_case(pipeline(&[vec![source()], vec![action("D", ["Deploy", "ECS"], &["In"], &[])]]), "AWS Deploy ECS"; "an action type that is not run")]
    #[test_case(pipeline(&[vec![source()], vec![action("L", ["Invoke", "Lambda"], &[], &[])]]), "FunctionName"; "missing configuration")]
    fn what_is_wrong_is_named(declaration: Value, message: &str) {
        let error = Declaration::read(&declaration).unwrap_err();
        assert!(error.message.contains(message), "{error}");
    }
}
