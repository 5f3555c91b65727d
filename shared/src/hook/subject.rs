//! The subject of a hook's verdict: resolved from nothing but a deployment id.
//!
//! CodeDeploy tells a hook neither its lifecycle event nor the function (CodeDeploy agent issue 323). The deployment's target knows
//! both; where it cannot be read, the revision's AppSpec knows function, alias and versions. The caller's own event of the two
//! follows from the one that is in progress; that it reads `InProgress` during the hook is an inference from the
//! API's shapes, so a hook falls back to the event it was built for.

use std::fmt;

use super::appspec;
use super::ports::ReadDeployment;
use crate::call::CallError;
use crate::identity::{DeploymentId, FunctionName, FunctionVersion};
use crate::telemetry::Chain;

/// The lifecycle events of a Lambda deployment that call a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifecycleEvent {
    /// Before any user reaches the target version.
    BeforeAllowTraffic,
    /// After all users reach it.
    AfterAllowTraffic,
}

impl LifecycleEvent {
    /// CodeDeploy's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }

    /// `None` for events without a Lambda hook.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::BeforeAllowTraffic, Self::AfterAllowTraffic].into_iter().find(|event| event.as_str() == name)
    }

    const fn other(self) -> Self {
        match self {
            Self::BeforeAllowTraffic => Self::AfterAllowTraffic,
            Self::AfterAllowTraffic => Self::BeforeAllowTraffic,
        }
    }
}

impl fmt::Display for LifecycleEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The progress of a lifecycle event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not begun, or unknown.
    Pending,
    /// Begun: its hook is called.
    InProgress,
    /// `Succeeded`, `Failed` or `Skipped`.
    Finished,
}

/// `GetDeployment`, as far as a hook needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentInfo {
    /// `applicationName`.
    pub application: String,
    /// `deploymentGroupName`.
    pub group: String,
    /// `computePlatform`; `None` if not told.
    pub compute_platform: Option<String>,
    /// `revision`, if it can hold an AppSpec text.
    pub revision: Option<Revision>,
}

/// A revision that can hold an AppSpec text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// `String` (what CloudFormation makes) or `AppSpecContent`.
    pub kind: RevisionKind,
    /// The AppSpec, if it came along.
    pub content: Option<String>,
    /// Its digest, by which it is asked for.
    pub sha256: Option<String>,
}

/// The revision types that hold an AppSpec text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevisionKind {
    /// `String`.
    String,
    /// `AppSpecContent`.
    AppSpecContent,
}

/// One `lambdaTarget` of `BatchGetDeploymentTargets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LambdaTarget {
    /// `lambdaFunctionInfo`: all as received.
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

/// The shift of traffic from one version of a function to another, behind an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// The function's name.
    pub function: FunctionName,
    /// The alias whose traffic is shifted.
    pub alias: String,
    /// The version that the alias pointed to; not told for every deployment.
    pub current_version: Option<FunctionVersion>,
    /// The version to judge.
    pub target_version: FunctionVersion,
}

/// The subject of a hook's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// CodeDeploy's application.
    pub application: String,
    /// CodeDeploy's deployment group.
    pub group: String,
    /// The shift that the deployment makes.
    pub shift: Shift,
    /// The lifecycle event that called.
    pub event: LifecycleEvent,
    /// The targets' word on `event`.
    pub claim: Claim,
}

/// The targets' word on the lifecycle event that called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the hook's own, in progress as far as can be known.
    Own,
    /// Only the other event is in progress: the hook serves both, or is called again after its own was decided. Nothing that is
    /// recorded may be overwritten.
    Other,
    /// It is decided already: this call is a duplicate.
    Decided,
}

/// A deployment that does not tell what it shifts.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The deployment itself cannot be read.
    #[error("the deployment cannot be read")]
    Deployment(#[source] CallError),
    /// Not a Lambda deployment.
    #[error("the deployment's compute platform is {0}, not Lambda")]
    Platform(String),
    /// Neither its targets nor its AppSpec tell.
    #[error("neither the deployment's targets ({targets}) nor its AppSpec ({app_spec}) tell what is shifted")]
    Unresolved {
        /// The reason why the targets do not tell.
        targets: String,
        /// The reason why the AppSpec does not tell.
        app_spec: String,
    },
}

/// Finds out what the deployment shifts. `own` is the event that the asking hook was built for.
///
/// # Errors
/// Fails if it cannot be found out for certain.
pub async fn resolve<D: ReadDeployment + Sync>(
    deployments: &D,
    id: &DeploymentId,
    own: LifecycleEvent,
) -> Result<Subject, ResolveError> {
    let info = deployments.read_deployment(id).await.map_err(ResolveError::Deployment)?;
    if let Some(platform) = info.compute_platform.as_ref().filter(|platform| *platform != "Lambda") {
        return Err(ResolveError::Platform(platform.clone()));
    }
    let targets = deployments.read_targets(id).await;
    let (event, claim) = called_event(targets.as_deref().unwrap_or_default(), own);
    let shift = match targets.map_err(|error| Chain(&error).to_string()).and_then(|targets| shift_of(&targets)) {
        Ok(shift) => shift,
        Err(reason) => match shift_of_revision(deployments, &info).await {
            Ok(shift) => shift,
            Err(app_spec) => return Err(ResolveError::Unresolved { targets: reason, app_spec }),
        },
    };
    Ok(Subject { application: info.application, group: info.group, shift, event, claim })
}

/// The hook's own event unless only the other one is in progress.
fn called_event(targets: &[LambdaTarget], own: LifecycleEvent) -> (LifecycleEvent, Claim) {
    let is = |event: LifecycleEvent, progress: Progress| {
        targets.iter().flat_map(|target| &target.events).any(|each| *each == (event, progress))
    };
    if is(own, Progress::InProgress) {
        (own, Claim::Own)
    } else if is(own.other(), Progress::InProgress) {
        (own.other(), Claim::Other)
    } else if is(own, Progress::Finished) {
        (own, Claim::Decided)
    } else {
        (own, Claim::Own)
    }
}

fn shift_of(targets: &[LambdaTarget]) -> Result<Shift, String> {
    match targets {
        [target] => shift(
            target.function.as_deref(),
            target.alias.as_deref(),
            target.current_version.as_deref(),
            target.target_version.as_deref(),
        ),
        [] => Err("there is no Lambda target".into()),
        more => Err(format!("there are {} Lambda targets", more.len())),
    }
}

/// From texts as received.
pub(super) fn shift(
    function: Option<&str>,
    alias: Option<&str>,
    current_version: Option<&str>,
    target_version: Option<&str>,
) -> Result<Shift, String> {
    // Both forms occur: the plain name, and an ARN whose seventh part is the name.
    let function = function.ok_or("no function name")?;
    let name = if function.starts_with("arn:") { function.split(':').nth(6).unwrap_or_default() } else { function };
    Ok(Shift {
        function: name.parse().map_err(|error| format!("function name: {error}"))?,
        alias: alias.filter(|alias| !alias.is_empty()).ok_or("no alias")?.to_owned(),
        current_version: current_version.and_then(|version| version.parse().ok()),
        target_version: target_version
            .ok_or("no target version")?
            .parse()
            .map_err(|error| format!("target version: {error}"))?,
    })
}

async fn shift_of_revision<D: ReadDeployment + Sync>(deployments: &D, info: &DeploymentInfo) -> Result<Shift, String> {
    let revision = info.revision.as_ref().ok_or("the revision holds no AppSpec text")?;
    let content = match &revision.content {
        Some(content) => Some(content.clone()),
        None => {
            deployments.read_revision(&info.application, revision).await.map_err(|error| Chain(&error).to_string())?
        }
    };
    appspec::shift(&content.ok_or("the revision holds no AppSpec text")?)
}
