//! The role in which a build acts: its project's service role, in a session that is called after the build.

use super::build::Build;
use super::principal::CODEBUILD;
use super::record::Context;
use crate::core::{Caller, Hub, Question, ServiceError};
use crate::sts;

/// Assumes the build's role.
///
/// # Errors
/// Fails if the role is not there or does not trust CodeBuild, in CodeBuild's words.
pub async fn assume(hub: &Hub, build: &Build) -> Result<Caller, Context> {
    let role = build.plan.shown["serviceRole"].as_str().unwrap_or_default();
    let name = format!("AWSCodeBuild-{}", build.uuid());
    sts::session(hub, role, &name, CODEBUILD).await.map_err(|_| {
        let message = format!("CodeBuild is not authorized to perform: sts:AssumeRole on {role}");
        Context { code: "ACCESS_DENIED".to_owned(), message }
    })
}

/// The notice, in CodeBuild's words, of a log that the role may not write. On AWS the build fails; here its log is kept, as a
/// function's is, for whoever has to find out.
pub fn no_log(hub: &Hub, build: &Build, denial: &ServiceError) -> String {
    let role = build.plan.shown["serviceRole"].as_str().unwrap_or_default();
    format!(
        "ACCESS_DENIED: Service role {role} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for \
         build {}. Error message: {}",
        build.arn(hub),
        denial.message
    )
}

/// Checks that the role may pull a repository: the plane reads it in one piece, a build on AWS clones it.
///
/// # Errors
/// The denial.
pub fn may_pull(hub: &Hub, caller: &Caller, repository: &str) -> Result<(), ServiceError> {
    let Some(authority) = hub.authority() else { return Ok(()) };
    let resources = [hub.arn("codecommit", repository)];
    authority.decide(&Question { caller, action: "codecommit:GitPull", resources: &resources, context: Vec::new() })
}
