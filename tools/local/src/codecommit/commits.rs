//! Operations that read commits, and the ones that make them.

use std::collections::BTreeMap;

use serde_json::json;

use super::edits::{Changed, Edits, told};
use super::names::{self, refused};
use super::repositories::Repository;
use super::state::{CodeCommit, Declared};
use super::tree::{self, Tree};
use super::{commit, references, revisions};
use crate::core::{Input, Reply, Request, ServiceError};

/// The most commits that are read at once.
const BATCH: usize = 100;
/// The longest message, in bytes; also the longest name and mail address of its author.
const MESSAGE: usize = 256 * 1024;
const NAME: usize = 256;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later("GetCommit", "repositoryName commitId", |service, request| {
        Box::pin(async {
            let repository = service.repository(&request.input)?;
            let id = names::commit_id(&request.input, "commitId")?;
            Ok(json!({ "commit": described(&repository, id).await? }))
        })
    })
    .on("{repositoryName}"),
    Declared::later("BatchGetCommits", "repositoryName commitIds", |service, request| {
        Box::pin(service.batch_get_commits(&request.input))
    })
    .on("{repositoryName}"),
    Declared::later(
        "CreateCommit",
        "repositoryName branchName parentCommitId authorName email commitMessage keepEmptyFolders putFiles deleteFiles \
         setFileModes",
        |service, request| Box::pin(service.create_commit(request)),
    )
    .on("{repositoryName}")
    .asking(|_, input| names::reference_key(input)),
    Declared::later(
        "PutFile",
        "repositoryName branchName fileContent filePath fileMode parentCommitId commitMessage name email",
        |service, request| Box::pin(service.put_file(request)),
    )
    .on("{repositoryName}")
    .asking(|_, input| names::reference_key(input)),
    Declared::later(
        "DeleteFile",
        "repositoryName branchName filePath parentCommitId keepEmptyFolders commitMessage name email",
        |service, request| Box::pin(service.delete_file(request)),
    )
    .on("{repositoryName}")
    .asking(|_, input| names::reference_key(input)),
];

/// The commit as the API shows it.
///
/// # Errors
/// `CommitIdDoesNotExistException`.
pub(super) async fn described(repository: &Repository, id: &str) -> Reply {
    if !revisions::exists(repository, id).await? {
        let message = format!("The specified commit ID does not exist: {id}");
        return Err(refused("CommitIdDoesNotExistException", message));
    }
    let raw = repository.git.run(&["cat-file", "commit", id]).await?;
    Ok(commit::describe(&id.to_ascii_lowercase(), &String::from_utf8_lossy(&raw)))
}

/// A commit before it is made: where it goes, after what, and whose it is.
struct Draft<'a> {
    branch: &'a str,
    parent: Option<String>,
    author: String,
    message: String,
    files: Tree,
}

/// A commit that was made.
struct Made {
    commit: String,
    tree: String,
    files: Tree,
}

impl CodeCommit {
    async fn batch_get_commits(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let ids = input.strings("commitIds");
        if ids.is_empty() {
            return Err(refused("CommitIdsListRequiredException", "A list of commit IDs is required."));
        }
        if ids.len() > BATCH {
            let message = format!("The maximum number of allowed commit IDs in a batch request is {BATCH}.");
            return Err(refused("CommitIdsLimitExceededException", message));
        }
        let (mut commits, mut errors) = (Vec::new(), Vec::new());
        for id in ids {
            match described(&repository, &id).await {
                Ok(commit) => commits.push(commit),
                Err(error) => {
                    errors.push(json!({ "commitId": id, "errorCode": error.code, "errorMessage": error.message }));
                }
            }
        }
        Ok(json!({ "commits": commits, "errors": errors }))
    }

    async fn create_commit(&self, request: &Request) -> Reply {
        let input = &request.input;
        let repository = self.repository(input)?;
        let branch = names::branch(input, "branchName")?;
        let edits = Edits::of_commit(input)?;
        let draft = draft(&repository, input, branch, "authorName").await?;
        let changed = edits.apply(&draft.files)?;
        if changed.tree == draft.files {
            let message =
                "The commit cannot be created because no changes will be made to the repository as a result of it.";
            return Err(refused("NoChangeException", message));
        }
        let [added, updated, deleted] = told(&draft.files, &changed.tree);
        let made = self.make(&repository, draft, changed, request).await?;
        Ok(json!({
            "commitId": made.commit, "treeId": made.tree, "filesAdded": added, "filesUpdated": updated,
            "filesDeleted": deleted,
        }))
    }

    async fn put_file(&self, request: &Request) -> Reply {
        let input = &request.input;
        let repository = self.repository(input)?;
        let branch = names::branch(input, "branchName")?;
        let edits = Edits::of_put(input)?;
        let path = names::file(input, "filePath")?;
        let mut draft = draft(&repository, input, branch, "name").await?;
        let changed = edits.apply(&draft.files)?;
        if changed.tree == draft.files {
            let message = "The file was not added or updated because its content is the content that is there already.";
            return Err(refused("SameFileContentException", message));
        }
        // Assumed: AWS documents that a default message is used, not its words.
        let verb = if draft.files.contains_key(path) { "Edited" } else { "Added" };
        default_message(&mut draft, verb, path);
        let made = self.make(&repository, draft, changed, request).await?;
        let blob = made.files.get(path).map(|entry| entry.id.clone());
        Ok(json!({ "commitId": made.commit, "blobId": blob, "treeId": made.tree }))
    }

    async fn delete_file(&self, request: &Request) -> Reply {
        let input = &request.input;
        let repository = self.repository(input)?;
        let branch = names::branch(input, "branchName")?;
        let path = names::file(input, "filePath")?;
        let edits = Edits::of_delete(input)?;
        if input.get("parentCommitId").is_none() {
            return Err(parent_required());
        }
        let mut draft = draft(&repository, input, branch, "name").await?;
        default_message(&mut draft, "Deleted", path);
        let blob = draft.files.get(path).map(|entry| entry.id.clone());
        let changed = edits.apply(&draft.files)?;
        let made = self.make(&repository, draft, changed, request).await?;
        Ok(json!({ "commitId": made.commit, "blobId": blob, "treeId": made.tree, "filePath": path }))
    }

    /// Writes the commit and moves the branch, unless somebody else has moved it meanwhile.
    async fn make(
        &self,
        repository: &Repository,
        draft: Draft<'_>,
        changed: Changed,
        request: &Request,
    ) -> Result<Made, ServiceError> {
        let tree = write_tree(repository, &changed, &self.hub.ids.hex(16)).await?;
        let parent = draft.parent.as_ref().map(|parent| format!("parent {parent}\n")).unwrap_or_default();
        let who = format!("{} {} +0000", draft.author, self.hub.now().epoch_seconds() as i64);
        let text = format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{}", draft.message);
        let id = repository.git.feed(&["hash-object", "-t", "commit", "-w", "--stdin"], &[], text.as_bytes()).await?;
        let id = printed(&id);
        let before = draft.parent.clone().unwrap_or_else(|| "0".repeat(id.len()));
        let reference = format!("refs/heads/{}", draft.branch);
        if repository.git.ask(&["update-ref", &reference, &id, &before]).await?.is_none() {
            return Err(outdated(draft.branch));
        }
        repository.observe(&self.hub, &self.caller(request)).await?;
        Ok(Made { commit: id, tree, files: changed.tree })
    }
}

/// Reads the request and the parent on which the commit stands.
async fn draft<'a>(
    repository: &Repository,
    input: &'a Input,
    branch: &'a str,
    name_member: &str,
) -> Result<Draft<'a>, ServiceError> {
    let (author, message) = (author(input, name_member)?, message(input)?);
    let parent = parent(repository, input, branch).await?;
    let files = match &parent {
        Some(commit) => tree::read(&repository.git, commit).await?,
        None => BTreeMap::new(),
    };
    Ok(Draft { branch, parent, author, message, files })
}

/// The tip of the branch, which the request must name; none in a repository without branches.
async fn parent(repository: &Repository, input: &Input, branch: &str) -> Result<Option<String>, ServiceError> {
    let given = input.opt_str("parentCommitId").filter(|given| !given.is_empty());
    if let Some(id) = given.filter(|id| !names::is_id(id)) {
        let message = format!("The parent commit ID is not valid: {id}");
        return Err(refused("InvalidParentCommitIdException", message));
    }
    let all = references::read(&repository.git).await?;
    if all.contains_key(&format!("refs/tags/{branch}")) {
        let message = format!("The specified branch name is the name of a tag: {branch}");
        return Err(refused("BranchNameIsTagNameException", message));
    }
    let tip = all.get(&format!("refs/heads/{branch}"));
    if tip.is_none() && all.keys().any(|name| name.starts_with("refs/heads/")) {
        return Err(refused("BranchDoesNotExistException", format!("Branch {branch} does not exist")));
    }
    match (given, tip) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(parent_required()),
        (Some(id), tip) => {
            if !revisions::exists(repository, id).await? {
                let message = format!("The parent commit does not exist: {id}");
                return Err(refused("ParentCommitDoesNotExistException", message));
            }
            match tip {
                Some(tip) if tip.eq_ignore_ascii_case(id) => Ok(Some(tip.clone())),
                _ => Err(outdated(branch)),
            }
        }
    }
}

fn parent_required() -> ServiceError {
    refused("ParentCommitIdRequiredException", "A parent commit ID is required.")
}

fn outdated(branch: &str) -> ServiceError {
    let message = format!("The parent commit ID is outdated: it is not the tip of the branch {branch}.");
    refused("ParentCommitIdOutdatedException", message)
}

/// `Name <email>`, either of which may be empty (assumed: AWS documents both as optional, and no default).
fn author(input: &Input, name_member: &str) -> Result<String, ServiceError> {
    let (name, email) = (input.opt_str(name_member).unwrap_or_default(), input.opt_str("email").unwrap_or_default());
    if name.chars().count() > NAME {
        return Err(refused("NameLengthExceededException", format!("The name is longer than {NAME} characters.")));
    }
    let broken = |text: &str| text.contains(['<', '>', '\n', '\0']);
    if email.chars().count() > NAME || broken(email) {
        return Err(refused("InvalidEmailException", "The specified email address is not valid."));
    }
    // Characters that would end the name in git's own format are left out, as git itself does.
    let name: String = name.chars().filter(|c| !broken(&c.to_string())).collect();
    Ok(format!("{} <{email}>", name.trim()))
}

fn message(input: &Input) -> Result<String, ServiceError> {
    let message = input.opt_str("commitMessage").unwrap_or_default();
    if message.len() > MESSAGE {
        return Err(refused("CommitMessageLengthExceededException", "The commit message is longer than 256 KB."));
    }
    Ok(message.replace('\0', ""))
}

fn default_message(draft: &mut Draft<'_>, verb: &str, path: &str) {
    if draft.message.is_empty() {
        draft.message = format!("{verb} {path}");
    }
}

/// Writes new contents and the tree, through an index of its own.
async fn write_tree(repository: &Repository, changed: &Changed, name: &str) -> Result<String, ServiceError> {
    for content in changed.contents.values() {
        repository.git.feed(&["hash-object", "-w", "--stdin"], &[], content).await?;
    }
    let index = repository.directory.join(format!("index-{name}"));
    let index = index.to_string_lossy().into_owned();
    let set = [("GIT_INDEX_FILE", index.as_str())];
    let lines = changed.tree.iter().map(|(path, entry)| format!("{} {}\t{path}\0", entry.mode, entry.id));
    let lines: String = lines.collect();
    let filled = repository.git.feed(&["update-index", "-z", "--index-info"], &set, lines.as_bytes()).await;
    let written = match filled {
        Ok(_) => repository.git.feed(&["write-tree"], &set, &[]).await,
        Err(error) => Err(error),
    };
    // The tree is in the repository; an index that was never made leaves nothing to remove.
    let _ = tokio::fs::remove_file(&index).await;
    written.map(|tree| printed(&tree))
}

fn printed(output: &[u8]) -> String {
    String::from_utf8_lossy(output).trim().to_owned()
}

/// The tree that a commit has.
pub(super) async fn tree_of(repository: &Repository, commit: &str) -> Result<String, ServiceError> {
    let tree = revisions::object(repository, &format!("{commit}^{{tree}}")).await?;
    tree.ok_or_else(|| ServiceError::internal(format!("the commit {commit} has no tree")))
}

/// Moves a branch forward; `false` when somebody else has moved it meanwhile.
pub(super) async fn advance(repository: &Repository, branch: &str, to: &str, from: &str) -> Result<bool, ServiceError> {
    Ok(repository.git.ask(&["update-ref", &format!("refs/heads/{branch}"), to, from]).await?.is_some())
}
