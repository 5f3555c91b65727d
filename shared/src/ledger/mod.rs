//! The ledger: every verdict of a gate with its evidence, in one DynamoDB table.
//!
//! A gate writes one entry for each deployment that it judges, again and again while it looks: each write says which one it goes on
//! from ([`Basis`]), so that of two at once one has no effect and knows it. An entry that is closed says no more; what follows from it
//! may be repeated. Entries hold counts, estimates, names and reasons; no payload, no body, no secret. They expire.
//!
//! Beside the entries it keeps, for each stack, the [`Gathering`] of its last release of several functions.

#[cfg(any(test, feature = "fakes"))]
pub mod contract;
#[cfg(feature = "dynamodb")]
mod dynamodb;
mod entry;
mod gathering;
mod series;

use std::future::Future;

pub use self::entry::{CheckEntry, Entry, Gate, MetricEntry, Notice, RETENTION};
pub use self::gathering::{Arrival, Decision, Gathering, KEPT, Member, Newcomer, Owed, PATIENCE, Place};
pub use self::series::{MOST_POINTS, Point, Sample, thinned};
#[cfg(feature = "dynamodb")]
pub use dynamodb::AwsLedger;
#[cfg(feature = "dynamodb")]
pub(crate) use dynamodb::EXPIRES_AT;

use crate::call::CallError;

/// The state from which a write goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// There is no entry.
    Nothing,
    /// The entry has this revision.
    Revision(u64),
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The entry.
    pub entry: Entry,
    /// The number of times that it was written.
    pub revision: u64,
}

/// The outcome of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is kept, with this revision.
    Kept(u64),
    /// Somebody else wrote: nothing is changed.
    Lost,
}

/// `dynamodb:GetItem`, `dynamodb:Query`.
pub trait ReadLedger {
    /// A gate's entry about a deployment of CodeDeploy or ECS, as it is now.
    fn read_entry(
        &self,
        deployment: &str,
        gate: Gate,
    ) -> impl Future<Output = Result<Option<Stored>, CallError>> + Send;

    /// All entries about a deployment, by their gates.
    fn list_entries(&self, deployment: &str) -> impl Future<Output = Result<Vec<Stored>, CallError>> + Send;
}

/// `dynamodb:PutItem`.
pub trait WriteLedger {
    /// Writes an entry if what is kept is as the basis says.
    fn write_entry(&self, entry: &Entry, basis: Basis) -> impl Future<Output = Result<Written, CallError>> + Send;
}

/// A gathering as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGathering {
    /// The gathering.
    pub gathering: Gathering,
    /// The number of times that it was written.
    pub revision: u64,
}

/// `dynamodb:GetItem`.
pub trait ReadGathering {
    /// The gathering of a stack's last release of several functions, as it is now.
    fn read_gathering(&self, stack: &str) -> impl Future<Output = Result<Option<StoredGathering>, CallError>> + Send;
}

/// `dynamodb:PutItem`.
pub trait WriteGathering {
    /// Writes a stack's gathering if what is kept is as the basis says.
    fn write_gathering(
        &self,
        gathering: &Gathering,
        basis: Basis,
    ) -> impl Future<Output = Result<Written, CallError>> + Send;
}
