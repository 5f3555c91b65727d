//! One stage as a manifest declares it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::parameters::ParameterValue;
use crate::identity::Stage;
use crate::manifest::judged::Inconclusive;
use crate::release::Queue;
use crate::stages::{Freeze, Length, Window};

/// A stage: where its releases go, what they are given there, and when they come.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct DeclaredStage {
    /// Unique among the stages: lower-case letters, digits and hyphens.
    #[serde(serialize_with = "shown")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = r"^[a-z][a-z0-9-]{0,31}$")))]
    pub name: Stage,
    /// The CloudFormation stack; no other stage has the same.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-zA-Z][a-zA-Z0-9-]{0,127}$")))]
    pub stack: String,
    /// Values of the template's parameters, by name. References are resolved when a release enters the stage, and their values are written
    /// down nowhere.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, ParameterValue>,
    /// What CloudFormation wants to have acknowledged of the template.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub capabilities: BTreeSet<Capability>,
    /// The traffic's way to a new version in this stage, in place of what the guard says: a name that SAM's `DeploymentPreference` takes,
    /// or a deployment configuration of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub deployment: Option<String>,
    /// What becomes of a shift in this stage that has shown too little at its end. Unless said, what `judge` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Inconclusive"))]
    pub inconclusive: Option<Inconclusive>,
    /// True if somebody has to approve of each release before it enters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approval: bool,
    /// How a release comes here from the stage before: `success` unless said. The first stage has none before it.
    #[serde(default, skip_serializing_if = "Promotion::is_success")]
    pub promotion: Promotion,
    /// The order in which waiting releases are taken: `newest` unless said.
    #[serde(default, skip_serializing_if = "is_newest")]
    #[cfg_attr(feature = "schema", schemars(with = "QueueOrder"))]
    pub queue: Queue,
    /// The times in which releases enter; always, unless there are any. Several are open whenever one of them is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub windows: Vec<Window>,
    /// The times in which none enters, whatever the windows say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<Freeze>,
    /// ARNs of the SNS topics that are told of the stage's releases, beside Slipway's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<String>,
}

/// What CloudFormation wants to have acknowledged
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Capability {
    /// The template makes IAM resources.
    #[serde(rename = "CAPABILITY_IAM")]
    Iam,
    /// The template makes IAM resources with names of its own.
    #[serde(rename = "CAPABILITY_NAMED_IAM")]
    NamedIam,
    /// The template has transforms or nested stacks.
    #[serde(rename = "CAPABILITY_AUTO_EXPAND")]
    AutoExpand,
}

impl Capability {
    /// The capabilities by their names.
    pub(super) const NAMES: [(&'static str, Self); 3] = [
        ("CAPABILITY_IAM", Self::Iam),
        ("CAPABILITY_NAMED_IAM", Self::NamedIam),
        ("CAPABILITY_AUTO_EXPAND", Self::AutoExpand),
    ];
}

/// How a release comes into a stage from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Promotion {
    /// As soon as it has succeeded there.
    #[default]
    Success,
    /// When somebody says so.
    Manual,
    /// When it has been live there for a time, and the judge still finds nothing against it.
    Bake(Length),
}

impl Promotion {
    fn is_success(&self) -> bool {
        *self == Self::Success
    }
}

/// The order in which waiting releases are taken.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is written down in the schema alone")]
enum QueueOrder {
    /// The newest first; older ones end as superseded once it is live.
    Newest,
    /// Each, the oldest first.
    InOrder,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_newest(queue: &Queue) -> bool {
    *queue == Queue::Newest
}

fn shown<S: Serializer>(stage: &Stage, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(stage)
}
