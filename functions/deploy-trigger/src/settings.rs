//! The settings of a deploy trigger.

use std::collections::BTreeMap;

use slipway_shared::env::{self, Lookup, Reader, SettingsError};
use slipway_shared::identity::{ApplicationName, Stage};
use slipway_shared::parameters::ParameterNames;
use slipway_shared::release::Queue;

/// The pipeline, the stack that it releases to, and the means of the release.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The application that is delivered.
    pub application: ApplicationName,
    /// The stage it goes to.
    pub stage: Stage,
    /// The stack to make or change.
    pub stack: String,
    /// The pipeline whose success releases.
    pub pipeline: String,
    /// The template's path inside the build artifact.
    pub template: String,
    /// The bucket for content-addressed packages and templates.
    pub artifact_bucket: String,
    /// The table of verdicts; `None` knows of none (a first release, whose stack makes the table).
    pub ledger_table: Option<String>,
    /// The table of releases.
    pub releases_table: String,
    /// The topic that tells people how a release ended; `None` tells nobody (a first release, whose stack makes the topic).
    pub topic_arn: Option<String>,
    /// The role CloudFormation works with; `None` for the caller's own rights.
    pub execution_role_arn: Option<String>,
    /// Values for further parameters of the template. A parameter named nowhere keeps the value the stack has.
    pub parameters: BTreeMap<String, String>,
    /// The rule for artifacts without sums.
    pub checksums: Checksums,
    /// The order in which releases that wait are taken.
    pub queue: Queue,
}

/// The rule for an artifact's sums, `SHA256SUMS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksums {
    /// An artifact without `SHA256SUMS` is refused. The function knows nothing else.
    Required,
    /// Sums are verified where the artifact has them: for rehearsing a repository that is not Slipway's.
    WherePresent,
}

impl Settings {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// Every variable that is missing or cannot be used.
    pub fn from_env(lookup: &impl Lookup) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let application = reader.required(env::SLIPWAY_APPLICATION);
        let stage = reader.required(env::SLIPWAY_STAGE);
        let stack = reader.required(env::SLIPWAY_STACK);
        let pipeline = reader.required(env::SLIPWAY_PIPELINE);
        let template = reader.required(env::SLIPWAY_TEMPLATE);
        let artifact_bucket = reader.required(env::SLIPWAY_ARTIFACT_BUCKET);
        let ledger_table = reader.required(env::SLIPWAY_LEDGER_TABLE);
        let releases_table = reader.required(env::SLIPWAY_RELEASES_TABLE);
        let topic_arn = reader.required(env::SLIPWAY_TOPIC_ARN);
        let execution_role_arn = reader.required(env::SLIPWAY_EXECUTION_ROLE_ARN);
        reader.finish(|| {
            Some(Self {
                application: application?,
                stage: stage?,
                stack: stack?,
                pipeline: pipeline?,
                template: template?,
                artifact_bucket: artifact_bucket?,
                ledger_table: Some(ledger_table?),
                releases_table: releases_table?,
                topic_arn: Some(topic_arn?),
                execution_role_arn: Some(execution_role_arn?),
                parameters: BTreeMap::new(),
                checksums: Checksums::Required,
                queue: Queue::default(),
            })
        })
    }

    /// The names of the parameters of this application's stage.
    pub fn names(&self) -> ParameterNames {
        ParameterNames::new(&self.application, &self.stage)
    }

    /// The value of a parameter of the template that is the same for every release.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let known = || match name {
            "ApplicationName" => Some(self.application.to_string()),
            "Stage" => Some(self.stage.to_string()),
            "PipelineName" => Some(self.pipeline.clone()),
            "ArtifactBucket" => Some(self.artifact_bucket.clone()),
            "ReleasesTable" => Some(self.releases_table.clone()),
            "ExecutionRoleArn" => self.execution_role_arn.clone(),
            _ => None,
        };
        self.parameters.get(name).cloned().or_else(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_environment_names_everything_that_is_missing() {
        assert_eq!(Settings::from_env(&[("SLIPWAY_STAGE", "Moon")]).unwrap_err().faults.len(), 10);
    }

    #[test]
    fn the_function_always_demands_sums() {
        let settings = Settings::from_env(&[
            ("SLIPWAY_APPLICATION", "rolodex"),
            ("SLIPWAY_STAGE", "qa"),
            ("SLIPWAY_STACK", "rolodex-qa"),
            ("SLIPWAY_PIPELINE", "rolodex"),
            ("SLIPWAY_TEMPLATE", "template.yaml"),
            ("SLIPWAY_ARTIFACT_BUCKET", "artifacts"),
            ("SLIPWAY_LEDGER_TABLE", "ledger"),
            ("SLIPWAY_RELEASES_TABLE", "releases"),
            ("SLIPWAY_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:releases"),
            ("SLIPWAY_EXECUTION_ROLE_ARN", "arn:aws:iam::111122223333:role/execution"),
        ])
        .unwrap();
        assert_eq!(settings.checksums, Checksums::Required);
        assert_eq!(settings.names().current(), "/slipway/rolodex/qa/current");
    }
}
