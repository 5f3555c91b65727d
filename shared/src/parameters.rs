//! Parameter Store as Slipway uses it: four capabilities, and the names under one application's stage.
//!
//! Values are texts of at most 4 KB (the standard tier). `Overwrite=false` is an atomic create: exactly one of several
//! concurrent creators succeeds, the others get [`CallError::AlreadyExists`]. There is no compare-and-set; the version that a
//! write returns only ever grows.

use std::future::Future;

use crate::call::CallError;
use crate::identity::{ApplicationName, Stage};

/// The largest value of a standard parameter, in bytes
/// (<https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>).
pub const MAX_VALUE_BYTES: usize = 4096;

/// One stored parameter, as Systems Manager shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The full name, `/slipway/...`.
    pub name: String,
    /// The value; of a `SecureString`, still encrypted.
    pub value: String,
    /// Grows by one with every write.
    pub version: i64,
}

/// `ssm:GetParameter`.
pub trait ReadParameter {
    /// Reads one parameter. [`CallError::NotFound`] if there is none.
    fn read_parameter(&self, name: &str) -> impl Future<Output = Result<Parameter, CallError>> + Send;
}

/// `ssm:PutParameter` with `Overwrite=false`.
pub trait CreateParameter {
    /// Creates a parameter and returns its version. [`CallError::AlreadyExists`] if there is one, which stays as it is.
    fn create_parameter(&self, name: &str, value: &str) -> impl Future<Output = Result<i64, CallError>> + Send;
}

/// `ssm:PutParameter` with `Overwrite=true`.
pub trait PutParameter {
    /// Creates or replaces a parameter and returns its version.
    fn put_parameter(&self, name: &str, value: &str) -> impl Future<Output = Result<i64, CallError>> + Send;
}

/// `ssm:GetParametersByPath`.
pub trait ListParameters {
    /// All parameters below a path (`/slipway/app/stage/releases`), at any depth, by name. Reads all pages.
    fn list_parameters(&self, path: &str) -> impl Future<Output = Result<Vec<Parameter>, CallError>> + Send;
}

/// The names under `/slipway/<application>/<stage>/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterNames {
    prefix: String,
}

impl ParameterNames {
    /// Names for one application in one stage.
    #[must_use]
    pub fn new(application: &ApplicationName, stage: &Stage) -> Self {
        Self { prefix: format!("/slipway/{application}/{stage}") }
    }

    /// The record of one release, by the pipeline execution that made it.
    #[must_use]
    pub fn release(&self, pipeline_execution_id: &str) -> String {
        format!("{}/releases/{pipeline_execution_id}", self.prefix)
    }

    /// The path above all release records.
    #[must_use]
    pub fn releases(&self) -> String {
        format!("{}/releases", self.prefix)
    }

    /// The record of the release that is live.
    #[must_use]
    pub fn current_release(&self) -> String {
        format!("{}/releases/current", self.prefix)
    }

    /// The parameter that is there once somebody sends, or has sent, the notification of one release. It lies below the release's record.
    #[must_use]
    pub fn notification(&self, pipeline_execution_id: &str) -> String {
        format!("{}/releases/{pipeline_execution_id}/notification", self.prefix)
    }

    /// The pipeline execution whose release record `name` is; `None` for every other parameter (`current`, notifications).
    #[must_use]
    pub fn execution_of_record<'a>(&self, name: &'a str) -> Option<&'a str> {
        let id = name.strip_prefix(&self.releases())?.strip_prefix('/')?;
        (id != "current" && !id.contains('/')).then_some(id)
    }

    /// The check suite of one function.
    #[must_use]
    pub fn suite(&self, function_name: &str) -> String {
        format!("{}/suites/{function_name}", self.prefix)
    }

    /// The application's public URL, without a trailing slash needed.
    #[must_use]
    pub fn public_url(&self) -> String {
        format!("{}/public-url", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_agreed_ones() {
        let names = ParameterNames::new(&"slipway".parse().unwrap(), &"production".parse().unwrap());
        assert_eq!(names.release("e1"), "/slipway/slipway/production/releases/e1");
        assert_eq!(names.current_release(), "/slipway/slipway/production/releases/current");
        assert_eq!(names.suite("fn"), "/slipway/slipway/production/suites/fn");
        assert_eq!(names.public_url(), "/slipway/slipway/production/public-url");
        assert_eq!(names.notification("e1"), "/slipway/slipway/production/releases/e1/notification");
    }

    #[test]
    fn only_a_release_record_has_an_execution() {
        let names = ParameterNames::new(&"slipway".parse().unwrap(), &"production".parse().unwrap());
        assert_eq!(names.execution_of_record(&names.release("e1")), Some("e1"));
        assert_eq!(names.execution_of_record(&names.current_release()), None);
        assert_eq!(names.execution_of_record(&names.notification("e1")), None);
        assert_eq!(names.execution_of_record("/slipway/slipway/production/releases-of-others/e1"), None);
    }
}
