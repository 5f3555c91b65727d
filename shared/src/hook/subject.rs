//! The subject of a hook's verdict: resolved from nothing but a deployment id.
//!
//! CodeDeploy tells a hook neither its lifecycle event nor what is deployed (CodeDeploy agent issue 323). The deployment's target knows
//! both; where it cannot be read, the revision's AppSpec knows function, alias and versions. The caller's own event of the several
//! follows from the one that is in progress; that it reads `InProgress` during the hook is an inference from the
//! API's shapes, so a hook falls back to the event it was built for.

use std::pin::pin;

use jiff::Timestamp;

use super::appspec;
use super::deployment::{DeploymentInfo, DeploymentTarget, LambdaTarget, Revision};
use super::lifecycle::{LifecycleEvent, Progress};
use super::ports::{HookPorts, ReadDeployment as _};
use crate::call::CallError;
use crate::identity::{DeploymentId, FunctionName, FunctionVersion};
use crate::objects::{GetObject as _, GetObjectVersion as _};
use crate::telemetry::Chain;

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

/// A service of ECS whose tasks are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The service's name.
    pub name: String,
    /// The ARN of what replaces the tasks: a task definition or, with ECS's own deployments, a service revision.
    pub revision: Option<String>,
}

impl Service {
    /// From `arn:aws:ecs:<region>:<account>:service/<cluster>/<name>`, whose older form has no cluster.
    pub(super) fn of_arn(arn: &str, revision: Option<String>) -> Result<Self, String> {
        let (_, path) = arn.split_once(":service/").ok_or("the service's ARN is none")?;
        let name = path.rsplit('/').next().filter(|name| !name.is_empty()).ok_or("the service's ARN has no name")?;
        Ok(Self { name: name.to_owned(), revision })
    }
}

/// The thing that a deployment changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deployed {
    /// A Lambda function, shifted from version to version.
    Function(Shift),
    /// An ECS service.
    Service(Service),
}

/// The subject of a hook's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// CodeDeploy's application; empty if ECS itself deploys.
    pub application: String,
    /// CodeDeploy's deployment group; empty if ECS itself deploys.
    pub group: String,
    /// The thing that the deployment changes.
    pub deployed: Deployed,
    /// The time at which the deployment was created, where it is told.
    pub began: Option<Timestamp>,
    /// The deployment's creator, where it is told: `CloudFormation`, `user`.
    pub creator: Option<String>,
    /// The lifecycle event that called.
    pub event: LifecycleEvent,
    /// The targets' word on `event`.
    pub claim: Claim,
}

impl Subject {
    /// The name of the function or the service, under which its suite is kept.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.deployed {
            Deployed::Function(shift) => shift.function.as_str(),
            Deployed::Service(service) => &service.name,
        }
    }

    /// The shift of a function.
    #[must_use]
    pub const fn shift(&self) -> Option<&Shift> {
        match &self.deployed {
            Deployed::Function(shift) => Some(shift),
            Deployed::Service(_) => None,
        }
    }
}

/// The targets' word on the lifecycle event that called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the hook's own, in progress as far as can be known.
    Own,
    /// Only another event is in progress: the hook serves several, or is called again after its own was decided.
    Other,
    /// It is decided already: this call is a duplicate.
    Decided,
}

/// A deployment that does not tell what it changes.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The deployment itself cannot be read.
    #[error("the deployment cannot be read")]
    Deployment(#[source] CallError),
    /// Neither a Lambda nor an ECS deployment.
    #[error("the deployment's compute platform is {0}, whose hooks are no functions")]
    Platform(String),
    /// Neither its targets nor its AppSpec tell.
    #[error("neither the deployment's targets ({targets}) nor its AppSpec ({app_spec}) tell what is deployed")]
    Unresolved {
        /// The reason why the targets do not tell.
        targets: String,
        /// The reason why the AppSpec does not tell.
        app_spec: String,
    },
    /// The targets of an ECS deployment do not name its service, which no AppSpec does.
    #[error("the deployment's targets do not name the service ({0})")]
    NoService(String),
}

/// The thing that a call turned out to be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// To be judged.
    Subject(Subject),
    /// The deployment puts back what was there before: nothing is judged.
    Rollback {
        /// The sign by which it is known.
        sign: String,
        /// What it puts back, where that is told with the call.
        subject: Option<Subject>,
    },
}

/// Finds out what the deployment changes. `own` is the event that the asking hook was built for.
///
/// # Errors
/// Fails if it cannot be found out for certain.
pub async fn resolve<P: HookPorts>(
    ports: &P,
    id: &DeploymentId,
    own: LifecycleEvent,
) -> Result<Resolved, ResolveError> {
    let deployments = ports.deployments();
    let mut info = pin!(deployments.read_deployment(id));
    let mut targets = pin!(deployments.read_targets(id));
    // At the same time, but a rollback does not wait for its targets.
    let (info, early) = tokio::select! {
        biased;
        info = &mut info => (info, None),
        targets = &mut targets => (info.await, Some(targets)),
    };
    let info = info.map_err(ResolveError::Deployment)?;
    if let Some(sign) = info.rollback() {
        return Ok(Resolved::Rollback { sign, subject: None });
    }
    let targets = match early {
        Some(targets) => targets,
        None => targets.await,
    };
    let targets = targets.map_err(|error| Chain(&error).to_string());
    let (event, claim) = called_event(targets.as_deref().unwrap_or_default(), own);
    let deployed = match info.compute_platform.as_deref() {
        None | Some("Lambda") => Deployed::Function(function(ports, &info, targets).await?),
        Some("ECS") => Deployed::Service(service(ports, &info, targets).await?),
        Some(other) => return Err(ResolveError::Platform(other.to_owned())),
    };
    let DeploymentInfo { application, group, began, creator, .. } = info;
    Ok(Resolved::Subject(Subject { application, group, deployed, began, creator, event, claim }))
}

/// The hook's own event unless only another one is in progress.
fn called_event(targets: &[DeploymentTarget], own: LifecycleEvent) -> (LifecycleEvent, Claim) {
    let events = || targets.iter().flat_map(DeploymentTarget::events).copied();
    if events().any(|each| each == (own, Progress::InProgress)) {
        (own, Claim::Own)
    } else if let Some((other, _)) = events().find(|(_, progress)| *progress == Progress::InProgress) {
        (other, Claim::Other)
    } else if events().any(|each| each == (own, Progress::Finished)) {
        (own, Claim::Decided)
    } else {
        (own, Claim::Own)
    }
}

async fn function<P: HookPorts>(
    ports: &P,
    info: &DeploymentInfo,
    targets: Result<Vec<DeploymentTarget>, String>,
) -> Result<Shift, ResolveError> {
    let targets = match targets.and_then(|targets| shift_of(&targets)) {
        Ok(shift) => return Ok(shift),
        Err(reason) => reason,
    };
    let app_spec = app_spec(ports, info).await.and_then(|content| appspec::shift(&content));
    app_spec.map_err(|app_spec| ResolveError::Unresolved { targets, app_spec })
}

/// The task definition is told where it can be: nothing is judged by it.
async fn service<P: HookPorts>(
    ports: &P,
    info: &DeploymentInfo,
    targets: Result<Vec<DeploymentTarget>, String>,
) -> Result<Service, ResolveError> {
    let targets = targets.map_err(ResolveError::NoService)?;
    let arns: Vec<&str> = targets.iter().filter_map(service_arn).collect();
    let [arn] = arns.as_slice() else {
        return Err(ResolveError::NoService(format!("there are {} ECS targets", arns.len())));
    };
    let app_spec = app_spec(ports, info).await.and_then(|content| appspec::task_definition(&content));
    Service::of_arn(arn, app_spec.ok()).map_err(ResolveError::NoService)
}

fn service_arn(target: &DeploymentTarget) -> Option<&str> {
    match target {
        DeploymentTarget::Ecs(target) => target.service_arn.as_deref(),
        DeploymentTarget::Lambda(_) => None,
    }
}

fn lambda_target(target: &DeploymentTarget) -> Option<&LambdaTarget> {
    match target {
        DeploymentTarget::Lambda(target) => Some(target),
        DeploymentTarget::Ecs(_) => None,
    }
}

fn shift_of(targets: &[DeploymentTarget]) -> Result<Shift, String> {
    match targets.iter().filter_map(lambda_target).collect::<Vec<_>>().as_slice() {
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
pub(crate) fn shift(
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

/// The AppSpec's text, wherever the revision keeps it.
async fn app_spec<P: HookPorts>(ports: &P, info: &DeploymentInfo) -> Result<String, String> {
    let told = |error: CallError| Chain(&error).to_string();
    match info.revision.as_ref().ok_or("the revision holds no AppSpec")? {
        Revision::Text { content: Some(content), .. } => Ok(content.clone()),
        revision @ Revision::Text { .. } => {
            let content = ports.deployments().read_revision(&info.application, revision).await.map_err(told)?;
            content.ok_or_else(|| "the revision holds no AppSpec".into())
        }
        Revision::Object { bundle: Some(bundle), .. } if !matches!(bundle.as_str(), "YAML" | "JSON") => {
            Err(format!("the revision is an archive ({bundle})"))
        }
        Revision::Object { location, version, .. } => {
            let content = match version {
                Some(version) => ports.objects().get_object_version(location, version).await,
                None => ports.objects().get_object(location).await,
            };
            String::from_utf8(content.map_err(told)?).map_err(|_| format!("{location} is no text"))
        }
    }
}
