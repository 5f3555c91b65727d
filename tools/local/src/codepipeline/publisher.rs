//! Publishing events one after the other, in the order of their numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::core::{AwsEvent, Hub};

/// Takes numbered events from any thread.
#[derive(Clone, Debug)]
pub struct Publisher(mpsc::UnboundedSender<(u64, AwsEvent)>);

impl Publisher {
    /// Starts publishing. Ends with the last clone.
    pub fn start(hub: &Arc<Hub>) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let hub = Arc::clone(hub);
        tokio::spawn(async move {
            let (mut next, mut early) = (0, BTreeMap::new());
            while let Some((number, event)) = receiver.recv().await {
                early.insert(number, event);
                while let Some(event) = early.remove(&next) {
                    hub.publish(event).await;
                    next += 1;
                }
            }
        });
        Self(sender)
    }

    /// Publishes the event when all of lower numbers are published.
    pub fn publish(&self, number: u64, event: AwsEvent) {
        // The receiver ends only with the senders.
        let _ = self.0.send((number, event));
    }
}
