//! The answer of an invocation: for the log, for a person who invoked it, and for tests.

use serde::Serialize;

/// The work of one invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The active deployments, and those with something left to do.
    pub looked: Vec<Looked>,
}

/// One deployment that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// CodeDeploy's id.
    pub deployment: String,
    /// What came of it.
    pub did: Did,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Did {
    /// Nothing: it undoes another deployment.
    LeftARollback,
    /// Nothing: no traffic is shared between two versions, not yet or not any more.
    NothingShared,
    /// It was judged and goes on.
    Judged,
    /// It was judged for the last time and goes on.
    Passed,
    /// It was stopped.
    Stopped,
    /// It was worse, and all users have it: people were told.
    TooLate,
    /// Its verdict was there already; what follows from it was done.
    Finished,
    /// Another invocation judged it at the same time.
    LeftToAnother,
}
