//! The repositories that exist: their metadata, and the references as last seen, so that a change is told once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::core::{AwsEvent, Hub, ServiceError, Timestamp};

use super::git::{self, Git};
use super::references::{self, References};

/// The file in a bare repository that keeps what git does not.
const METADATA_FILE: &str = "codecommit.json";

/// What a repository is, beside its git objects.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Metadata {
    /// The name in URLs and ARNs.
    pub name: String,
    /// A UUID that survives nothing but the repository itself.
    pub id: String,
    /// What its owner said about it.
    pub description: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When it was made.
    pub created: Timestamp,
}

/// A repository that exists.
pub struct Repository {
    /// What it is.
    pub metadata: Metadata,
    /// Its `git`.
    pub git: Git,
    /// Held while changes are published, so that events keep the order of the changes.
    seen: tokio::sync::Mutex<Seen>,
}

struct Seen {
    references: References,
    changed: Timestamp,
}

impl Repository {
    fn new(hub: &Arc<Hub>, metadata: Metadata, references: References) -> Arc<Self> {
        let git = Git::new(hub, git::directory(hub, &metadata.name));
        let changed = metadata.created;
        Arc::new(Self { metadata, git, seen: tokio::sync::Mutex::new(Seen { references, changed }) })
    }

    /// `arn:aws:codecommit:<region>:<account>:<name>`.
    pub fn arn(&self, hub: &Hub) -> String {
        hub.arn("codecommit", &self.metadata.name)
    }

    /// `repositoryMetadata` of the API.
    ///
    /// # Errors
    /// When `git` cannot be run.
    pub async fn describe(&self, hub: &Hub) -> Result<Value, ServiceError> {
        let name = &self.metadata.name;
        let endpoint = &hub.endpoint;
        let mut shown = json!({
            "accountId": hub.identity.account,
            "repositoryId": self.metadata.id,
            "repositoryName": name,
            "lastModifiedDate": self.seen.lock().await.changed.epoch_seconds(),
            "creationDate": self.metadata.created.epoch_seconds(),
            "cloneUrlHttp": format!("{endpoint}/v1/repos/{name}"),
            // The plane has no SSH: the URL is what AWS's would be.
            "cloneUrlSsh": format!("ssh://git-codecommit.{}.amazonaws.com/v1/repos/{name}", hub.identity.region),
            "Arn": self.arn(hub),
        });
        if let Some(description) = &self.metadata.description {
            shown["repositoryDescription"] = json!(description);
        }
        if let Some(branch) = self.default_branch().await? {
            shown["defaultBranch"] = json!(branch);
        }
        Ok(shown)
    }

    /// The branch that `HEAD` names, once that branch exists.
    async fn default_branch(&self) -> Result<Option<String>, ServiceError> {
        let head = self.git.run(&["symbolic-ref", "HEAD"]).await?;
        let head = String::from_utf8_lossy(&head).trim().to_owned();
        let exists = self.git.ask(&["rev-parse", "--verify", "--quiet", &head]).await?.is_some();
        Ok(exists.then(|| head.trim_start_matches("refs/heads/").to_owned()))
    }

    /// Looks at the references, publishes an event for each one that changed since the last look, and makes the
    /// first branch that ever comes the default branch, as CodeCommit does.
    ///
    /// # Errors
    /// When `git` cannot read the repository.
    pub async fn observe(&self, hub: &Hub) -> Result<usize, ServiceError> {
        let mut seen = self.seen.lock().await;
        let now = references::read(&self.git).await?;
        let changes = references::compare(&seen.references, &now);
        if changes.is_empty() {
            return Ok(0);
        }
        seen.references = now;
        seen.changed = hub.now();
        let first = changes.iter().filter(|change| change.after.is_some()).find_map(references::Change::branch);
        if let (Some(branch), None) = (first, self.default_branch().await?) {
            self.git.run(&["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]).await?;
        }
        for change in &changes {
            hub.publish(AwsEvent {
                source: "aws.codecommit",
                detail_type: "CodeCommit Repository State Change".to_owned(),
                resources: vec![self.arn(hub)],
                detail: change.detail(&self.metadata.name, &self.metadata.id),
            })
            .await;
        }
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
                by_name.insert(metadata.name.clone(), Repository::new(hub, metadata, references));
            }
        }
        Self { hub: Arc::clone(hub), by_name: Mutex::new(by_name) }
    }

    /// All of them, by name.
    pub fn all(&self) -> Vec<Arc<Repository>> {
        self.lock().values().cloned().collect()
    }

    /// The repository of that name.
    pub fn find(&self, name: &str) -> Option<Arc<Repository>> {
        self.lock().get(name).cloned()
    }

    /// Makes an empty repository. `None` when there is one of that name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn create(&self, metadata: Metadata) -> Result<Option<Arc<Repository>>, ServiceError> {
        let repository = Repository::new(&self.hub, metadata, References::new());
        let name = repository.metadata.name.clone();
        {
            // Taken before the directory is made, so that of two requests for one name only one makes it.
            let mut by_name = self.lock();
            if by_name.contains_key(&name) {
                return Ok(None);
            }
            by_name.insert(name.clone(), Arc::clone(&repository));
        }
        if let Err(error) = initialize(&self.hub, &repository).await {
            self.lock().remove(&name);
            return Err(error);
        }
        Ok(Some(repository))
    }

    /// Removes a repository with all its objects. `None` when there is none of that name.
    ///
    /// # Errors
    /// When its directory cannot be removed.
    pub async fn delete(&self, name: &str) -> Result<Option<Arc<Repository>>, ServiceError> {
        let Some(repository) = self.lock().remove(name) else { return Ok(None) };
        tokio::fs::remove_dir_all(git::directory(&self.hub, name)).await.map_err(unwritable)?;
        Ok(Some(repository))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Repository>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn initialize(hub: &Hub, repository: &Repository) -> Result<(), ServiceError> {
    let directory = git::directory(hub, &repository.metadata.name);
    tokio::fs::create_dir_all(&directory).await.map_err(unwritable)?;
    let git = &repository.git;
    git.run(&["init", "--quiet", "--bare", "--initial-branch=main", "."]).await?;
    git.run(&["config", "http.receivepack", "true"]).await?;
    // Housekeeping in the background would be killed with the push's process group, half done.
    git.run(&["config", "receive.autogc", "false"]).await?;
    let metadata = serde_json::to_vec_pretty(&repository.metadata)
        .map_err(|error| ServiceError::internal(format!("the repository's metadata cannot be written: {error}")))?;
    tokio::fs::write(directory.join(METADATA_FILE), metadata).await.map_err(unwritable)
}

fn read_metadata(directory: &Path) -> Option<Metadata> {
    serde_json::from_slice(&std::fs::read(directory.join(METADATA_FILE)).ok()?).ok()
}

/// The references that an earlier plane left, whose events it has published. Read once, before there are callers.
fn references_on_disk(directory: &Path) -> References {
    let printed = git::command(directory).into_std().args(references::LIST).output();
    printed.map(|printed| references::parse(&printed.stdout)).unwrap_or_default()
}

fn unwritable(error: std::io::Error) -> ServiceError {
    ServiceError::internal(format!("the repository's directory cannot be changed: {error}"))
}
