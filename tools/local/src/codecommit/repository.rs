//! Operations on whole repositories.

use serde_json::{Value, json};

use super::metadata::Metadata;
use super::state::{CodeCommit, Declared};
use super::trigger::Triggers;
use super::{names, tags};
use crate::core::{Input, Page, Reply, ServiceError};

/// The most repositories of a page.
const PAGE: usize = 1000;
/// The most repositories that are described at once.
/// <https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html>
const BATCH: usize = 100;
/// The longest description, in characters.
const DESCRIPTION: usize = 1000;
/// The only key there is: the plane has no KMS in which to make others.
const MANAGED_KEY: &str = "alias/aws/codecommit";

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later("CreateRepository", "repositoryName repositoryDescription tags kmsKeyId", |service, request| {
        Box::pin(service.create_repository(&request.input))
    })
    .on("{repositoryName}"),
    Declared::later("GetRepository", "repositoryName", |service, request| {
        Box::pin(async {
            let repository = service.repository(&request.input)?;
            Ok(json!({ "repositoryMetadata": repository.describe(&service.hub).await? }))
        })
    })
    .on("{repositoryName}"),
    Declared::later("BatchGetRepositories", "repositoryNames", |service, request| {
        Box::pin(service.batch_get_repositories(&request.input))
    })
    .on_found(|service, input| {
        input.strings("repositoryNames").iter().map(|name| service.hub.arn("codecommit", name)).collect()
    }),
    Declared::now("ListRepositories", "nextToken sortBy order", |service, request| {
        service.list_repositories(&request.input)
    }),
    Declared::later("DeleteRepository", "repositoryName", |service, request| {
        Box::pin(async {
            // Deleting what does not exist succeeds without an id, as AWS documents.
            let deleted = service.repositories.delete(names::repository(&request.input, "repositoryName")?).await?;
            Ok(json!({ "repositoryId": deleted.map(|repository| repository.metadata().id.clone()) }))
        })
    })
    .on("{repositoryName}"),
    Declared::now("UpdateRepositoryName", "oldName newName", |service, request| {
        let (old, new) = (names::repository(&request.input, "oldName")?, names::repository(&request.input, "newName")?);
        service.repositories.rename(old, new)?;
        Ok(Value::Null)
    })
    .on("{oldName}"),
    Declared::now("UpdateRepositoryDescription", "repositoryName repositoryDescription", |service, request| {
        let repository = service.repository(&request.input)?;
        let description = description(&request.input)?;
        repository.change(service.hub.now(), |metadata| {
            metadata.description = description;
            Ok(Value::Null)
        })
    })
    .on("{repositoryName}"),
    Declared::now("UpdateRepositoryEncryptionKey", "repositoryName kmsKeyId", |service, request| {
        let repository = service.repository(&request.input)?;
        let required = || names::refused("EncryptionKeyRequiredException", "A KMS encryption key is required.");
        check_key(request.input.opt_str("kmsKeyId").ok_or_else(required)?)?;
        let key = service.hub.arn("kms", MANAGED_KEY);
        let id = repository.metadata().id.clone();
        Ok(json!({ "repositoryId": id, "kmsKeyId": key, "originalKmsKeyId": key }))
    })
    .on("{repositoryName}"),
];

impl CodeCommit {
    async fn create_repository(&self, input: &Input) -> Reply {
        let name = names::repository(input, "repositoryName")?;
        let description = description(input)?;
        if let Some(key) = input.opt_str("kmsKeyId") {
            check_key(key)?;
        }
        let metadata = Metadata {
            name: name.to_owned(),
            id: self.hub.ids.uuid(),
            description,
            tags: tags::checked(input)?,
            created: self.hub.now(),
            changed: None,
            triggers: Triggers::default(),
        };
        let repository = self.repositories.create(metadata).await?;
        Ok(json!({ "repositoryMetadata": repository.describe(&self.hub).await? }))
    }

    async fn batch_get_repositories(&self, input: &Input) -> Reply {
        let asked = input.strings("repositoryNames");
        if asked.is_empty() {
            let message = "At least one repository name object is required, but was not specified.";
            return Err(names::refused("RepositoryNamesRequiredException", message));
        }
        if asked.len() > BATCH {
            let message = format!("The maximum number of allowed repository names was exceeded: {BATCH}.");
            return Err(names::refused("MaximumRepositoryNamesExceededException", message));
        }
        if asked.iter().any(|name| !names::is_repository(name)) {
            return Err(names::invalid_repository());
        }
        let (mut found, mut missing, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for name in asked {
            match self.repositories.get(&name) {
                Ok(repository) => found.push(repository.describe(&self.hub).await?),
                Err(error) => {
                    let told = json!({
                        "repositoryName": name, "errorCode": error.code, "errorMessage": error.message,
                    });
                    errors.push(told);
                    missing.push(name);
                }
            }
        }
        Ok(json!({ "repositories": found, "repositoriesNotFound": missing, "errors": errors }))
    }

    fn list_repositories(&self, input: &Input) -> Reply {
        let (sort, order) = (sort_by(input)?, input.opt_str("order").unwrap_or("ascending"));
        if !matches!(order, "ascending" | "descending") {
            return Err(names::refused(
                "InvalidOrderException",
                format!("The specified sort order is not valid: {order}"),
            ));
        }
        let mut all: Vec<(String, Metadata)> = self
            .repositories
            .all()
            .iter()
            .map(|repository| repository.metadata().clone())
            .map(|metadata| {
                let changed = metadata.changed.unwrap_or(metadata.created).epoch_seconds();
                let key = if sort == "lastModifiedDate" { format!("{changed:020.3} ") } else { String::new() };
                (format!("{key}{}", metadata.name), metadata)
            })
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        if order == "descending" {
            all.reverse();
        }
        // Pages are in the order of their keys, so a key is the place in the list.
        let shown: Vec<(String, Value)> = all
            .iter()
            .enumerate()
            .map(|(place, (_, found))| {
                (format!("{place:08}"), json!({ "repositoryName": found.name, "repositoryId": found.id }))
            })
            .collect();
        let items = shown.iter().map(|(key, value)| (key.as_str(), value.clone()));
        let scope = format!("ListRepositories {sort} {order}");
        let page = Page::cut(items, input.opt_str("nextToken"), PAGE, &scope).map_err(|_| names::bad_token())?;
        Ok(json!({ "repositories": page.items, "nextToken": page.next }))
    }
}

fn sort_by(input: &Input) -> Result<&str, ServiceError> {
    let sort = input.opt_str("sortBy").unwrap_or("repositoryName");
    if matches!(sort, "repositoryName" | "lastModifiedDate") {
        return Ok(sort);
    }
    Err(names::refused("InvalidSortByException", format!("The specified sort by value is not valid: {sort}")))
}

/// The description; none when it is empty.
fn description(input: &Input) -> Result<Option<String>, ServiceError> {
    let text = input.opt_str("repositoryDescription").unwrap_or_default();
    if text.chars().count() > DESCRIPTION {
        let message = format!("The repository description is longer than {DESCRIPTION} characters.");
        return Err(names::refused("InvalidRepositoryDescriptionException", message));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Refuses a key that is not there, which is every key but the managed one.
fn check_key(key: &str) -> Result<(), ServiceError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '_' | '-');
    if key.is_empty() || !key.chars().all(allowed) {
        let message = format!("The Key Management Service encryption key is not valid: {key}");
        return Err(names::refused("EncryptionKeyInvalidIdException", message));
    }
    if key == MANAGED_KEY || key.ends_with(&format!(":{MANAGED_KEY}")) {
        return Ok(());
    }
    Err(names::refused("EncryptionKeyNotFoundException", format!("No encryption key was found: {key}")))
}
