//! Subscriptions and their attributes.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::delivery_policy::DeliveryPolicy;
use super::errors::invalid;
use super::filter::{Filter, Scope};
use super::message::Message;
use super::topic_arn::owner;
use crate::core::{Arn, ServiceError};

/// One receiver of a topic's messages.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) arn: String,
    pub(super) topic: String,
    pub(super) protocol: String,
    pub(super) endpoint: String,
    /// The token that confirms it; it changes when it is asked for again.
    pub(super) token: String,
    pub(super) confirmed: bool,
    /// True if it was confirmed by somebody who signed.
    pub(super) authenticated: bool,
    /// True if only somebody who signs may unsubscribe it.
    pub(super) owned: bool,
    pub(super) raw: bool,
    pub(super) delivery: DeliveryPolicy,
    principal: String,
    scope: Scope,
    filter: Option<Filter>,
}

/// Checks that the endpoint is of the protocol's kind; a kind that the plane does not deliver to is named.
pub(super) fn checked_endpoint(protocol: &str, endpoint: &str) -> Result<(), ServiceError> {
    let of_service = |service: &str| Arn::parse(endpoint).is_some_and(|arn| arn.service == service);
    match protocol {
        "http" | "https" => match endpoint.strip_prefix(protocol).and_then(|rest| rest.strip_prefix("://")) {
            Some(host) if !host.is_empty() => Ok(()),
            _ => Err(invalid("Endpoint must match the specified protocol")),
        },
        "email" | "email-json" => match endpoint.split_once('@') {
            Some((name, host)) if !name.is_empty() && !host.is_empty() && !host.contains('@') => Ok(()),
            _ => Err(invalid("Email address")),
        },
        "lambda" if !of_service("lambda") => Err(invalid("Lambda endpoint ARN")),
        "lambda" => Ok(()),
        "sqs" if !of_service("sqs") => Err(invalid("SQS endpoint ARN")),
        "firehose" if !of_service("firehose") => Err(invalid("Firehose endpoint ARN")),
        "application" if !of_service("sns") => Err(invalid("Application endpoint arn invalid")),
        "sms" if !is_phone_number(endpoint) => {
            Err(ServiceError::new("InvalidParameter", format!("Invalid SMS endpoint: {endpoint}")))
        }
        "sqs" | "firehose" | "application" | "sms" => {
            Err(ServiceError::not_implemented("sns", &format!("Subscribe with Protocol={protocol}")))
        }
        other => Err(invalid(format!("Amazon SNS does not support this protocol string: {other}"))),
    }
}

/// A number as E.164 has it, with the marks between digits that SNS overlooks.
pub(super) fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let marks = |c: char| matches!(c, '-' | '.' | '/');
    let inside = !digits.starts_with(marks) && !digits.ends_with(marks);
    let single = !digits.as_bytes().windows(2).any(|pair| pair.iter().all(|b| marks(char::from(*b))));
    let count = digits.chars().filter(char::is_ascii_digit).count();
    inside && single && (7..=15).contains(&count) && digits.chars().all(|c| c.is_ascii_digit() || marks(c))
}

impl Subscription {
    /// A subscription without attributes. A function need not confirm: its account subscribes it.
    pub(super) fn new(arn: String, topic: &str, protocol: &str, endpoint: &str, principal: String) -> Self {
        let confirmed = protocol == "lambda";
        Self {
            arn,
            topic: topic.to_owned(),
            protocol: protocol.to_owned(),
            endpoint: endpoint.to_owned(),
            token: String::new(),
            confirmed,
            authenticated: confirmed,
            owned: false,
            raw: false,
            delivery: DeliveryPolicy::default(),
            principal,
            scope: Scope::default(),
            filter: None,
        }
    }

    /// Sets the attributes of `Subscribe`, the scope first: a policy is read by it.
    pub(super) fn create(&mut self, attributes: &BTreeMap<String, String>) -> Result<(), ServiceError> {
        let mut attributes: Vec<(&String, &String)> = attributes.iter().collect();
        attributes.sort_by_key(|(name, _)| *name != "FilterPolicyScope");
        for (name, value) in attributes {
            self.set(name, value).map_err(|error| match error.message.strip_prefix("Invalid parameter: ") {
                // The attributes of a new subscription are one parameter; nested policies are told of in their own words.
                Some(reason) if !reason.starts_with("Filter policy scope") => {
                    invalid(format!("Attributes Reason: {reason}"))
                }
                _ => error,
            })?;
        }
        Ok(())
    }

    /// `SetSubscriptionAttributes`.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), ServiceError> {
        match name {
            "RawMessageDelivery" => self.raw = self.raw_delivery(value)?,
            "FilterPolicyScope" => {
                let scope = Scope::read(value)?;
                let text = self.filter.as_ref().map_or_else(String::new, |filter| filter.text.clone());
                self.filter = Filter::read(&text, scope)?;
                self.scope = scope;
            }
            "FilterPolicy" => self.filter = Filter::read(value, self.scope)?,
            "DeliveryPolicy" => {
                if !value.is_empty() && !self.protocol.starts_with("http") {
                    // Assumed: the text.
                    return Err(invalid("DeliveryPolicy: only HTTP and HTTPS endpoints have a delivery policy"));
                }
                self.delivery = DeliveryPolicy::of_subscription(value)?;
            }
            "RedrivePolicy" => redrive(value)?,
            "SubscriptionRoleArn" | "ReplayPolicy" if !value.is_empty() => {
                return Err(ServiceError::not_implemented("sns", &format!("a subscription with the attribute {name}")));
            }
            "SubscriptionRoleArn" | "ReplayPolicy" => {}
            _ => return Err(invalid("AttributeName")),
        }
        Ok(())
    }

    fn raw_delivery(&self, value: &str) -> Result<bool, ServiceError> {
        let raw = match value.to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => return Err(invalid(format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false."))),
        };
        if raw && !self.protocol.starts_with("http") {
            let protocol = &self.protocol;
            return Err(invalid(format!("Delivery protocol [{protocol}] does not support raw message delivery.")));
        }
        Ok(raw)
    }

    /// True if every attribute that is given is as it is here.
    pub(super) fn has(&self, attributes: &BTreeMap<String, String>) -> Result<bool, ServiceError> {
        let mut other = Self::new(String::new(), &self.topic, &self.protocol, &self.endpoint, String::new());
        other.create(attributes)?;
        let text = |filter: &Option<Filter>| filter.as_ref().map(|filter| filter.text.clone());
        let same = |name: &String| match name.as_str() {
            "RawMessageDelivery" => self.raw == other.raw,
            "FilterPolicyScope" => self.scope == other.scope,
            "FilterPolicy" => text(&self.filter) == text(&other.filter),
            "DeliveryPolicy" => self.delivery == other.delivery,
            _ => true,
        };
        Ok(attributes.keys().all(same))
    }

    /// True if a message goes to this subscriber.
    pub(super) fn takes(&self, message: &Message) -> bool {
        self.confirmed
            && self.filter.as_ref().is_none_or(|filter| match self.scope {
                Scope::MessageAttributes => filter.takes(&message.filterable()),
                Scope::MessageBody => {
                    serde_json::from_str(message.text_for(&self.protocol)).is_ok_and(|body: Value| filter.takes(&body))
                }
            })
    }

    /// The subscription in a listing.
    pub(super) fn listed(&self) -> Value {
        let arn = if self.confirmed { self.arn.as_str() } else { "PendingConfirmation" };
        json!({
            "SubscriptionArn": arn, "TopicArn": self.topic, "Protocol": self.protocol, "Endpoint": self.endpoint,
            "Owner": owner(&self.topic),
        })
    }

    /// The attributes that `GetSubscriptionAttributes` answers.
    pub(super) fn attributes(&self, topic: &DeliveryPolicy) -> BTreeMap<&'static str, String> {
        let mut attributes = BTreeMap::from([
            ("SubscriptionArn", self.arn.clone()),
            ("TopicArn", self.topic.clone()),
            ("Protocol", self.protocol.clone()),
            ("Endpoint", self.endpoint.clone()),
            ("Owner", owner(&self.topic).to_owned()),
            ("SubscriptionPrincipal", self.principal.clone()),
            ("ConfirmationWasAuthenticated", self.authenticated.to_string()),
            ("PendingConfirmation", (!self.confirmed).to_string()),
            ("RawMessageDelivery", self.raw.to_string()),
        ]);
        if let Some(filter) = &self.filter {
            attributes.insert("FilterPolicy", filter.text.clone());
            attributes.insert("FilterPolicyScope", self.scope.name().to_owned());
        }
        if self.protocol.starts_with("http") {
            attributes.insert("EffectiveDeliveryPolicy", self.delivery.over(topic).effective_subscription());
            if !self.delivery.is_empty() {
                attributes.insert("DeliveryPolicy", self.delivery.shown_subscription());
            }
        }
        attributes
    }
}

/// A queue for what cannot be delivered: there are no queues on the plane, but a wrong policy is refused as such.
pub(super) fn redrive(value: &str) -> Result<(), ServiceError> {
    if value.is_empty() {
        return Ok(());
    }
    let policy: Value = serde_json::from_str(value)
        .map_err(|error| invalid(format!("RedrivePolicy: failed to parse JSON. {error}")))?;
    match policy["deadLetterTargetArn"].as_str().and_then(Arn::parse) {
        Some(arn) if arn.service == "sqs" => {
            Err(ServiceError::not_implemented("sns", "a subscription with the attribute RedrivePolicy"))
        }
        _ => Err(invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn")),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("http", "http://localhost:1/x", ""; "a URL")]
    #[test_case("https", "http://localhost:1/x", "Invalid parameter: Endpoint must match the specified protocol"; "a URL of another protocol")]
    #[test_case("email", "nobody", "Invalid parameter: Email address"; "no address")]
    #[test_case("lambda", "app", "Invalid parameter: Lambda endpoint ARN"; "no function")]
    #[test_case("sqs", "http://localhost/queue", "Invalid parameter: SQS endpoint ARN"; "the URL of a queue")]
    #[test_case("sms", "+15--551234567", "Invalid SMS endpoint: +15--551234567"; "two marks")]
    #[test_case("sms", "+15551234567.", "Invalid SMS endpoint: +15551234567."; "a mark at the end")]
    #[test_case("sms", "/+15551234567", "Invalid SMS endpoint: /+15551234567"; "a mark at the start")]
    #[test_case("pigeon", "x", "Invalid parameter: Amazon SNS does not support this protocol string: pigeon"; "no protocol")]
    fn endpoints(protocol: &str, endpoint: &str, message: &str) {
        let said = checked_endpoint(protocol, endpoint).map_or_else(|error| error.message, |()| String::new());
        assert_eq!(said, message);
    }

    #[test_case("sqs", "arn:aws:sqs:us-east-1:000000000000:queue"; "a queue")]
    #[test_case("sms", "+15551234567"; "a telephone")]
    fn what_the_plane_does_not_deliver_to_is_named(protocol: &str, endpoint: &str) {
        let error = checked_endpoint(protocol, endpoint).unwrap_err();
        assert!(error.is("NotImplemented") && error.message.contains(&format!("Protocol={protocol}")), "{error}");
    }
}
