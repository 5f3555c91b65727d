//! CodeDeploy hooks: what they judge, how, and the harness that answers for them.
//!
//! A hook is called with two opaque ids and must answer within an hour, or the deployment hangs for that hour. So [`run_hook`]
//! starts as failed and reports exactly once before the function's deadline, whatever happens to the checks. Everything that
//! decides is a pure function: [`judge`], [`Policy`], [`differences`]; everything outside is a port.
//!
//! Beside CodeDeploy's hooks it serves those of ECS's own deployments ([`run_ecs_hook`]), which answer by what they return.
//!
//! Records may quote answers, shortened; logs never do.

mod appspec;
mod case;
mod checks;
mod compare;
mod conclude;
mod deadline;
mod deployment;
mod ecs;
mod event;
mod gathering;
mod lifecycle;
mod notebook;
mod outside;
mod policy;
mod ports;
mod record;
mod recording;
mod report;
mod report_line;
mod run;
mod sequence;
#[cfg(feature = "hook")]
mod serve;
mod settings;
mod settle;
mod silence;
mod subject;
#[cfg(test)]
mod tests;
mod verdict;

pub use case::Case;
pub use checks::List;
#[cfg(feature = "template")]
pub(crate) use checks::unmet;
pub use compare::{Difference, differences};
pub use deadline::Deadline;
pub use deployment::{DeploymentInfo, DeploymentTarget, EcsTarget, LambdaTarget, Revision, RevisionKind};
pub use ecs::{EcsAnswer, EcsEvent, run_ecs_hook};
pub use event::{HookEvent, Malformed, ReportAddress, Unanswerable};
pub use lifecycle::{LifecycleEvent, Progress};
pub use notebook::{Evidence, Notebook};
pub use outside::{Attempts, HookFunction, ReadHook, ReadHookLog, hook_of};
pub use policy::{HookStatus, Policy};
pub use ports::{
    Alarm, Answer, CallPublicUrl, Configuration, HookPorts, InvokeVersion, LogLines, PublicAnswer, PublicRequest,
    ReadAlarms, ReadConfiguration, ReadDeployment, ReadGroupAlarms, ReadLogLines, ReportHookStatus, Reported,
};
pub use run::{Hook, HookError, HookReport, Invocation, StartError, run_hook};
#[cfg(feature = "template")]
pub(crate) use sequence::Sequence;
#[cfg(feature = "hook")]
pub use serve::serve;
pub use settings::HookSettings;
pub use settle::look_after;
pub use silence::{CalledHook, HookLimits, Silence, Undelivered, answer_for, silence};
#[cfg(feature = "codedeploy")]
pub(crate) use subject::shift;
pub use subject::{Claim, Deployed, ResolveError, Resolved, Service, Shift, Subject, resolve};
pub use verdict::{CheckOutcome, Finding, Reason, Reasons, Verdict, judge};
