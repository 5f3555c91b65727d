//! The release: one artifact going to one stage, its record, and the state of the stage that releases go to.
//!
//! Pure but for the store: states, legal transitions, the queue of a stage and its lock. The function that acts on them is
//! `deploy-trigger`; people and templates read the [`Live`] releases of a stage from Parameter Store.

#[cfg(any(test, feature = "fakes"))]
pub mod contract;
#[cfg(feature = "dynamodb")]
mod dynamodb;
mod record;
mod stage;
mod state;
mod store;

#[cfg(feature = "dynamodb")]
pub use dynamodb::AwsReleases;
pub use record::{Content, RECORD_VERSION, ReleaseRecord};
pub use stage::{Ended, Live, Lock, LockLost, Queue, STAGE_VERSION, StageState, Ticket};
pub use state::{IllegalTransition, ReleaseState};
pub use store::{Found, ListReleases, ReadReleases, StageKey, StoredStage, WriteReleases};
