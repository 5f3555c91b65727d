//! The names of a commit: branches, tags, ids and specifiers.

use crate::core::{Input, ServiceError};

use super::names::{self, refused};
use super::repositories::Repository;

/// The commit at which a branch points.
///
/// # Errors
/// `BranchDoesNotExistException`.
pub(super) async fn tip(repository: &Repository, branch: &str) -> Result<String, ServiceError> {
    commit(repository, &format!("refs/heads/{branch}"))
        .await?
        .ok_or_else(|| refused("BranchDoesNotExistException", format!("Branch {branch} does not exist")))
}

/// The commit that `member` specifies (a commit's id, a branch, a tag or `HEAD`); the default branch's tip without one, where
/// the model lets it be left out.
///
/// # Errors
/// `CommitRequiredException`, `InvalidCommitException` or `CommitDoesNotExistException`.
pub(super) async fn specified(
    repository: &Repository,
    input: &Input,
    member: &str,
    required: bool,
) -> Result<String, ServiceError> {
    let given = input.opt_str(member).filter(|given| !given.is_empty());
    let specifier = match given {
        Some(given) => given,
        None if required => return Err(refused("CommitRequiredException", "A commit was not specified.")),
        None => "HEAD",
    };
    if !names::is_branch(specifier) {
        let message = format!("The specified commit is not valid: {specifier}");
        return Err(refused("InvalidCommitException", message));
    }
    let mut candidates = vec![format!("refs/heads/{specifier}"), format!("refs/tags/{specifier}")];
    if specifier == "HEAD" || specifier.starts_with("refs/") || names::is_id(specifier) {
        candidates.insert(0, specifier.to_owned());
    }
    for candidate in candidates {
        if let Some(found) = commit(repository, &candidate).await? {
            return Ok(found);
        }
    }
    let message = format!("The specified commit does not exist: {specifier}");
    Err(refused("CommitDoesNotExistException", message))
}

/// The commit with that id, if there is one.
///
/// # Errors
/// Fails if git cannot be run.
pub(super) async fn exists(repository: &Repository, id: &str) -> Result<bool, ServiceError> {
    Ok(names::is_id(id) && commit(repository, id).await?.is_some_and(|found| found.eq_ignore_ascii_case(id)))
}

/// The commit that a revision leads to, in git's own way of naming them.
///
/// # Errors
/// Fails if git cannot be run.
pub(super) async fn commit(repository: &Repository, revision: &str) -> Result<Option<String>, ServiceError> {
    if revision.starts_with('-') || revision.contains(char::is_whitespace) {
        return Ok(None);
    }
    object(repository, &format!("{revision}^{{commit}}")).await
}

/// The id of the object that a revision leads to.
///
/// # Errors
/// Fails if git cannot be run.
pub(super) async fn object(repository: &Repository, revision: &str) -> Result<Option<String>, ServiceError> {
    let printed = repository.git.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", revision]).await?;
    Ok(printed.map(|printed| String::from_utf8_lossy(&printed).trim().to_owned()))
}
