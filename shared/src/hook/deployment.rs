//! A deployment as CodeDeploy tells it: all texts as received.

use jiff::Timestamp;

use super::lifecycle::{LifecycleEvent, Progress};
use crate::objects::ObjectLocation;

/// `GetDeployment`, as far as a hook needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeploymentInfo {
    /// `applicationName`.
    pub application: String,
    /// `deploymentGroupName`.
    pub group: String,
    /// `computePlatform`; `None` if not told.
    pub compute_platform: Option<String>,
    /// `revision`, if it is of a kind that can hold an AppSpec.
    pub revision: Option<Revision>,
    /// `creator`, by which a rollback can be told.
    pub creator: Option<String>,
    /// `createTime`.
    pub began: Option<Timestamp>,
    /// `rollbackInfo.rollbackTriggeringDeploymentId`: the deployment that this one undoes.
    pub undoes: Option<String>,
}

impl DeploymentInfo {
    /// The sign by which this deployment puts back what was there before; `None` if it does not.
    #[must_use]
    pub fn rollback(&self) -> Option<String> {
        match (&self.undoes, self.creator.as_deref()) {
            (Some(undone), _) => Some(format!("it undoes {undone}")),
            (None, Some(creator @ ("codeDeployRollback" | "CloudFormationRollback"))) => {
                Some(format!("its creator is {creator}"))
            }
            (None, _) => None,
        }
    }
}

/// A revision that can hold an AppSpec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// A text.
    Text {
        /// The member of `revision` that holds it.
        kind: RevisionKind,
        /// The AppSpec, if it came along.
        content: Option<String>,
        /// Its digest, by which it is asked for.
        sha256: Option<String>,
    },
    /// `s3Location`.
    Object {
        /// The place of the file.
        location: ObjectLocation,
        /// `version`, in a bucket that keeps versions.
        version: Option<String>,
        /// `bundleType`: `YAML`, `JSON`, or an archive.
        bundle: Option<String>,
    },
}

/// The members of a revision that hold an AppSpec's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevisionKind {
    /// `string`: what CloudFormation makes.
    String,
    /// `appSpecContent`.
    AppSpecContent,
}

/// One target of `BatchGetDeploymentTargets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentTarget {
    /// `lambdaTarget`.
    Lambda(LambdaTarget),
    /// `ecsTarget`.
    Ecs(EcsTarget),
}

impl DeploymentTarget {
    /// The lifecycle events that call hooks, with their progress.
    #[must_use]
    pub fn events(&self) -> &[(LifecycleEvent, Progress)] {
        match self {
            Self::Lambda(target) => &target.events,
            Self::Ecs(target) => &target.events,
        }
    }
}

/// A `lambdaTarget`: its `lambdaFunctionInfo`, and its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LambdaTarget {
    /// `functionName`: a name or an ARN.
    pub function: Option<String>,
    /// `functionAlias`, whose traffic is shifted.
    pub alias: Option<String>,
    /// `currentVersion`: the version that the alias pointed to.
    pub current_version: Option<String>,
    /// `targetVersion`: the version that the alias will point to.
    pub target_version: Option<String>,
    /// The lifecycle events that call hooks, with their progress.
    pub events: Vec<(LifecycleEvent, Progress)>,
}

/// An `ecsTarget`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcsTarget {
    /// `targetArn`: the service's ARN.
    pub service_arn: Option<String>,
    /// The lifecycle events that call hooks, with their progress.
    pub events: Vec<(LifecycleEvent, Progress)>,
}

impl From<LambdaTarget> for DeploymentTarget {
    fn from(target: LambdaTarget) -> Self {
        Self::Lambda(target)
    }
}

impl From<EcsTarget> for DeploymentTarget {
    fn from(target: EcsTarget) -> Self {
        Self::Ecs(target)
    }
}
