//! The errors that end an invocation before its work is done, and what Lambda should make of them.

use lambda_runtime::Diagnostic;
use slipway_shared::call::CallError;
use slipway_shared::telemetry::Chain;
use thiserror::Error;

/// An invocation that ends without having done its work. Lambda tries it again, and the schedule after that.
#[derive(Debug, Error)]
pub enum WatchError {
    /// The event has no time.
    #[error("the event has no time that can be read")]
    BadEvent,
    /// An AWS call failed.
    #[error("an AWS call failed")]
    Call(#[from] CallError),
    /// A deployment does not tell what it shifts.
    #[error("the deployment does not tell what it shifts")]
    Subject,
    /// Some deployments could not be looked at; the others were.
    #[error("{failed} of {found} deployments could not be looked at, the first ({deployment})")]
    Some {
        /// The number of deployments that could not be looked at.
        failed: usize,
        /// The number of deployments that were found.
        found: usize,
        /// The first that could not.
        deployment: String,
        /// The error of that first one.
        #[source]
        source: Box<WatchError>,
    },
}

impl WatchError {
    /// The stable name that Lambda reports as `errorType`.
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::BadEvent => "Watch.BadEvent",
            Self::Call(_) => "Watch.Call",
            Self::Subject => "Watch.Subject",
            Self::Some { .. } => "Watch.Some",
        }
    }
}

impl From<WatchError> for Diagnostic {
    fn from(error: WatchError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: Chain(&error).to_string() }
    }
}
