//! The repositories that exist: what git does not keep of them, and the references as last seen, so that a change is told
//! once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::git::{self, Git};
use super::metadata::Metadata;
use super::references::{self, References};
use super::{names, trigger_events};
use crate::core::{AwsEvent, Hub, ServiceError, Timestamp};

/// The file in a bare repository that keeps what git does not.
const METADATA_FILE: &str = "codecommit.json";

/// A repository that exists.
pub struct Repository {
    /// The `git` that runs in its directory.
    pub git: Git,
    /// The directory of its objects. A new name moves nothing.
    pub directory: PathBuf,
    metadata: Mutex<Metadata>,
    /// The references last seen. The lock is held while changes are published, so that events keep the order of the changes.
    seen: tokio::sync::Mutex<References>,
}

impl Repository {
    fn new(hub: &Arc<Hub>, directory: PathBuf, metadata: Metadata, references: References) -> Arc<Self> {
        let git = Git::new(hub, directory.clone());
        Arc::new(Self { git, directory, metadata: Mutex::new(metadata), seen: tokio::sync::Mutex::new(references) })
    }

    /// The description as it is now, locked while the guard lives.
    pub fn metadata(&self) -> MutexGuard<'_, Metadata> {
        self.metadata.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name now: `UpdateRepositoryName` changes it.
    pub fn name(&self) -> String {
        self.metadata().name.clone()
    }

    /// Changes what it is, and keeps the change.
    ///
    /// # Errors
    /// Fails if `change` refuses, or if the change cannot be written.
    pub fn change<T>(
        &self,
        now: Timestamp,
        change: impl FnOnce(&mut Metadata) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let mut metadata = self.metadata();
        let mut changed = metadata.clone();
        let done = change(&mut changed)?;
        changed.changed = Some(now);
        write_metadata(&self.directory, &changed)?;
        *metadata = changed;
        Ok(done)
    }

    /// `repositoryMetadata` of the API.
    ///
    /// # Errors
    /// Fails if `git` cannot be run.
    pub async fn describe(&self, hub: &Hub) -> Result<Value, ServiceError> {
        let branch = self.default_branch().await?;
        let metadata = self.metadata();
        let (name, region) = (&metadata.name, &hub.identity.region);
        Ok(json!({
            "accountId": hub.identity.account,
            "repositoryId": metadata.id,
            "repositoryName": name,
            "repositoryDescription": metadata.description,
            "defaultBranch": branch,
            "lastModifiedDate": metadata.changed.unwrap_or(metadata.created).epoch_seconds(),
            "creationDate": metadata.created.epoch_seconds(),
            "cloneUrlHttp": format!("{}/v1/repos/{name}", hub.endpoint),
            // The plane has no SSH: the URL is what AWS's would be.
            "cloneUrlSsh": format!("ssh://git-codecommit.{region}.amazonaws.com/v1/repos/{name}"),
            "Arn": hub.arn("codecommit", name),
        }))
    }

    /// The branch that `HEAD` names, once that branch exists.
    ///
    /// # Errors
    /// Fails if `git` cannot be run.
    pub async fn default_branch(&self) -> Result<Option<String>, ServiceError> {
        let head = self.git.run(&["symbolic-ref", "HEAD"]).await?;
        let head = String::from_utf8_lossy(&head).trim().to_owned();
        let exists = self.git.ask(&["rev-parse", "--verify", "--quiet", &head]).await?.is_some();
        Ok(exists.then(|| head.trim_start_matches("refs/heads/").to_owned()))
    }

    /// Looks at the references, publishes an event for each one that changed since the last look, tells the triggers, and
    /// makes the first branch that ever comes the default branch, as CodeCommit does. `caller` is the ARN of whoever
    /// changed them.
    ///
    /// # Errors
    /// Fails if `git` cannot read the repository.
    pub async fn observe(&self, hub: &Hub, caller: &str) -> Result<usize, ServiceError> {
        let mut seen = self.seen.lock().await;
        let now = references::read(&self.git).await?;
        let changes = references::compare(&seen, &now);
        if changes.is_empty() {
            return Ok(0);
        }
        *seen = now;
        self.change(hub.now(), |_| Ok(()))?;
        let first = changes.iter().filter(|change| change.after.is_some()).find_map(references::Change::branch);
        if let (Some(branch), None) = (first, self.default_branch().await?) {
            self.git.run(&["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]).await?;
        }
        let metadata = self.metadata().clone();
        for change in &changes {
            hub.publish(AwsEvent {
                source: "aws.codecommit",
                detail_type: "CodeCommit Repository State Change".to_owned(),
                resources: vec![hub.arn("codecommit", &metadata.name)],
                detail: change.detail(&metadata.name, &metadata.id, caller),
            })
            .await;
        }
        trigger_events::tell(hub, &metadata, &changes, caller).await;
        Ok(changes.len())
    }
}

/// Every repository of the plane, by name.
pub struct Repositories {
    hub: Arc<Hub>,
    by_name: Mutex<BTreeMap<String, Arc<Repository>>>,
}

impl Repositories {
    /// The repositories that lie in the plane's data directory.
    pub fn open(hub: &Arc<Hub>) -> Self {
        let mut by_name = BTreeMap::new();
        for entry in std::fs::read_dir(git::root(hub)).into_iter().flatten().flatten() {
            if let Some(metadata) = read_metadata(&entry.path()) {
                let references = references_on_disk(&entry.path());
                by_name.insert(metadata.name.clone(), Repository::new(hub, entry.path(), metadata, references));
            }
        }
        Self { hub: Arc::clone(hub), by_name: Mutex::new(by_name) }
    }

    /// All of them, by name.
    pub fn all(&self) -> Vec<Arc<Repository>> {
        self.lock().values().cloned().collect()
    }

    /// The repository of that name, if there is one.
    pub fn find(&self, name: &str) -> Option<Arc<Repository>> {
        self.lock().get(name).cloned()
    }

    /// The repository of that name.
    ///
    /// # Errors
    /// `RepositoryDoesNotExistException`.
    pub fn get(&self, name: &str) -> Result<Arc<Repository>, ServiceError> {
        self.find(name)
            .ok_or_else(|| names::refused("RepositoryDoesNotExistException", format!("{name} does not exist")))
    }

    /// Makes an empty repository.
    ///
    /// # Errors
    /// Fails if there is one of that name, or if it cannot be written.
    pub async fn create(&self, metadata: Metadata) -> Result<Arc<Repository>, ServiceError> {
        let name = metadata.name.clone();
        let repository = {
            // Taken before the directory is made, so that of two requests for one name only one makes it.
            let mut by_name = self.lock();
            if by_name.contains_key(&name) {
                return Err(exists(&name));
            }
            let directory = free_directory(&self.hub, &metadata);
            let repository = Repository::new(&self.hub, directory, metadata, References::new());
            by_name.insert(name.clone(), Arc::clone(&repository));
            repository
        };
        if let Err(error) = initialize(&repository).await {
            self.lock().remove(&name);
            return Err(error);
        }
        Ok(repository)
    }

    /// Gives a repository another name.
    ///
    /// # Errors
    /// Fails if there is none of the old name or one of the new.
    pub fn rename(&self, old: &str, new: &str) -> Result<(), ServiceError> {
        let repository = self.get(old)?;
        let mut by_name = self.lock();
        if by_name.contains_key(new) {
            return Err(exists(new));
        }
        repository.change(self.hub.now(), |metadata| {
            new.clone_into(&mut metadata.name);
            Ok(())
        })?;
        by_name.remove(old);
        by_name.insert(new.to_owned(), repository);
        Ok(())
    }

    /// Removes a repository with all its objects. `None` when there is none of that name.
    ///
    /// # Errors
    /// Fails if its directory cannot be removed.
    pub async fn delete(&self, name: &str) -> Result<Option<Arc<Repository>>, ServiceError> {
        let Some(repository) = self.lock().remove(name) else { return Ok(None) };
        tokio::fs::remove_dir_all(&repository.directory).await.map_err(|error| unwritable(&error))?;
        Ok(Some(repository))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Repository>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn exists(name: &str) -> ServiceError {
    names::refused("RepositoryNameExistsException", format!("Repository named {name} already exists"))
}

/// `<name>.git`, unless a repository that was once called so lies there.
fn free_directory(hub: &Hub, metadata: &Metadata) -> PathBuf {
    let named = git::root(hub).join(format!("{}.git", metadata.name));
    if named.exists() { git::root(hub).join(format!("{}.git", metadata.id)) } else { named }
}

async fn initialize(repository: &Repository) -> Result<(), ServiceError> {
    let directory = &repository.directory;
    tokio::fs::create_dir_all(directory).await.map_err(|error| unwritable(&error))?;
    let git = &repository.git;
    git.run(&["init", "--quiet", "--bare", "--initial-branch=main", "."]).await?;
    git.run(&["config", "http.receivepack", "true"]).await?;
    // Housekeeping in the background would be killed with the push's process group, half done.
    git.run(&["config", "receive.autogc", "false"]).await?;
    write_metadata(directory, &repository.metadata())
}

fn write_metadata(directory: &Path, metadata: &Metadata) -> Result<(), ServiceError> {
    let metadata = serde_json::to_vec_pretty(metadata)
        .map_err(|error| ServiceError::internal(format!("the repository's metadata cannot be written: {error}")))?;
    std::fs::write(directory.join(METADATA_FILE), metadata).map_err(|error| unwritable(&error))
}

fn read_metadata(directory: &Path) -> Option<Metadata> {
    serde_json::from_slice(&std::fs::read(directory.join(METADATA_FILE)).ok()?).ok()
}

/// The references that an earlier plane left, whose events it has published. Read once, before there are callers.
fn references_on_disk(directory: &Path) -> References {
    let printed = git::command(directory).into_std().args(references::LIST).output();
    printed.map(|printed| references::parse(&printed.stdout)).unwrap_or_default()
}

fn unwritable(error: &std::io::Error) -> ServiceError {
    ServiceError::internal(format!("the repository's directory cannot be changed: {error}"))
}
