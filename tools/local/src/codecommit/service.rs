//! The operations of CodeCommit's API.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Hub, Input, Reply, Request, Service, ServiceError};

use super::commit;
use super::git;
use super::repositories::{Metadata, Repositories, Repository};

/// CodeCommit over the repositories in the plane's data directory.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(CodeCommit { hub: Arc::clone(hub), repositories: Repositories::open(hub) })
}

struct CodeCommit {
    hub: Arc<Hub>,
    repositories: Repositories,
}

impl Service for CodeCommit {
    fn name(&self) -> &'static str {
        "codecommit"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let input = &request.input;
            match request.operation.as_str() {
                "CreateRepository" => self.create_repository(input).await,
                "GetRepository" => {
                    let repository = self.repository(input)?;
                    Ok(json!({ "repositoryMetadata": repository.describe(&self.hub).await? }))
                }
                "BatchGetRepositories" => self.batch_get_repositories(input).await,
                "DeleteRepository" => self.delete_repository(input).await,
                "ListRepositories" => Ok(self.list_repositories(input)),
                "ListTagsForResource" => self.list_tags(input),
                "GetBranch" => self.get_branch(input).await,
                "ListBranches" => self.list_branches(input).await,
                "CreateBranch" => self.create_branch(input).await,
                "DeleteBranch" => self.delete_branch(input).await,
                "UpdateDefaultBranch" => self.update_default_branch(input).await,
                "GetCommit" => self.get_commit(input).await,
                "GetFile" => self.get_file(input).await,
                // Doors of the plane alone: for the git endpoint after a push, and for CodePipeline's and CodeBuild's
                // sources (on AWS `codecommit:UploadArchive`, which is a permission but no public operation).
                "ObserveReferences" if request.caller.is_plane() => {
                    let changes = self.repository(input)?.observe(&self.hub).await?;
                    Ok(json!({ "changes": changes }))
                }
                // For CloudFormation, whose `Code` property no public operation can do.
                "SeedRepository" if request.caller.is_plane() => self.seed(input).await,
                "GetArchive" if request.caller.is_plane() => self.get_archive(input).await,
                operation => Err(ServiceError::not_implemented("codecommit", operation)),
            }
        })
    }
}

impl CodeCommit {
    fn repository(&self, input: &Input) -> Result<Arc<Repository>, ServiceError> {
        let name = repository_name(input)?;
        self.repositories
            .find(name)
            .ok_or_else(|| ServiceError::new("RepositoryDoesNotExistException", format!("{name} does not exist")))
    }

    async fn create_repository(&self, input: &Input) -> Reply {
        let name = repository_name(input)?;
        if input.get("kmsKeyId").is_some() {
            return Err(ServiceError::new(
                "OperationNotAllowedException",
                "the local plane does not encrypt repositories",
            ));
        }
        let tags = input.object("tags").into_value();
        let metadata = Metadata {
            name: name.to_owned(),
            id: self.hub.ids.uuid(),
            description: input.opt_str("repositoryDescription").map(str::to_owned),
            tags: serde_json::from_value(tags)
                .map_err(|_| ServiceError::new("InvalidTagsMapException", "tags must map texts to texts"))?,
            created: self.hub.now(),
        };
        match self.repositories.create(metadata).await? {
            Some(repository) => Ok(json!({ "repositoryMetadata": repository.describe(&self.hub).await? })),
            None => Err(ServiceError::new(
                "RepositoryNameExistsException",
                format!("Repository named {name} already exists"),
            )),
        }
    }

    async fn batch_get_repositories(&self, input: &Input) -> Reply {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for name in input.strings("repositoryNames") {
            match self.repositories.find(&name) {
                Some(repository) => found.push(repository.describe(&self.hub).await?),
                None => missing.push(name),
            }
        }
        Ok(json!({ "repositories": found, "repositoriesNotFound": missing }))
    }

    /// Deleting what does not exist succeeds without an id, as AWS documents.
    async fn delete_repository(&self, input: &Input) -> Reply {
        let deleted = self.repositories.delete(repository_name(input)?).await?;
        Ok(deleted.map_or_else(|| json!({}), |repository| json!({ "repositoryId": repository.metadata.id })))
    }

    fn list_repositories(&self, input: &Input) -> Value {
        let mut all = self.repositories.all();
        if input.opt_str("sortBy") == Some("lastModifiedDate") {
            all.sort_by_key(|repository| repository.metadata.created);
        }
        if input.opt_str("order") == Some("descending") {
            all.reverse();
        }
        let shown: Vec<Value> =
            all.iter().map(|r| json!({ "repositoryName": r.metadata.name, "repositoryId": r.metadata.id })).collect();
        json!({ "repositories": shown })
    }

    fn list_tags(&self, input: &Input) -> Reply {
        let arn = input.opt_str("resourceArn").unwrap_or_default();
        let repository = self
            .repositories
            .all()
            .into_iter()
            .find(|r| r.arn(&self.hub) == arn)
            .ok_or_else(|| ServiceError::new("RepositoryDoesNotExistException", format!("{arn} does not exist")))?;
        Ok(json!({ "tags": repository.metadata.tags }))
    }

    async fn get_branch(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let name = branch_name(input, "branchName")?;
        let commit = branch_tip(&repository, name).await?;
        Ok(json!({ "branch": { "branchName": name, "commitId": commit } }))
    }

    async fn list_branches(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let references = super::references::read(&repository.git).await?;
        let branches: Vec<&str> = references.keys().filter_map(|name| name.strip_prefix("refs/heads/")).collect();
        Ok(json!({ "branches": branches }))
    }

    async fn create_branch(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let name = branch_name(input, "branchName")?;
        let commit = input
            .opt_str("commitId")
            .ok_or_else(|| ServiceError::new("CommitIdRequiredException", "commitId is required"))?;
        if commit_of(&repository, commit).await?.as_deref() != Some(commit) {
            return Err(ServiceError::new("CommitDoesNotExistException", format!("{commit} does not exist")));
        }
        let reference = format!("refs/heads/{name}");
        // An all-zero old value: git itself refuses when the branch has come to be meanwhile.
        let unborn = "0".repeat(commit.len());
        if repository.git.ask(&["update-ref", &reference, commit, &unborn]).await?.is_none() {
            return Err(ServiceError::new("BranchNameExistsException", format!("{name} already exists")));
        }
        repository.observe(&self.hub).await?;
        Ok(json!({}))
    }

    async fn delete_branch(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let name = branch_name(input, "branchName")?;
        if repository.describe(&self.hub).await?["defaultBranch"] == name {
            return Err(ServiceError::new(
                "DefaultBranchCannotBeDeletedException",
                format!("{name} is the repository's default branch"),
            ));
        }
        // Deleting a branch that does not exist succeeds without naming it, as AWS documents.
        let Ok(commit) = branch_tip(&repository, name).await else { return Ok(json!({})) };
        repository.git.run(&["update-ref", "-d", &format!("refs/heads/{name}")]).await?;
        repository.observe(&self.hub).await?;
        Ok(json!({ "deletedBranch": { "branchName": name, "commitId": commit } }))
    }

    async fn update_default_branch(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let name = branch_name(input, "defaultBranchName")?;
        branch_tip(&repository, name).await?;
        repository.git.run(&["symbolic-ref", "HEAD", &format!("refs/heads/{name}")]).await?;
        Ok(json!({}))
    }

    async fn get_commit(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let id = input
            .opt_str("commitId")
            .ok_or_else(|| ServiceError::new("CommitIdRequiredException", "commitId is required"))?;
        let known = commit_of(&repository, id).await?.filter(|commit| commit == id);
        if known.is_none() {
            return Err(ServiceError::new("CommitIdDoesNotExistException", format!("{id} does not exist")));
        }
        let raw = repository.git.run(&["cat-file", "commit", id]).await?;
        Ok(json!({ "commit": commit::describe(id, &String::from_utf8_lossy(&raw)) }))
    }

    async fn get_file(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let path = input
            .opt_str("filePath")
            .ok_or_else(|| ServiceError::new("PathRequiredException", "filePath is required"))?
            .trim_start_matches('/');
        let commit = specified_commit(&repository, input).await?;
        let listed = repository.git.run(&["ls-tree", "-z", "-l", &commit, "--", path]).await?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let words: Vec<&str> = listed.split(['\t', '\0']).next().unwrap_or_default().split_whitespace().collect();
        let [mode, "blob", blob, size] = words[..] else {
            return Err(ServiceError::new("FileDoesNotExistException", format!("{path} is no file in {commit}")));
        };
        let content = repository.git.run(&["cat-file", "blob", blob]).await?;
        let mode = match mode {
            "100755" => "EXECUTABLE",
            "120000" => "SYMLINK",
            _ => "NORMAL",
        };
        Ok(json!({
            "commitId": commit, "blobId": blob, "filePath": path, "fileMode": mode,
            "fileSize": size.parse::<u64>().unwrap_or_default(), "fileContent": BASE64_STANDARD.encode(content),
        }))
    }

    /// The first commit of a repository, from a zip.
    async fn seed(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let branch = branch_name(input, "branchName")?;
        let archive = BASE64_STANDARD.decode(input.opt_str("archive").unwrap_or_default());
        let archive = archive.map_err(|error| ServiceError::validation(format!("the zip of the code: {error}")))?;
        let folder = git::directory(&self.hub, &repository.metadata.name).join("seed");
        super::seed::commit(&repository.git, &folder, archive, branch).await?;
        repository.observe(&self.hub).await?;
        Ok(json!({}))
    }

    /// The tree of `commitSpecifier` (or of the default branch) as a zip, without git's own files.
    async fn get_archive(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let commit = specified_commit(&repository, input).await?;
        let archive = repository.git.run(&["archive", "--format=zip", "-1", &commit]).await?;
        Ok(json!({ "commitId": commit, "archive": BASE64_STANDARD.encode(archive) }))
    }
}

fn repository_name(input: &Input) -> Result<&str, ServiceError> {
    let name = input
        .opt_str("repositoryName")
        .ok_or_else(|| ServiceError::new("RepositoryNameRequiredException", "repositoryName is required"))?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    // Also keeps the directory of a repository inside the service's own.
    if name.is_empty() || name.len() > 100 || !name.chars().all(allowed) || name.ends_with(".git") {
        return Err(ServiceError::new(
            "InvalidRepositoryNameException",
            format!("{name} is no repository name: up to 100 letters, digits, '.', '_' and '-', not ending in .git"),
        ));
    }
    Ok(name)
}

fn branch_name<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    let name = input
        .opt_str(member)
        .ok_or_else(|| ServiceError::new("BranchNameRequiredException", format!("{member} is required")))?;
    // What git would read as an option, a revision expression or a broken reference name.
    let refused = name.is_empty()
        || name.starts_with(['-', '/', '.'])
        || name.ends_with(['/', '.'])
        || name.contains("..")
        || name.contains("//")
        || name.contains("@{")
        || name.chars().any(|c| c.is_control() || " ~^:?*[\\".contains(c));
    if refused {
        return Err(ServiceError::new("InvalidBranchNameException", format!("{name} is no branch name")));
    }
    Ok(name)
}

async fn branch_tip(repository: &Repository, name: &str) -> Result<String, ServiceError> {
    commit_of(repository, &format!("refs/heads/{name}"))
        .await?
        .ok_or_else(|| ServiceError::new("BranchDoesNotExistException", format!("the branch {name} does not exist")))
}

/// The commit that `commitSpecifier` (a commit, branch or tag) names; the default branch's tip without one.
async fn specified_commit(repository: &Repository, input: &Input) -> Result<String, ServiceError> {
    let specifier = input.opt_str("commitSpecifier").unwrap_or("HEAD");
    commit_of(repository, specifier)
        .await?
        .ok_or_else(|| ServiceError::new("CommitDoesNotExistException", format!("{specifier} names no commit")))
}

async fn commit_of(repository: &Repository, revision: &str) -> Result<Option<String>, ServiceError> {
    if revision.starts_with('-') || revision.contains(char::is_whitespace) {
        return Ok(None);
    }
    let peeled = format!("{revision}^{{commit}}");
    let printed = repository.git.ask(&["rev-parse", "--verify", "--quiet", &peeled]).await?;
    Ok(printed.map(|printed| String::from_utf8_lossy(&printed).trim().to_owned()))
}

/// The repository's directory, when the name is one that may be.
pub fn served_directory(hub: &Hub, name: &str) -> Option<std::path::PathBuf> {
    let input = Input::from(json!({ "repositoryName": name }));
    repository_name(&input).ok().map(|name| git::directory(hub, name))
}
