//! SNS as Slipway uses it: messages for people.

use std::future::Future;

use crate::call::CallError;

/// A message for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// At most 100 printable ASCII characters, as SNS demands of an e-mail's subject.
    pub subject: String,
    /// The text of the message.
    pub body: String,
}

/// `sns:Publish`.
pub trait PublishNotification {
    /// Sends the message to whoever subscribed to the topic.
    fn publish(
        &self,
        topic_arn: &str,
        notification: &Notification,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}
