//! SNS: topics, subscriptions, delivery to Lambda functions, HTTP endpoints and a log.
//!
//! No mail leaves the machine: an `email` subscriber's messages lie in the log group of the topic,
//! `sns/<region>/<account>/<topic>`, where every other message is written, too. A mailbox that has not confirmed is asked
//! there. FIFO topics are not run: what they deliver to, queues, is not on the plane.

mod delivery;
mod delivery_policy;
mod errors;
mod filter;
mod message;
mod names;
mod policy;
mod publish;
mod state;
mod subscription;
mod subscriptions;
#[cfg(test)]
mod tests;
mod topic;
mod topic_arn;
mod topics;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::core::{Hub, Service, ServiceError};
use crate::model::{Dialect, Fault, Shown, Wording};
use crate::operations::{Modelled, Table};
use state::Sns;
use topic::Topic;

static TABLE: Table<Sns> = Table {
    denial: "AuthorizationError",
    resource_policy: |sns, arn| sns.topics().get(arn).map(|topic| topic.policy.to_string()),
    ..Table::new(
        "sns",
        Dialect::Worded("ValidationError", wording),
        &[topics::OPERATIONS, subscriptions::OPERATIONS, publish::OPERATIONS],
    )
};

/// SNS's own word for the ARN of a subscription that is not given.
fn wording(fault: &Fault) -> Wording {
    match fault {
        Fault::Constraint { path, shown: Shown::Null, .. } if path == "subscriptionArn" => {
            Wording::Alone(errors::invalid("SubscriptionArn Reason: no value for required parameter"))
        }
        _ => Wording::Usual,
    }
}

/// SNS as a service of the plane, without any topic.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let state = Sns { hub: Arc::clone(hub), topics: Mutex::default(), client: reqwest::Client::new() };
    Arc::new(Modelled::new(hub, state, &TABLE))
}

/// The error with which a topic refuses an attribute, for callers that want to know before they ask.
pub(crate) fn refused_attribute(name: &str, value: &str) -> Option<ServiceError> {
    let attributes = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    Topic::new(String::new()).create(&attributes).err()
}

/// The error with which a topic refuses a subscriber.
pub(crate) fn refused_endpoint(protocol: &str, endpoint: &str) -> Option<ServiceError> {
    subscription::checked_endpoint(protocol, endpoint).err()
}

/// The error with which a subscription refuses a redrive policy.
pub(crate) fn refused_redrive(policy: &str) -> Option<ServiceError> {
    subscription::redrive(policy).err()
}
