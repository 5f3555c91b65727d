//! The output of a pipeline execution's build, read off its actions. Pure.

use jiff::Timestamp;
use slipway_shared::objects::ObjectLocation;
use slipway_shared::pipelines::{ActionExecution, PipelineExecution};
use thiserror::Error;

/// The name that the pipeline gives to what its build leaves.
const ARTIFACT_NAME: &str = "BuildOutput";

/// The output of a pipeline execution's build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildOutput {
    /// The place of the artifact in S3.
    pub(crate) artifact: ObjectLocation,
    /// The commit it was built from, where the source says so.
    pub(crate) commit: Option<String>,
}

/// The reason why an execution has nothing that could be released.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum BuildOutputError {
    #[error("the pipeline execution has no successful action of the category Build with an output artifact")]
    NoBuild,
    #[error("the build action {action} left several artifacts ({names}) and none is named {ARTIFACT_NAME}")]
    Ambiguous { action: String, names: String },
}

/// The reason why an execution is none that releases, or `None` for one that does.
///
/// A rollback of a pipeline's stage succeeds as an execution of its own, whose event looks like any other.
pub(crate) fn why_not_released(execution: &PipelineExecution) -> Option<String> {
    if is_rollback(execution.execution_type.as_deref()) || is_rollback(execution.trigger_type.as_deref()) {
        let trigger = execution.trigger_type.as_deref().unwrap_or("ROLLBACK");
        return Some(format!(
            "the pipeline execution is a rollback ({trigger}): it re-ran old actions and built nothing"
        ));
    }
    None
}

/// True for the type or the trigger of an execution that rolls a stage of the pipeline back: `ROLLBACK`, `ManualRollback` …
pub(crate) fn is_rollback(word: Option<&str>) -> bool {
    word.is_some_and(|word| word.to_lowercase().contains("rollback"))
}

/// The start of the execution: that of its first action. CodePipeline shows no start of the execution itself.
pub(crate) fn execution_start(actions: &[ActionExecution]) -> Option<Timestamp> {
    actions.iter().filter_map(|action| action.started).min()
}

impl BuildOutput {
    /// Finds the artifact of the last successful build and the commit that its source exported.
    pub(crate) fn find(actions: &[ActionExecution]) -> Result<Self, BuildOutputError> {
        let is_build = |action: &&ActionExecution| {
            action.category.as_deref() == Some("Build")
                && action.status == "Succeeded"
                && !action.output_artifacts.is_empty()
        };
        // The last one, because a retried stage runs its build again.
        let build = actions.iter().filter(is_build).max_by_key(|action| action.started);
        let build = build.ok_or(BuildOutputError::NoBuild)?;
        let mut artifacts = build.output_artifacts.iter();
        let artifact = match (build.output_artifacts.get(ARTIFACT_NAME), artifacts.next(), artifacts.next()) {
            (Some(named), _, _) => named,
            (None, Some((_, only)), None) => only,
            _ => return Err(ambiguous(build)),
        };
        let sources = actions.iter().filter(|action| action.category.as_deref() == Some("Source"));
        let commit = sources.filter_map(|source| source.output_variables.get("CommitId")).next().cloned();
        Ok(Self { artifact: artifact.clone(), commit })
    }
}

/// The first source's revision: the commit, of a source that has commits.
pub(crate) fn revision(execution: &PipelineExecution) -> Option<String> {
    let revision = execution.artifact_revisions.first().map(|revision| revision.revision_id.clone());
    revision.filter(|revision| !revision.is_empty())
}

fn ambiguous(build: &ActionExecution) -> BuildOutputError {
    let names: Vec<&str> = build.output_artifacts.keys().map(String::as_str).collect();
    BuildOutputError::Ambiguous { action: build.action.clone(), names: names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_shared::pipelines::ArtifactRevision;
    use std::collections::BTreeMap;

    fn action(category: &str, status: &str, started: &str, outputs: &[&str]) -> ActionExecution {
        ActionExecution {
            action: format!("{category}-action"),
            category: Some(category.into()),
            status: status.into(),
            started: Some(started.parse().unwrap()),
            output_artifacts: outputs.iter().map(|key| ((*key).into(), ObjectLocation::new("b", *key))).collect(),
            ..ActionExecution::default()
        }
    }

    fn execution(kind: Option<&str>, trigger: Option<&str>) -> PipelineExecution {
        PipelineExecution {
            execution_type: kind.map(Into::into),
            trigger_type: trigger.map(Into::into),
            ..PipelineExecution::default()
        }
    }

    #[test]
    fn the_last_successful_build_counts() {
        let actions = [
            action("Build", "Succeeded", "2026-11-20T10:05:00Z", &["first"]),
            action("Build", "Failed", "2026-11-20T10:20:00Z", &["failed"]),
            action("Build", "Succeeded", "2026-11-20T10:10:00Z", &["second"]),
            action("Source", "Succeeded", "2026-11-20T10:00:00Z", &["SourceOutput"]),
        ];
        let output = BuildOutput::find(&actions).unwrap();
        assert_eq!(output.artifact.key, "second");
        assert_eq!(execution_start(&actions), Some("2026-11-20T10:00:00Z".parse().unwrap()));
    }

    #[test]
    fn of_several_artifacts_the_agreed_name_counts_and_without_it_none() {
        let named = action("Build", "Succeeded", "2026-11-20T10:05:00Z", &["Reports", ARTIFACT_NAME]);
        assert_eq!(BuildOutput::find(&[named]).unwrap().artifact.key, ARTIFACT_NAME);
        let unnamed = action("Build", "Succeeded", "2026-11-20T10:05:00Z", &["Reports", "Zip"]);
        let error = BuildOutput::find(&[unnamed]).unwrap_err();
        assert!(error.to_string().contains("Reports, Zip"), "{error}");
    }

    #[test]
    fn an_execution_without_a_build_has_nothing_to_release() {
        let source = action("Source", "Succeeded", "2026-11-20T10:00:00Z", &["SourceOutput"]);
        assert_eq!(BuildOutput::find(&[source]), Err(BuildOutputError::NoBuild));
    }

    #[test]
    fn the_commit_is_the_sources_variable_or_else_the_revision() {
        let build = action("Build", "Succeeded", "2026-11-20T10:05:00Z", &["B"]);
        let mut source = action("Source", "Succeeded", "2026-11-20T10:00:00Z", &["S"]);
        source.output_variables = BTreeMap::from([("CommitId".into(), "abc".into())]);
        assert_eq!(BuildOutput::find(&[build, source]).unwrap().commit.as_deref(), Some("abc"));
        let mut run = execution(None, None);
        assert_eq!(revision(&run), None);
        run.artifact_revisions = vec![ArtifactRevision { name: "S".into(), revision_id: "def".into() }];
        assert_eq!(revision(&run).as_deref(), Some("def"));
    }

    #[test]
    fn a_rollback_releases_nothing_however_codepipeline_says_it() {
        assert!(why_not_released(&execution(Some("ROLLBACK"), None)).is_some());
        assert!(why_not_released(&execution(None, Some("ManualRollback"))).is_some());
        assert!(why_not_released(&execution(Some("STANDARD"), Some("AutomatedRollback"))).is_some());
        assert!(why_not_released(&execution(Some("STANDARD"), Some("CloudWatchEvent"))).is_none());
    }
}
