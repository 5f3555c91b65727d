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
mod names;
mod references;
mod repositories;
mod repository;
mod revisions;
mod seed;
mod smart_http;
mod tags;
mod tree;
mod triggers;

use std::sync::Arc;

use crate::core::{Hub, Input, Request, Service, ServiceError};
use crate::model::Dialect;
use crate::operations::{Modelled, Operation, Table};
use repositories::{Repositories, Repository};
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

type Declared = Operation<CodeCommit>;

/// The repositories of the plane.
struct CodeCommit {
    hub: Arc<Hub>,
    repositories: Repositories,
}

/// CodeCommit over the repositories in the plane's data directory.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let state = CodeCommit { hub: Arc::clone(hub), repositories: Repositories::open(hub) };
    Arc::new(Modelled::new(hub, state, &TABLE))
}

impl CodeCommit {
    /// The repository that `repositoryName` names.
    fn repository(&self, input: &Input) -> Result<Arc<Repository>, ServiceError> {
        self.repositories.get(names::repository(input, "repositoryName")?)
    }

    /// The ARN of who asks, as events have it.
    fn caller(&self, request: &Request) -> String {
        request.caller.arn(&self.hub.identity.account)
    }
}

#[cfg(test)]
mod tests;
