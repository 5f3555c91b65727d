//! What every store must do. Each case uses owners of its own, so that the suite can be run against a table that is in use.

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
/// When the store fails.
///
/// # Panics
/// When the store does something else than it must.
pub async fn try_all(store: &(impl Store + Clone + Send + Sync + 'static)) -> Result<(), WriteError> {
    writes::try_all(store).await?;
    once::try_all(store).await?;
    lists::try_all(store).await?;
    searches::try_all(store).await?;
    bulk::try_all(store).await?;
    concurrent::try_all(store).await
}
