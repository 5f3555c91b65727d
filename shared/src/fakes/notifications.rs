//! An SNS in memory.

use std::sync::{Arc, Mutex, PoisonError};

use crate::call::CallError;
use crate::notifications::{Notification, PublishNotification};

/// Everything that was published, in order; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Notifications {
    sent: Arc<Mutex<Vec<Notification>>>,
}

impl Notifications {
    /// Everything that was published, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Notification> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl PublishNotification for Notifications {
    async fn publish(&self, _topic_arn: &str, notification: &Notification) -> Result<(), CallError> {
        let Notification { subject, body } = notification;
        // SNS itself checks as much of a subject.
        if subject.is_empty() || subject.chars().count() > 100 || !subject.is_ascii() || body.is_empty() {
            return Err(CallError::Unexpected { operation: "Publish", source: "InvalidParameter".into() });
        }
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(notification.clone());
        Ok(())
    }
}
