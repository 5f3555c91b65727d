//! SNS behind its port.

use aws_sdk_sns::Client;

use super::translate;
use crate::call::CallError;
use crate::notifications::{Notification, PublishNotification};

/// SNS over its SDK client.
#[derive(Debug, Clone)]
pub struct AwsNotifications {
    client: Client,
}

impl AwsNotifications {
    /// Over a client of [`super::sns()`].
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

#[cfg(test)]
mod tests {
    use super::super::testing::{Connection, settings};
    use super::*;

    fn notifications(connection: &Connection) -> AwsNotifications {
        AwsNotifications::new(super::super::sns(&settings(connection)))
    }

    #[tokio::test]
    async fn a_message_has_its_topic_subject_and_body() {
        let answer = "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>";
        let connection = Connection::answering_text(200, answer);
        let message = Notification { subject: "app: released".into(), body: "why".into() };
        notifications(&connection).publish("arn:aws:sns:topic", &message).await.unwrap();
        let body = connection.only_request().body;
        assert!(body.contains("TopicArn=arn%3Aaws%3Asns%3Atopic") && body.contains("Message=why"), "{body}");
        assert!(body.contains("Subject=app%3A%20released"), "{body}");
    }

    #[tokio::test]
    async fn a_denied_message_is_denied() {
        let denied =
            "<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>";
        let connection = Connection::answering_text(403, denied);
        let message = Notification { subject: "s".into(), body: "b".into() };
        let error = notifications(&connection).publish("arn:aws:sns:topic", &message).await.unwrap_err();
        assert!(matches!(error, CallError::Denied { .. }), "{error}");
    }
}
