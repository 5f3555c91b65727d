//! SNS behind its port.

use aws_sdk_sns::Client;

use super::translate;
use crate::call::CallError;
use crate::notifications::{Notification, PublishNotification};

/// SNS.
#[derive(Debug, Clone)]
pub struct AwsNotifications {
    client: Client,
}

impl AwsNotifications {
    /// Over a client of [`super::sns`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl PublishNotification for AwsNotifications {
    async fn publish(&self, topic_arn: &str, notification: &Notification) -> Result<(), CallError> {
        let request = self.client.publish().topic_arn(topic_arn);
        let sent = request.subject(&notification.subject).message(&notification.body).send().await;
        sent.map(drop).map_err(|error| translate("Publish", error))
    }
}
