//! A version's own code and settings, as environments run them.

use std::sync::Arc;
use std::time::Duration;

use super::super::code::Code;
use super::super::settings::Settings;

/// A version's own code and settings.
#[derive(Debug)]
pub(in crate::lambda_service) struct Program {
    pub(in crate::lambda_service) function: String,
    /// The number of the version, or `$LATEST`.
    pub(in crate::lambda_service) version: String,
    pub(in crate::lambda_service) settings: Settings,
    pub(in crate::lambda_service) code: Arc<Code>,
}

impl Program {
    /// The function's timeout, in real time.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.settings.timeout)
    }
}
