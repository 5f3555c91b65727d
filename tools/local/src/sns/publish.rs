//! Publishing, one message or several.

use serde_json::{Value, json};

use super::errors::{invalid, no_topic};
use super::message::{Draft, MESSAGE_LIMIT};
use super::state::Sns;
use super::subscription::is_phone_number;
use super::{delivery, names};
use crate::core::{Arn, Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most messages of a batch.
const ENTRIES: usize = 10;

type Op = Operation<Sns>;

/// The operations that publish.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now(
        "Publish",
        "TopicArn TargetArn PhoneNumber Message Subject MessageStructure MessageAttributes MessageDeduplicationId MessageGroupId",
        |sns, request| sns.publish(&request.input),
    )
    .on_found(|_, input| {
        let target = input.opt_str("TopicArn").or_else(|| input.opt_str("TargetArn")).unwrap_or("*");
        vec![target.to_owned()]
    }),
    Op::now(
        "PublishBatch",
        "TopicArn PublishBatchRequestEntries{Id Message Subject MessageStructure MessageAttributes MessageDeduplicationId MessageGroupId}",
        |sns, request| sns.publish_batch(&request.input),
    )
    .on("{TopicArn}")
    .called(&["sns:Publish"]),
];

impl Sns {
    fn publish(&self, input: &Input) -> Reply {
        let topic = self.target(input)?.to_owned();
        let draft = Draft::read(input)?;
        if draft.size() > MESSAGE_LIMIT {
            return Err(invalid("Message too long"));
        }
        Ok(json!({ "MessageId": self.send(&topic, draft)? }))
    }

    /// The topic that a message is for. Telephones and the endpoints of apps are not on the plane.
    fn target<'a>(&self, input: &'a Input) -> Result<&'a str, ServiceError> {
        if let Some(number) = input.opt_str("PhoneNumber") {
            return Err(match is_phone_number(number) {
                true => ServiceError::not_implemented("sns", "Publish with PhoneNumber"),
                false => invalid(format!("PhoneNumber Reason: {number} is not valid to publish to")),
            });
        }
        let member = match (input.opt_str("TopicArn"), input.opt_str("TargetArn")) {
            (None, None) => {
                return Err(invalid("TopicArn or TargetArn Reason: no value for required parameter"));
            }
            (Some(_), _) => "TopicArn",
            (None, Some(_)) => "TargetArn",
        };
        let arn = names::arn(input, member)?;
        if member == "TargetArn" && arn.contains(":endpoint/") {
            return Err(invalid("TargetArn Reason: No endpoint found for the target arn specified"));
        }
        self.in_region(arn, member)?;
        Ok(arn)
    }

    /// A topic of another region cannot be published to.
    fn in_region(&self, arn: &str, member: &str) -> Result<(), ServiceError> {
        match Arn::parse(arn) {
            Some(arn) if arn.region == self.hub.identity.region => Ok(()),
            _ => Err(invalid(member)),
        }
    }

    fn send(&self, topic: &str, draft: Draft) -> Result<String, ServiceError> {
        let id = self.hub.ids.uuid();
        let (message, subscriptions) = {
            let topics = self.topics();
            let found = topics.get(topic).ok_or_else(no_topic)?;
            found.usable_key()?;
            let message = draft.publish(id.clone(), topic, self.hub.now(), found.signature_version());
            let takers = found.subscriptions.values().filter(|subscription| subscription.takes(&message)).cloned();
            let takers = takers.map(|mut subscription| {
                subscription.delivery = subscription.delivery.over(&found.delivery);
                subscription
            });
            let subscriptions = takers.collect();
            (message, subscriptions)
        };
        tokio::spawn(delivery::deliver(self.hub.clone(), self.client.clone(), message, subscriptions));
        Ok(id)
    }

    /// A fault of the batch, or of an attribute of any message, fails all of it; a fault of one message
    /// fails that message.
    fn publish_batch(&self, input: &Input) -> Reply {
        let topic = names::arn(input, "TopicArn")?;
        self.in_region(topic, "TopicArn")?;
        if !self.topics().contains_key(topic) {
            return Err(no_topic());
        }
        let entries = input.list("PublishBatchRequestEntries");
        checked_ids(entries)?;
        let mut drafts = Vec::new();
        for entry in entries {
            let id = entry["Id"].clone();
            match Draft::read(&Input::from(entry.clone())) {
                Err(error) if error.is("ParameterValueInvalid") => return Err(error),
                draft => drafts.push((id, draft)),
            }
        }
        let sizes = drafts.iter().filter_map(|(_, draft)| Some(draft.as_ref().ok()?.size()));
        if sizes.sum::<usize>() > MESSAGE_LIMIT {
            let message = "The length of all the messages put together is more than the limit.";
            return Err(ServiceError::new("BatchRequestTooLong", message));
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for (id, draft) in drafts {
            match draft.and_then(|draft| self.send(topic, draft)) {
                Ok(message) => successful.push(json!({ "Id": id, "MessageId": message })),
                Err(error) => {
                    let (code, message) = (error.code, error.message);
                    failed.push(json!({ "Id": id, "Code": code, "Message": message, "SenderFault": true }));
                }
            }
        }
        Ok(json!({ "Successful": successful, "Failed": failed }))
    }
}

fn checked_ids(entries: &[Value]) -> Result<(), ServiceError> {
    let refuse = |code: &str, message: String| Err(ServiceError::new(code, message));
    if entries.is_empty() {
        return refuse("EmptyBatchRequest", "The batch request doesn't contain any entries.".to_owned());
    }
    if entries.len() > ENTRIES {
        let message = "The batch request contains more entries than permissible.";
        return refuse("TooManyEntriesInBatchRequest", message.to_owned());
    }
    let ids: Vec<&str> = entries.iter().map(|entry| entry["Id"].as_str().unwrap_or_default()).collect();
    for (place, id) in ids.iter().enumerate() {
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') || id.is_empty() {
            let message =
                format!("The Id of a batch entry in the batch request contains an impermissible character: {id}");
            return refuse("InvalidBatchEntryId", message);
        }
        if id.len() > 80 {
            let message = format!("The Id of a batch entry in the batch request is too long: {id}");
            return refuse("InvalidBatchEntryId", message);
        }
        if ids[..place].contains(id) {
            let message = "Two or more batch entries in the request have the same Id.";
            return refuse("BatchEntryIdsNotDistinct", message.to_owned());
        }
    }
    Ok(())
}
