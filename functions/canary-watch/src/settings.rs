//! The settings of a canary watch.

use std::str::FromStr;

use slipway_shared::env::{self, Lookup, Reader, SettingsError};
use slipway_shared::identity::{ApplicationName, Stage};
use slipway_shared::manifest::Inconclusive;
use slipway_shared::parameters::ParameterNames;

/// The groups that are watched, the means, and the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The names of the parameters with suites.
    pub names: ParameterNames,
    /// The stage, which is told with every verdict.
    pub stage: Stage,
    /// The stack that this watch belongs to.
    pub stack: String,
    /// The CodeDeploy applications whose groups are watched.
    pub applications: Applications,
    /// The ledger's table.
    pub ledger_table: String,
    /// The topic that tells people of a deployment that was stopped.
    pub topic_arn: String,
    /// The namespace in which functions whose release names no metrics count the requests that failed for their user; none if no function
    /// does.
    pub metrics_namespace: Option<String>,
    /// The stage's policy for a shift that has shown too little at its end, where the release's manifest has none.
    pub inconclusive: Inconclusive,
}

/// Names of CodeDeploy applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applications(pub Vec<String>);

impl FromStr for Applications {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) { Err("names separated by commas") } else { Ok(Self(names)) }
    }
}

impl Settings {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// Every variable that is missing or cannot be used.
    pub fn from_env(lookup: &impl Lookup) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let application = reader.required::<ApplicationName>(env::SLIPWAY_APPLICATION);
        let stage = reader.required::<Stage>(env::SLIPWAY_STAGE);
        let stack = reader.required(env::SLIPWAY_STACK);
        let applications = reader.required(env::SLIPWAY_DEPLOYMENT_APPLICATIONS);
        let ledger_table = reader.required(env::SLIPWAY_LEDGER_TABLE);
        let topic_arn = reader.required(env::SLIPWAY_TOPIC_ARN);
        let inconclusive = reader.required(env::SLIPWAY_INCONCLUSIVE);
        let metrics_namespace = reader.optional(env::METRICS_NAMESPACE);
        reader.finish(|| {
            let stage = stage?;
            Some(Self {
                names: ParameterNames::new(&application?, &stage),
                stage,
                stack: stack?,
                applications: applications?,
                ledger_table: ledger_table?,
                topic_arn: topic_arn?,
                metrics_namespace: metrics_namespace?,
                inconclusive: inconclusive?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVIRONMENT: [(&str, &str); 7] = [
        ("SLIPWAY_APPLICATION", "rolodex"),
        ("SLIPWAY_STAGE", "production"),
        ("SLIPWAY_STACK", "rolodex-production"),
        ("SLIPWAY_DEPLOYMENT_APPLICATIONS", "one, two"),
        ("SLIPWAY_LEDGER_TABLE", "ledger"),
        ("SLIPWAY_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:releases"),
        ("SLIPWAY_INCONCLUSIVE", "stop"),
    ];

    #[test]
    fn reads_the_functions_environment() {
        let settings = Settings::from_env(&ENVIRONMENT).unwrap();
        assert_eq!(settings.applications.0, ["one", "two"]);
        assert_eq!((settings.inconclusive, settings.metrics_namespace), (Inconclusive::Stop, None));
    }

    #[test]
    fn an_empty_environment_names_everything_that_is_missing() {
        assert_eq!(Settings::from_env(&[("SLIPWAY_STAGE", "Moon")]).unwrap_err().faults.len(), 7);
    }

    #[test]
    fn a_policy_that_is_none_opens_no_gate() {
        let mut environment = ENVIRONMENT;
        environment[6].1 = "continue";
        assert_eq!(Settings::from_env(&environment).unwrap_err().faults.len(), 1);
    }

    #[test]
    fn an_application_without_a_name_is_a_fault() {
        let mut environment = ENVIRONMENT;
        environment[3].1 = "one,,two";
        assert_eq!(Settings::from_env(&environment).unwrap_err().faults.len(), 1);
    }
}
