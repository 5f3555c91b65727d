//! The differences between two commits, and the merge that makes no commit.

use serde_json::{Value, json};

use super::names::{self, refused};
use super::state::{CodeCommit, Declared};
use super::tree::{self, Entry, Tree};
use super::{commits, revisions};
use crate::core::{Input, Page, Reply, Request, ServiceError};

/// The most differences of a page (assumed: AWS documents no number).
const PAGE: usize = 1000;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later(
        "GetDifferences",
        "repositoryName beforeCommitSpecifier afterCommitSpecifier beforePath afterPath MaxResults NextToken",
        |service, request| Box::pin(service.get_differences(&request.input)),
    )
    .on("{repositoryName}"),
    Declared::later(
        "MergeBranchesByFastForward",
        "repositoryName sourceCommitSpecifier destinationCommitSpecifier targetBranch",
        |service, request| Box::pin(service.fast_forward(request)),
    )
    .on("{repositoryName}")
    .asking(|_, input| names::reference_key(input)),
];

impl CodeCommit {
    async fn get_differences(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let after = revisions::specified(&repository, input, "afterCommitSpecifier", true).await?;
        let before = match input.get("beforeCommitSpecifier") {
            Some(_) => Some(revisions::specified(&repository, input, "beforeCommitSpecifier", true).await?),
            None => None,
        };
        let (before_path, after_path) = paths(input)?;
        let size = names::page_size(input, "MaxResults", PAGE)?;
        let before_files = match &before {
            Some(commit) => tree::read(&repository.git, commit).await?,
            None => Tree::new(),
        };
        let before_files = within(before_files, before_path);
        let after_files = within(tree::read(&repository.git, &after).await?, after_path);
        let asked_for_path = before_path.or(after_path);
        if let Some(path) = asked_for_path.filter(|_| before_files.is_empty() && after_files.is_empty()) {
            return Err(refused("PathDoesNotExistException", format!("The specified path does not exist: {path}")));
        }
        let found = differences(&before_files, &after_files);
        let items = found.iter().map(|(path, shown)| (path.as_str(), shown.clone()));
        let scope = format!("GetDifferences {before:?} {after} {before_path:?} {after_path:?}");
        let page = Page::cut(items, input.opt_str("NextToken"), size, &scope).map_err(|_| names::bad_token())?;
        Ok(json!({ "differences": page.items, "NextToken": page.next }))
    }

    async fn fast_forward(&self, request: &Request) -> Reply {
        let input = &request.input;
        let repository = self.repository(input)?;
        let source = revisions::specified(&repository, input, "sourceCommitSpecifier", true).await?;
        let destination = revisions::specified(&repository, input, "destinationCommitSpecifier", true).await?;
        let member = if input.get("targetBranch").is_some() { "targetBranch" } else { "destinationCommitSpecifier" };
        let branch = names::branch(input, member)?;
        let tip = revisions::tip(&repository, branch).await?;
        let merge = ["merge-base", "--is-ancestor", &destination, &source];
        if tip != destination || repository.git.ask(&merge).await?.is_none() {
            let message = "The pull request cannot be merged automatically into the destination branch. You must manually \
                           merge the branches and resolve any conflicts.";
            return Err(refused("ManualMergeRequiredException", message));
        }
        if !commits::advance(&repository, branch, &source, &tip).await? {
            let message = format!("The branch {branch} was changed by another request meanwhile.");
            return Err(refused("ConcurrentReferenceUpdateException", message));
        }
        repository.observe(&self.hub, &self.caller(request)).await?;
        let tree = commits::tree_of(&repository, &source).await?;
        Ok(json!({ "commitId": source, "treeId": tree }))
    }
}

/// The paths on both sides; one that is given alone is meant for both.
fn paths(input: &Input) -> Result<(Option<&str>, Option<&str>), ServiceError> {
    let path = |member: &str| input.get(member).map(|_| names::folder(input, member)).transpose();
    let (before, after) = (path("beforePath")?, path("afterPath")?);
    match (before, after) {
        (Some(before), Some(after)) if before != after => Err(ServiceError::not_implemented(
            "codecommit",
            "GetDifferences with a beforePath other than the afterPath",
        )),
        _ => Ok((before.or(after), after.or(before))),
    }
}

/// The file of that path, or the files below it.
fn within(files: Tree, path: Option<&str>) -> Tree {
    let Some(path) = path.filter(|path| !path.is_empty()) else { return files };
    let prefix = format!("{path}/");
    files.into_iter().filter(|(name, _)| name == path || name.starts_with(&prefix)).collect()
}

/// Files that were added, modified or deleted, by path.
fn differences(before: &Tree, after: &Tree) -> Vec<(String, Value)> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let blob = |path: &str, entry: &Entry| json!({ "blobId": entry.id, "path": path, "mode": entry.mode });
    names
        .into_iter()
        .filter_map(|path| {
            let shown = match (before.get(path), after.get(path)) {
                (Some(old), Some(new)) if old == new => return None,
                (Some(old), Some(new)) => {
                    json!({ "beforeBlob": blob(path, old), "afterBlob": blob(path, new), "changeType": "M" })
                }
                (Some(old), None) => json!({ "beforeBlob": blob(path, old), "changeType": "D" }),
                (None, Some(new)) => json!({ "afterBlob": blob(path, new), "changeType": "A" }),
                (None, None) => return None,
            };
            Some((path.clone(), shown))
        })
        .collect()
}
