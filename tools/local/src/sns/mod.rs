//! SNS: topics, subscriptions, delivery.

use std::sync::Arc;

use crate::core::{Absent, Hub, Protocol, Service};

/// The service, not yet run.
pub fn service(_hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Absent::new("sns", Protocol::Query { namespace: "http://sns.amazonaws.com/doc/2010-03-31/" }))
}
