//! The one error of every port: a refusal, by what the caller of another system can do about it.

use std::error::Error;

/// The cause under a [`CallError`].
pub type Source = Box<dyn Error + Send + Sync>;

/// A call to another system that did not succeed, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The thing asked for does not exist.
    #[error("{operation}: not found")]
    NotFound {
        /// The AWS operation.
        operation: &'static str,
        /// The service's answer.
        #[source]
        source: Source,
    },
    /// The thing to create is already there.
    #[error("{operation}: already exists")]
    AlreadyExists {
        /// The AWS operation.
        operation: &'static str,
        /// The service's answer.
        #[source]
        source: Source,
    },
    /// Too many calls; the SDK's own retries are used up.
    #[error("{operation}: throttled")]
    Throttled {
        /// The AWS operation.
        operation: &'static str,
        /// The service's answer.
        #[source]
        source: Source,
    },
    /// The role may not do this, or the credentials are not valid. Trying again is useless.
    #[error("{operation}: denied")]
    Denied {
        /// The AWS operation.
        operation: &'static str,
        /// The service's answer.
        #[source]
        source: Source,
    },
    /// The service could not be reached, did not answer in time, or failed itself.
    #[error("{operation}: unavailable")]
    Unavailable {
        /// The AWS operation.
        operation: &'static str,
        /// The failure on the way, or the service's own.
        #[source]
        source: Source,
    },
    /// Anything else: a refusal that this caller did not provide for.
    #[error("{operation}: unexpected answer")]
    Unexpected {
        /// The AWS operation.
        operation: &'static str,
        /// The service's answer.
        #[source]
        source: Source,
    },
}

impl CallError {
    /// The thing asked for does not exist.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// The thing to create is already there.
    #[must_use]
    pub const fn is_already_exists(&self) -> bool {
        matches!(self, Self::AlreadyExists { .. })
    }

    /// The same call may succeed a moment later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable { .. })
    }

    /// The AWS operation that was called.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::NotFound { operation, .. }
            | Self::AlreadyExists { operation, .. }
            | Self::Throttled { operation, .. }
            | Self::Denied { operation, .. }
            | Self::Unavailable { operation, .. }
            | Self::Unexpected { operation, .. } => operation,
        }
    }
}
