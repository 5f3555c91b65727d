//! Operations on branches.

use serde_json::{Value, json};

use super::names::{self, refused};
use super::state::{CodeCommit, Declared};
use super::{references, revisions};
use crate::core::{Input, Page, Reply, Request};

/// The most branches of a page.
const PAGE: usize = 1000;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later("CreateBranch", "repositoryName branchName commitId", |service, request| {
        Box::pin(service.create_branch(request))
    })
    .on("{repositoryName}")
    .asking(|_, input| names::reference_key(input)),
    Declared::later("DeleteBranch", "repositoryName branchName", |service, request| {
        Box::pin(service.delete_branch(request))
    })
    .on("{repositoryName}")
    .asking(|_, input| names::reference_key(input)),
    Declared::later("GetBranch", "repositoryName branchName", |service, request| {
        Box::pin(async {
            let repository = service.repository(&request.input)?;
            let name = names::branch(&request.input, "branchName")?;
            let commit = revisions::tip(&repository, name).await?;
            Ok(json!({ "branch": { "branchName": name, "commitId": commit } }))
        })
    })
    .on("{repositoryName}"),
    Declared::later("ListBranches", "repositoryName nextToken", |service, request| {
        Box::pin(service.list_branches(&request.input))
    })
    .on("{repositoryName}"),
    Declared::later("UpdateDefaultBranch", "repositoryName defaultBranchName", |service, request| {
        Box::pin(async {
            let repository = service.repository(&request.input)?;
            let name = names::branch(&request.input, "defaultBranchName")?;
            revisions::tip(&repository, name).await?;
            repository.git.run(&["symbolic-ref", "HEAD", &format!("refs/heads/{name}")]).await?;
            repository.change(service.hub.now(), |_| Ok(Value::Null))
        })
    })
    .on("{repositoryName}"),
];

impl CodeCommit {
    async fn list_branches(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let references = references::read(&repository.git).await?;
        let branches = references.keys().filter_map(|name| name.strip_prefix("refs/heads/")).map(|name| (name, name));
        let scope = format!("ListBranches {}", repository.name());
        let page = Page::cut(branches, input.opt_str("nextToken"), PAGE, &scope).map_err(|_| names::bad_token())?;
        Ok(json!({ "branches": page.items, "nextToken": page.next }))
    }

    async fn create_branch(&self, request: &Request) -> Reply {
        let input = &request.input;
        let repository = self.repository(input)?;
        let name = names::branch(input, "branchName")?;
        let commit = names::commit_id(input, "commitId")?;
        if !revisions::exists(&repository, commit).await? {
            let message = format!("The specified commit does not exist: {commit}");
            return Err(refused("CommitDoesNotExistException", message));
        }
        let reference = format!("refs/heads/{name}");
        // An all-zero old value: git itself refuses when the branch has come to be meanwhile.
        let unborn = "0".repeat(commit.len());
        if repository.git.ask(&["update-ref", &reference, commit, &unborn]).await?.is_none() {
            return Err(refused("BranchNameExistsException", format!("Branch {name} already exists")));
        }
        repository.observe(&self.hub, &self.caller(request)).await?;
        Ok(Value::Null)
    }

    async fn delete_branch(&self, request: &Request) -> Reply {
        let repository = self.repository(&request.input)?;
        let name = names::branch(&request.input, "branchName")?;
        if repository.default_branch().await?.as_deref() == Some(name) {
            let message = format!("The default branch of the repository cannot be deleted: {name}");
            return Err(refused("DefaultBranchCannotBeDeletedException", message));
        }
        let reference = format!("refs/heads/{name}");
        // Deleting a branch that does not exist succeeds without naming it, as AWS documents.
        let Some(commit) = revisions::commit(&repository, &reference).await? else { return Ok(json!({})) };
        repository.git.run(&["update-ref", "-d", &reference]).await?;
        repository.observe(&self.hub, &self.caller(request)).await?;
        Ok(json!({ "deletedBranch": { "branchName": name, "commitId": commit } }))
    }
}
