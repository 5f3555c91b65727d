//! A pipeline's declaration, checked once and then read without doubt.

mod read;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

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

impl Declaration {
    /// `V1` unless it says otherwise.
    pub fn pipeline_type(&self) -> &str {
        self.value.get("pipelineType").and_then(Value::as_str).unwrap_or("V1")
    }
}
