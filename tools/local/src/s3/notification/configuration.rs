//! PutBucketNotificationConfiguration: who is told, checked as S3 does before it is kept.

use std::collections::HashSet;

use s3s::S3Request;
use s3s::dto::{
    Event, FilterRule, FilterRuleName, GetBucketNotificationConfigurationInput,
    GetBucketNotificationConfigurationOutput, NotificationConfiguration, NotificationConfigurationFilter,
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
};
use serde_json::{Value, json};

use super::{NAME, delivery, record};
use crate::core::{Arn, Caller, Hub};
use crate::s3::asked::Asked;
use crate::s3::bucket::settings::{keep, kept};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;

/// Every event that can be asked for.
const EVENTS: [&str; 27] = [
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
];

/// One destination of a configuration, whatever its kind.
struct Destination<'a> {
    kind: &'static str,
    arn: &'a str,
    id: &'a mut Option<String>,
    events: &'a [Event],
    filter: Option<&'a mut NotificationConfigurationFilter>,
}

fn destinations(configuration: &mut NotificationConfiguration) -> Vec<Destination<'_>> {
    let mut all = Vec::new();
    for held in configuration.lambda_function_configurations.iter_mut().flatten() {
        let (id, filter) = (&mut held.id, held.filter.as_mut());
        all.push(Destination { kind: "lambda", arn: &held.lambda_function_arn, id, events: &held.events, filter });
    }
    for held in configuration.topic_configurations.iter_mut().flatten() {
        let (id, filter) = (&mut held.id, held.filter.as_mut());
        all.push(Destination { kind: "sns", arn: &held.topic_arn, id, events: &held.events, filter });
    }
    for held in configuration.queue_configurations.iter_mut().flatten() {
        let (id, filter) = (&mut held.id, held.filter.as_mut());
        all.push(Destination { kind: "sqs", arn: &held.queue_arn, id, events: &held.events, filter });
    }
    all
}

pub(in crate::s3) async fn put(
    context: &Context,
    request: S3Request<PutBucketNotificationConfigurationInput>,
) -> Answer<PutBucketNotificationConfigurationOutput> {
    let mut input = request.input;
    context.store.look(|index| index.bucket(&input.bucket).map(drop))?;
    let mut targets = Vec::new();
    let (mut ids, mut claims) = (HashSet::new(), Vec::new());
    for destination in destinations(&mut input.notification_configuration) {
        check_form(&destination)?;
        let id = destination.id.get_or_insert_with(|| context.ids().uuid()).clone();
        if !ids.insert(id.clone()) {
            return Err(Refusal::argument("Id", id, "Same ID used for multiple configurations. IDs must be unique"));
        }
        let (prefix, suffix) = affixes(destination.filter)?;
        claims.push((destination.events.to_vec(), prefix, suffix));
        targets.push((destination.kind, destination.arn.to_owned()));
    }
    check_overlap(&claims)?;
    if let Some(hub) = context.hub().filter(|_| input.skip_destination_validation != Some(true)) {
        check_destinations(&hub, &input.bucket, &targets).await?;
    }
    keep(context, &input.bucket, NAME, &input.notification_configuration)?;
    let asked = request.extensions.get::<Asked>().cloned().unwrap_or_default();
    greet(context, &input.bucket, targets, asked);
    done(PutBucketNotificationConfigurationOutput::default())
}

fn check_form(destination: &Destination<'_>) -> Result<(), Refusal> {
    if destination.events.is_empty() {
        return Err(Refusal::malformed_xml());
    }
    if let Some(unknown) = destination.events.iter().find(|event| !EVENTS.contains(&event.as_ref())) {
        let message = "The event is not supported for notifications";
        return Err(Refusal::argument("Event", unknown.as_ref(), message));
    }
    if Arn::parse(destination.arn).is_none_or(|arn| arn.service != destination.kind) {
        let argument = match destination.kind {
            "lambda" => "CloudFunction",
            "sns" => "Topic",
            _ => "Queue",
        };
        return Err(Refusal::argument(argument, destination.arn, "The ARN could not be parsed"));
    }
    Ok(())
}

/// The prefix and the suffix of a filter; their names are written as S3 gives them back.
fn affixes(filter: Option<&mut NotificationConfigurationFilter>) -> Result<(String, String), Refusal> {
    let (mut prefix, mut suffix) = (None, None);
    let rules = filter.and_then(|filter| filter.key.as_mut()).and_then(|key| key.filter_rules.as_mut());
    for FilterRule { name, value } in rules.into_iter().flatten() {
        let said = name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default();
        let place = match said.to_ascii_lowercase().as_str() {
            "prefix" => (&mut prefix, "Prefix"),
            "suffix" => (&mut suffix, "Suffix"),
            _ => {
                let message = "filter rule name must be either prefix or suffix";
                return Err(Refusal::argument("FilterRule.Name", said, message));
            }
        };
        let value = value.clone().unwrap_or_default();
        if value.len() > 1024 {
            return Err(Refusal::argument(
                "FilterRule.Value",
                value,
                "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
            ));
        }
        if place.0.replace(value).is_some() {
            let message = format!("Cannot specify more than one {} rule in a filter.", said.to_ascii_lowercase());
            return Err(Refusal::argument("FilterRule.Name", said, message));
        }
        *name = Some(FilterRuleName::from(place.1.to_owned()));
    }
    Ok((prefix.unwrap_or_default(), suffix.unwrap_or_default()))
}

/// Two configurations must not be told of the same event of the same key.
fn check_overlap(claims: &[(Vec<Event>, String, String)]) -> Result<(), Refusal> {
    let same_event = |one: &Event, other: &Event| {
        let (one, other) = (one.as_ref(), other.as_ref());
        let covers = |wide: &str, narrow: &str| wide.strip_suffix('*').is_some_and(|start| narrow.starts_with(start));
        one == other || covers(one, other) || covers(other, one)
    };
    for (at, (events, prefix, suffix)) in claims.iter().enumerate() {
        for (others, other_prefix, other_suffix) in &claims[at + 1..] {
            let event = events.iter().any(|event| others.iter().any(|other| same_event(event, other)));
            let prefixes = prefix.starts_with(other_prefix.as_str()) || other_prefix.starts_with(prefix.as_str());
            let suffixes = suffix.ends_with(other_suffix.as_str()) || other_suffix.ends_with(suffix.as_str());
            if event && prefixes && suffixes {
                let message = "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.";
                return Err(Refusal::request(message));
            }
        }
    }
    Ok(())
}

/// Every destination is there and lets S3 in. All that are not are named at once.
async fn check_destinations(hub: &Hub, bucket: &str, targets: &[(&'static str, String)]) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    for (kind, arn) in targets {
        if let Err(why) = lets_in(hub, kind, arn, bucket).await? {
            wrong.push((arn.clone(), why));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let message = "Unable to validate the following destination configurations";
    let refusal = Refusal::new("InvalidArgument", 400, message);
    Err(wrong.into_iter().fold(refusal, |refusal, (arn, why)| {
        refusal.with("ArgumentName", format!("{arn}, null")).with("ArgumentValue", why)
    }))
}

/// Asks the policy of a destination: the inner error is S3's reason why it does not take the events.
async fn lets_in(hub: &Hub, kind: &str, arn: &str, bucket: &str) -> Result<Result<(), &'static str>, Refusal> {
    let (call, pointer) = match kind {
        "lambda" => (hub.call("lambda", "GetPolicy", json!({ "FunctionName": arn })).await, "/Policy"),
        "sns" => (hub.call("sns", "GetTopicAttributes", json!({ "TopicArn": arn })).await, "/Attributes/Policy"),
        _ if hub.service("sqs").is_none() => {
            return Err(Refusal::not_implemented("PutBucketNotificationConfiguration to queues"));
        }
        _ => {
            let input = json!({ "QueueUrl": delivery::queue_url(hub, arn), "AttributeNames": ["Policy"] });
            (hub.call("sqs", "GetQueueAttributes", input).await, "/Attributes/Policy")
        }
    };
    let policy = match call {
        Ok(reply) => reply.pointer(pointer).and_then(Value::as_str).map(str::to_owned).unwrap_or_default(),
        Err(error) if kind == "lambda" && error.is("ResourceNotFoundException") => String::new(),
        Err(_) => return Ok(Err("The destination queue or topic does not exist")),
    };
    let allowed = permits(&policy, bucket, &hub.identity.account);
    Ok(if allowed { Ok(()) } else { Err("Not authorized to invoke or publish to the destination") })
}

/// True if a policy lets S3 in for this bucket.
fn permits(policy: &str, bucket: &str, account: &str) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        Value::Object(_) => vec![policy["Statement"].clone()],
        _ => Vec::new(),
    };
    let source = format!("arn:aws:s3:::{bucket}");
    statements.iter().any(|statement| {
        let principal = &statement["Principal"];
        let services = match &principal["Service"] {
            Value::Array(services) => services.clone(),
            service => vec![service.clone()],
        };
        let named =
            principal == "*" || principal["AWS"] == "*" || services.iter().any(|name| name == delivery::PRINCIPAL);
        statement["Effect"] == "Allow" && named && holds(&statement["Condition"], &source, account)
    })
}

/// True if the conditions on the source hold.
fn holds(condition: &Value, source: &str, account: &str) -> bool {
    condition.as_object().into_iter().flatten().all(|(_, keys)| {
        keys.as_object().into_iter().flatten().all(|(key, expected)| {
            let actual = match key.to_ascii_lowercase().as_str() {
                "aws:sourcearn" => source,
                "aws:sourceaccount" | "aws:sourceowner" => account,
                _ => return true,
            };
            let expected = match expected {
                Value::Array(expected) => expected.clone(),
                one => vec![one.clone()],
            };
            expected.iter().filter_map(Value::as_str).any(|pattern| is_like(pattern, actual))
        })
    })
}

/// True if a text is like a pattern with asterisks.
fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Sends the test event to every topic and queue.
fn greet(context: &Context, bucket: &str, targets: Vec<(&'static str, String)>, asked: Asked) {
    let Some(hub) = context.hub() else { return };
    let greeting = record::test_event(bucket, context.now(), &asked);
    let caller = Caller::service_for(delivery::PRINCIPAL, format!("arn:aws:s3:::{bucket}"));
    tokio::spawn(async move {
        for (kind, arn) in targets {
            let sent = match kind {
                "sns" => delivery::publish(&hub, &caller, &arn, &greeting).await,
                "sqs" => delivery::enqueue(&hub, &caller, &arn, &greeting).await,
                _ => Ok(()),
            };
            if let Err(error) = sent {
                tracing::warn!(%error, arn, "the test event of a bucket was not delivered");
            }
        }
    });
}

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetBucketNotificationConfigurationInput>,
) -> Answer<GetBucketNotificationConfigurationOutput> {
    let kept: NotificationConfiguration = kept(context, &request.input.bucket, NAME)?.unwrap_or_default();
    done(GetBucketNotificationConfigurationOutput {
        event_bridge_configuration: kept.event_bridge_configuration,
        lambda_function_configurations: kept.lambda_function_configurations,
        queue_configurations: kept.queue_configurations,
        topic_configurations: kept.topic_configurations,
    })
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("s3:ObjectCreated:*", "a/", "s3:ObjectCreated:Put", "a/b", false; "one prefix in the other")]
    #[test_case("s3:ObjectCreated:*", "a/", "s3:ObjectCreated:Put", "b/", true; "prefixes apart")]
    #[test_case("s3:ObjectCreated:*", "", "s3:ObjectRemoved:*", "", true; "events apart")]
    fn configurations_must_not_overlap(one: &str, prefix: &str, other: &str, other_prefix: &str, apart: bool) {
        let claim = |event: &str, prefix: &str| (vec![Event::from(event.to_owned())], prefix.to_owned(), String::new());
        assert_eq!(check_overlap(&[claim(one, prefix), claim(other, other_prefix)]).is_ok(), apart);
    }

    #[test]
    fn a_policy_lets_s3_in_for_its_bucket_only() {
        let policy = json!({ "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
            "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:s3:*:*:b-*" } },
        }] });
        assert!(permits(&policy.to_string(), "b-1", "1"));
        assert!(!permits(&policy.to_string(), "c-1", "1"));
        assert!(!permits("", "b-1", "1"));
    }
}
