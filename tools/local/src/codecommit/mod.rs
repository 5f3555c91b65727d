//! CodeCommit: bare repositories, git's smart HTTP protocol in front of them, and the event of every reference change.
//!
//! Repositories lie under `codecommit/` in the plane's data directory. The API ([`service()`]) and the git endpoint
//! ([`git_router`]) meet only in the hub: the router asks the service by operation, like every other caller. Pull requests,
//! comments, approval rules and merges that make a commit are not run.

mod branches;
mod changes;
mod commit;
mod commits;
mod doors;
mod edits;
mod files;
mod git;
mod metadata;
mod names;
mod references;
mod repositories;
mod repository;
mod revisions;
mod seed;
mod smart_http;
mod state;
mod tags;
mod tree;
mod trigger;
mod trigger_events;
mod triggers;

use std::sync::Arc;

use crate::core::{Hub, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use repositories::Repositories;
use state::CodeCommit;

pub use smart_http::git_router;

/// Members have errors with names of their own that the model does not derive (`newName` answers
/// `InvalidRepositoryNameException`), so the handlers check them.
static TABLE: Table<CodeCommit> = Table::new(
    "codecommit",
    Dialect::Own,
    &[
        repository::OPERATIONS,
        tags::OPERATIONS,
        branches::OPERATIONS,
        commits::OPERATIONS,
        changes::OPERATIONS,
        files::OPERATIONS,
        triggers::OPERATIONS,
        doors::OPERATIONS,
    ],
);

/// CodeCommit over the repositories in the plane's data directory.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let state = CodeCommit { hub: Arc::clone(hub), repositories: Repositories::open(hub) };
    Arc::new(Modelled::new(hub, state, &TABLE))
}

#[cfg(test)]
mod tests;
