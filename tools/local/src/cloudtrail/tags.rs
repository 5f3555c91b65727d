//! Tags of trails.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::state::CloudTrail;
use crate::core::{Arn, Input, Reply, ServiceError, tags};
use crate::operations::Operation;

/// The most tags of a trail.
const TAGS: usize = 50;

type Declared = Operation<Arc<CloudTrail>>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("AddTags", "ResourceId TagsList{Key Value}", |trail, request| trail.add_tags(&request.input))
        .on("{ResourceId}"),
    Declared::now("RemoveTags", "ResourceId TagsList{Key Value}", |trail, request| trail.remove_tags(&request.input))
        .on("{ResourceId}"),
    Declared::now("ListTags", "ResourceIdList", |trail, request| trail.list_tags(&request.input))
        .on_found(|_, input| input.strings("ResourceIdList")),
];

/// Tags with others set on them.
pub(super) fn set(tags: &[Value], new: &[Value]) -> Result<Vec<Value>, ServiceError> {
    let tags = tags::merged(tags, new);
    if tags.len() > TAGS {
        // Assumed: the text.
        let text = format!("A trail can have at most {TAGS} tags.");
        return Err(ServiceError::new("TagsLimitExceededException", text));
    }
    Ok(tags)
}

impl CloudTrail {
    fn add_tags(&self, input: &Input) -> Reply {
        self.with_tags(input.str("ResourceId")?, |tags| {
            *tags = set(tags, input.list("TagsList"))?;
            Ok(Value::Null)
        })
    }

    /// Tags go by their keys; those that are not there are gone already.
    fn remove_tags(&self, input: &Input) -> Reply {
        self.with_tags(input.str("ResourceId")?, |tags| {
            tags.retain(|tag| !input.list("TagsList").iter().any(|gone| gone["Key"] == tag["Key"]));
            Ok(Value::Null)
        })
    }

    fn list_tags(&self, input: &Input) -> Reply {
        let tags_of = |arn: String| {
            let tags = self.with_tags(&arn, |tags| Ok(json!(tags)))?;
            Ok(json!({ "ResourceId": arn, "TagsList": tags }))
        };
        let listed: Result<Vec<Value>, ServiceError> =
            input.strings("ResourceIdList").into_iter().map(tags_of).collect();
        Ok(json!({ "ResourceTagList": listed? }))
    }

    /// Acts on the tags of a trail, which is named by its ARN alone.
    fn with_tags(&self, arn: &str, act: impl FnOnce(&mut Vec<Value>) -> Reply) -> Reply {
        let is_trail = Arn::parse(arn).is_some_and(|arn| arn.of_kind("trail").is_some());
        if !is_trail {
            // Assumed: the text.
            let text = format!("{arn} is not a valid ARN of a trail.");
            return Err(ServiceError::new("CloudTrailARNInvalidException", text));
        }
        let mut reply = Ok(Value::Null);
        let found = self.with_trail(arn, |trail| {
            reply = act(&mut trail.tags);
            Value::Null
        });
        // Assumed: the text.
        found.map_err(|_| ServiceError::new("ResourceNotFoundException", format!("{arn} does not exist.")))?;
        reply
    }
}
