//! The operations on topics: their attributes, their policy, their tags.

use serde_json::{Value, json};

use super::errors::{invalid, no_topic};
use super::state::Sns;
use super::topic::Topic;
use super::{names, policy};
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

type Op = Operation<Sns>;

/// The operations on topics.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now("CreateTopic", "Name Attributes Tags{Key Value}", |sns, request| sns.create_topic(&request.input))
        .on("{Name}"),
    Op::now("DeleteTopic", "TopicArn", |sns, request| {
        sns.topics().remove(names::arn(&request.input, "TopicArn")?);
        Ok(Value::Null)
    })
    .on("{TopicArn}"),
    Op::now("ListTopics", "NextToken", |sns, request| {
        let found: Vec<_> = sns.topics().keys().map(|arn| (arn.clone(), json!({ "TopicArn": arn }))).collect();
        names::page(&found, &request.input, "Topics", "ListTopics")
    }),
    Op::now("GetTopicAttributes", "TopicArn", |sns, request| {
        sns.with_topic(&request.input, |topic| Ok(json!({ "Attributes": topic.attributes() })))
    })
    .on("{TopicArn}"),
    Op::now("SetTopicAttributes", "TopicArn AttributeName AttributeValue", |sns, request| {
        let (name, value) = (request.input.str("AttributeName")?, request.input.opt_str("AttributeValue"));
        let set = |topic: &mut Topic| topic.set(name, value.unwrap_or_default(), "AttributeName");
        sns.with_topic(&request.input, |topic| set(topic).map(|()| Value::Null))
    })
    .on("{TopicArn}"),
    Op::now("AddPermission", "TopicArn Label AWSAccountId ActionName", |sns, request| {
        sns.with_topic(&request.input, |topic| {
            let arn = topic.arn.clone();
            policy::add(&mut topic.policy, &arn, &request.input).map(|()| Value::Null)
        })
    })
    .on("{TopicArn}"),
    Op::now("RemovePermission", "TopicArn Label", |sns, request| {
        sns.with_topic(&request.input, |topic| {
            policy::remove(&mut topic.policy, request.input.str("Label")?);
            Ok(Value::Null)
        })
    })
    .on("{TopicArn}"),
    Op::now("TagResource", "ResourceArn Tags{Key Value}", |sns, request| {
        sns.with_tagged(&request.input, |topic| topic.tag(request.input.list("Tags")).map(|()| Value::Null))
    })
    .on("{ResourceArn}"),
    Op::now("UntagResource", "ResourceArn TagKeys", |sns, request| {
        let keys = request.input.strings("TagKeys");
        sns.with_tagged(&request.input, |topic| {
            topic.tags.retain(|tag| !keys.iter().any(|key| tag["Key"] == *key));
            Ok(Value::Null)
        })
    })
    .on("{ResourceArn}"),
    Op::now("ListTagsForResource", "ResourceArn", |sns, request| {
        sns.with_tagged(&request.input, |topic| Ok(json!({ "Tags": topic.tags })))
    })
    .on("{ResourceArn}"),
];

impl Sns {
    pub(super) fn with_topic(&self, input: &Input, act: impl FnOnce(&mut Topic) -> Reply) -> Reply {
        let arn = names::arn(input, "TopicArn")?;
        act(self.topics().get_mut(arn).ok_or_else(no_topic)?)
    }

    fn with_tagged(&self, input: &Input, act: impl FnOnce(&mut Topic) -> Reply) -> Reply {
        let arn = names::arn(input, "ResourceArn")?;
        let missing = || ServiceError::new("ResourceNotFound", "Resource does not exist").with_status(404);
        act(self.topics().get_mut(arn).ok_or_else(missing)?)
    }

    /// A topic that is there already is answered, if it is as the request wants it.
    fn create_topic(&self, input: &Input) -> Reply {
        let name = input.opt_str("Name").unwrap_or_default();
        let attributes = names::texts(input, "Attributes");
        let fifo = attributes.get("FifoTopic").is_some_and(|fifo| fifo == "true");
        let bare = if fifo { name.strip_suffix(".fifo").unwrap_or_default() } else { name };
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if bare.is_empty() || name.len() > 256 || !bare.chars().all(legal) {
            return Err(invalid("Topic Name"));
        }
        let arn = self.hub.arn("sns", name);
        let mut created = Topic::new(arn.clone());
        created.create(&attributes)?;
        created.tag(input.list("Tags"))?;
        let mut topics = self.topics();
        match topics.get(&arn) {
            Some(topic) if !topic.has(&attributes)? => {
                return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
            }
            Some(topic) if !created.tags.iter().all(|tag| topic.tags.contains(tag)) => {
                return Err(invalid("Tags Reason: Topic already exists with different tags"));
            }
            Some(_) => {}
            None => drop(topics.insert(arn.clone(), created)),
        }
        Ok(json!({ "TopicArn": arn }))
    }
}
