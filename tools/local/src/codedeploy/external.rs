//! Links to something outside CodeDeploy: connections to GitHub and external ids. The API makes neither (the console
//! and CloudFormation's blue/green hook for ECS do), so the plane never has any.

use serde_json::json;

use crate::core::ServiceError;
use crate::operations::Operation;

use super::names;
use super::service::CodeDeploy;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("ListGitHubAccountTokenNames", "*", |_, request| {
        let page = names::page("ListGitHubAccountTokenNames", &request.input, [])?;
        Ok(json!({ "tokenNameList": page.items, "nextToken": page.next }))
    }),
    Declared::now("DeleteGitHubAccountToken", "*", |_, request| {
        let name = names::name(&request.input, "tokenName", "GitHubAccountTokenName")?;
        let message = format!("No GitHub account connection exists with the name {name}");
        Err(ServiceError::new("GitHubAccountTokenDoesNotExistException", message))
    }),
    // Nothing is linked to the id, and AWS has no error for that.
    Declared::now("DeleteResourcesByExternalId", "*", |_, _| Ok(json!({}))),
];
