//! The repositories of a plane.

use std::sync::Arc;

use super::names;
use super::repositories::{Repositories, Repository};
use crate::core::{Hub, Input, Request, ServiceError};
use crate::operations::Operation;

pub(super) type Declared = Operation<CodeCommit>;

/// The repositories of the plane.
pub(super) struct CodeCommit {
    pub(super) hub: Arc<Hub>,
    pub(super) repositories: Repositories,
}

impl CodeCommit {
    /// The repository that `repositoryName` names.
    pub(super) fn repository(&self, input: &Input) -> Result<Arc<Repository>, ServiceError> {
        self.repositories.get(names::repository(input, "repositoryName")?)
    }

    /// The ARN of who asks, as events have it.
    pub(super) fn caller(&self, request: &Request) -> String {
        request.caller.arn(&self.hub.identity.account)
    }
}
