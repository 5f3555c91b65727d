//! The names, paths and ids that CodeCommit takes, and the errors that it has for each.
//!
//! Every member has two errors of its own, `…RequiredException` and `Invalid…Exception`. Their words are AWS's where they are
//! known.

use crate::core::{Input, ServiceError};

/// An error of CodeCommit.
pub fn refused(code: &str, message: impl Into<String>) -> ServiceError {
    ServiceError::new(code, message)
}

/// The repository's name in `member`.
///
/// # Errors
/// `RepositoryNameRequiredException` or `InvalidRepositoryNameException`.
pub fn repository<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    let name = input
        .opt_str(member)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| refused("RepositoryNameRequiredException", "A repository name is required."))?;
    if is_repository(name) { Ok(name) } else { Err(invalid_repository()) }
}

/// True if it may be the name of a repository. Also keeps the directory of a repository inside the service's own.
pub fn is_repository(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (1..=100).contains(&name.len())
        && name.chars().all(allowed)
        && !name.ends_with(".git")
        && !matches!(name, "." | "..")
}

/// `InvalidRepositoryNameException`.
pub fn invalid_repository() -> ServiceError {
    refused(
        "InvalidRepositoryNameException",
        "The repository name is not valid. Repository names can be any valid combination of letters, numbers, periods, \
         underscores, and dashes between 1 and 100 characters in length. Names are case sensitive. For more information, \
         see Limits in the AWS CodeCommit User Guide. ",
    )
}

/// The branch's name in `member`.
///
/// # Errors
/// `BranchNameRequiredException` or `InvalidBranchNameException`.
pub fn branch<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    let name = input
        .opt_str(member)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| refused("BranchNameRequiredException", "A branch name is required."))?;
    if is_branch(name) {
        return Ok(name);
    }
    Err(refused("InvalidBranchNameException", format!("The specified reference name is not valid: {name}")))
}

/// True if git takes it as a branch's name, and not as an option or a revision expression.
pub fn is_branch(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    name.chars().count() <= 256
        && name.split('/').all(part)
        && !name.starts_with('-')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && name != "@"
        && !name.chars().any(|c| c.is_control() || " ~^:?*[\\".contains(c))
}

/// True if it has the form of an object's id.
pub fn is_id(text: &str) -> bool {
    text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// A file's path in `member`, without the slash that it may begin with.
///
/// # Errors
/// `PathRequiredException` or `InvalidPathException`.
pub fn file<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    let given = input.opt_str(member).unwrap_or_default();
    if given.is_empty() {
        return Err(refused("PathRequiredException", "The folderPath or filePath for a location cannot be null."));
    }
    let path = given.strip_prefix('/').unwrap_or(given);
    if is_path(path) { Ok(path) } else { Err(invalid_path(given)) }
}

/// A folder's path in `member`; empty for the root.
///
/// # Errors
/// `PathRequiredException` or `InvalidPathException`.
pub fn folder<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    let given = input
        .opt_str(member)
        .ok_or_else(|| refused("PathRequiredException", "The folderPath or filePath for a location cannot be null."))?;
    let path = given.trim_matches('/');
    if path.is_empty() || is_path(path) { Ok(path) } else { Err(invalid_path(given)) }
}

fn is_path(path: &str) -> bool {
    let part = |part: &str| !matches!(part, "" | "." | "..") && !part.eq_ignore_ascii_case(".git");
    path.split('/').all(part) && !path.contains('\0') && path.len() <= 4096
}

fn invalid_path(path: &str) -> ServiceError {
    refused("InvalidPathException", format!("The specified path is not valid: {path}"))
}

/// The full id of a commit in `member`.
///
/// # Errors
/// `CommitIdRequiredException` or `InvalidCommitIdException`.
pub fn commit_id<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    let required = || refused("CommitIdRequiredException", "A commit ID was not specified.");
    let id = input.opt_str(member).filter(|id| !id.is_empty()).ok_or_else(required)?;
    if is_id(id) {
        return Ok(id);
    }
    Err(refused("InvalidCommitIdException", format!("The specified commit ID is not valid: {id}")))
}

/// `InvalidContinuationTokenException`.
pub fn bad_token() -> ServiceError {
    refused("InvalidContinuationTokenException", "The specified continuation token is not valid.")
}

/// The number of items of a page: `member`, or `default` without it.
///
/// # Errors
/// `InvalidMaxResultsException`.
pub fn page_size(input: &Input, member: &str, default: usize) -> Result<usize, ServiceError> {
    match input.opt_i64(member) {
        None => Ok(default),
        Some(size) => usize::try_from(size).ok().filter(|size| (1..=default).contains(size)).ok_or_else(|| {
            refused(
                "InvalidMaxResultsException",
                format!("The specified number of maximum results is not valid: {size}"),
            )
        }),
    }
}

/// The condition key `codecommit:References` of what changes a branch.
/// <https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-conditional-branch.html>
pub fn reference_key(input: &Input) -> Vec<(String, Vec<String>)> {
    let branch = input.opt_str("branchName").or_else(|| input.opt_str("targetBranch"));
    let reference = branch.map(|branch| ("codecommit:References".to_owned(), vec![format!("refs/heads/{branch}")]));
    reference.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("main", true; "plain")]
    #[test_case("feature/a.b", true; "with a slash")]
    #[test_case("-x", false; "an option")]
    #[test_case("a..b", false; "a range")]
    #[test_case("a b", false; "a space")]
    #[test_case("a/.b", false; "a hidden part")]
    #[test_case("a.lock", false; "a lock")]
    #[test_case("a@{1}", false; "a revision")]
    fn branches_are_named_as_git_names_them(name: &str, takes: bool) {
        assert_eq!(is_branch(name), takes);
    }

    #[test_case("/a/b", Ok("a/b"); "from the root")]
    #[test_case("", Err("PathRequiredException"); "nothing")]
    #[test_case("a/../b", Err("InvalidPathException"); "upwards")]
    #[test_case("a//b", Err("InvalidPathException"); "empty part")]
    #[test_case(".git/config", Err("InvalidPathException"); "gits own")]
    fn paths_stay_in_the_repository(path: &str, expected: Result<&str, &str>) {
        let input = Input::from(json!({ "filePath": path }));
        assert_eq!(file(&input, "filePath").map_err(|error| error.code), expected.map_err(str::to_owned));
    }
}
