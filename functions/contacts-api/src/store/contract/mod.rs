//! The contract of every store. Each case uses owners of its own, so that the suite can be run against a table that is in use.

mod bulk;
mod concurrent;
mod lists;
mod once;
mod samples;
mod searches;
mod writes;

use super::{Store, WriteError};

/// Tries all of it.
///
/// # Errors
/// Fails if the store fails.
///
/// # Panics
/// Panics if the store breaks the contract.
pub async fn try_all(store: &(impl Store + Clone + Send + Sync + 'static)) -> Result<(), WriteError> {
    writes::try_all(store).await?;
    once::try_all(store).await?;
    lists::try_all(store).await?;
    searches::try_all(store).await?;
    bulk::try_all(store).await?;
    concurrent::try_all(store).await
}
