//! The tags of repositories.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::names::{self, refused};
use super::repositories::Repository;
use super::state::{CodeCommit, Declared};
use crate::core::{Arn, Input, Reply, ServiceError};

/// The most tags of a repository.
const LIMIT: usize = 50;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("TagResource", "resourceArn tags", |service, request| service.tag(&request.input))
        .on("{resourceArn}"),
    Declared::now("UntagResource", "resourceArn tagKeys", |service, request| service.untag(&request.input))
        .on("{resourceArn}"),
    Declared::now("ListTagsForResource", "resourceArn nextToken", |service, request| {
        let repository = service.tagged(&request.input)?;
        if request.input.get("nextToken").is_some() {
            return Err(names::bad_token());
        }
        let tags = repository.metadata().tags.clone();
        Ok(json!({ "tags": tags }))
    })
    .on("{resourceArn}"),
];

impl CodeCommit {
    fn tag(&self, input: &Input) -> Reply {
        let repository = self.tagged(input)?;
        if input.get("tags").is_none() {
            return Err(refused("TagsMapRequiredException", "A map of tags is required."));
        }
        let tags = checked(input)?;
        repository.change(self.hub.now(), |metadata| {
            metadata.tags.extend(tags);
            if metadata.tags.len() > LIMIT { Err(too_many()) } else { Ok(Value::Null) }
        })
    }

    fn untag(&self, input: &Input) -> Reply {
        let repository = self.tagged(input)?;
        let keys = input.strings("tagKeys");
        if keys.is_empty() {
            let message = "A list of tag keys is required. The list cannot be empty or null.";
            return Err(refused("TagKeysListRequiredException", message));
        }
        if keys.iter().any(|key| !is_key(key)) {
            return Err(refused("InvalidTagKeysListException", "The list of tags is not valid."));
        }
        if keys.iter().any(|key| is_systems(key)) {
            return Err(system());
        }
        repository.change(self.hub.now(), |metadata| {
            metadata.tags.retain(|key, _| !keys.contains(key));
            Ok(Value::Null)
        })
    }

    fn tagged(&self, input: &Input) -> Result<Arc<Repository>, ServiceError> {
        let required = || refused("ResourceArnRequiredException", "A valid Amazon Resource Name (ARN) is required.");
        let text = input.opt_str("resourceArn").filter(|text| !text.is_empty()).ok_or_else(required)?;
        let invalid = || {
            let message = format!("The value for the resource ARN is not valid: {text}");
            refused("InvalidResourceArnException", message)
        };
        let arn = Arn::parse(text).filter(|arn| arn.service == "codecommit").ok_or_else(invalid)?;
        let here = arn.region == self.hub.identity.region && arn.account == self.hub.identity.account;
        if !here {
            return Err(invalid());
        }
        if !names::is_repository(&arn.resource) {
            return Err(names::invalid_repository());
        }
        self.repositories.get(&arn.resource)
    }
}

/// The tags in `tags`.
///
/// # Errors
/// Fails if there are too many, or one cannot be a tag.
pub(super) fn checked(input: &Input) -> Result<BTreeMap<String, String>, ServiceError> {
    let invalid = || refused("InvalidTagsMapException", "The map of tags is not valid.");
    let tags: BTreeMap<String, String> =
        serde_json::from_value(input.object("tags").into_value()).map_err(|_| invalid())?;
    if tags.len() > LIMIT {
        return Err(too_many());
    }
    if tags.keys().any(|key| is_systems(key)) {
        return Err(system());
    }
    let takes = |(key, value): (&String, &String)| is_key(key) && value.chars().count() <= 256 && is_text(value);
    if tags.iter().all(takes) { Ok(tags) } else { Err(invalid()) }
}

fn is_key(key: &str) -> bool {
    (1..=128).contains(&key.chars().count()) && is_text(key)
}

/// <https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html>
fn is_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || " +-=._:/@".contains(c))
}

fn is_systems(key: &str) -> bool {
    key.to_ascii_lowercase().starts_with("aws:")
}

fn system() -> ServiceError {
    let message = "The specified tag is not valid. Key names cannot be prefixed with aws:.";
    refused("InvalidSystemTagUsageException", message)
}

fn too_many() -> ServiceError {
    refused("TooManyTagsException", "The maximum number of tags for an AWS CodeCommit resource has been exceeded.")
}
