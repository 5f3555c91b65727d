//! Parameter Store as Slipway uses it: two capabilities, and the names under one application's stage.
//!
//! Values are texts of at most 4 KB (the standard tier). There is no compare-and-set, so that nothing is decided by a parameter.

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

/// `ssm:PutParameter` with `Overwrite=true`.
pub trait PutParameter {
    /// Creates or replaces a parameter and returns its version.
    fn put_parameter(&self, name: &str, value: &str) -> impl Future<Output = Result<i64, CallError>> + Send;
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

    /// The release that is live, as JSON of `release::Live`.
    #[must_use]
    pub fn current(&self) -> String {
        format!("{}/current", self.prefix)
    }

    /// The release that was live before it, as JSON of `release::Live`.
    #[must_use]
    pub fn previous(&self) -> String {
        format!("{}/previous", self.prefix)
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
        assert_eq!(names.current(), "/slipway/slipway/production/current");
        assert_eq!(names.previous(), "/slipway/slipway/production/previous");
        assert_eq!(names.suite("fn"), "/slipway/slipway/production/suites/fn");
        assert_eq!(names.public_url(), "/slipway/slipway/production/public-url");
    }
}
