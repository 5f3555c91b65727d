//! Lambda's state, and the function that an input names to IAM.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::code::CodeStore;
use super::event_queue::EventQueue;
use super::execution::{Host, Limits};
use super::metrics::Metrics;
use super::names::FunctionRef;
use super::registry::{Registry, arn};
use crate::core::{Driver, Hub, Input, ServiceError};

/// Lambda: what exists, and what runs it.
#[derive(Debug)]
pub(super) struct Lambda {
    pub(super) hub: Arc<Hub>,
    pub(super) code: Arc<CodeStore>,
    pub(super) host: Arc<Host>,
    pub(super) metrics: Metrics,
    pub(super) registry: Mutex<Registry>,
    queue: OnceLock<Driver<EventQueue>>,
}

impl Lambda {
    /// Lambda on this machine, with the queue of asynchronous invocations running in plane time.
    pub(super) fn start(hub: &Arc<Hub>, limits: Limits) -> Arc<Self> {
        let lambda = Arc::new(Self {
            hub: Arc::clone(hub),
            code: Arc::new(CodeStore::new(hub.data_dir.join("lambda").join("code"), hub.ids.clone())),
            host: Host::start(hub, limits),
            metrics: Metrics::start(hub),
            registry: Mutex::default(),
            queue: OnceLock::new(),
        });
        let acting = Arc::downgrade(&lambda);
        let queue = Driver::start(EventQueue::default(), hub.clock.clone(), move |effect| match acting.upgrade() {
            Some(lambda) => lambda.act(effect),
            None => Box::pin(std::future::ready(Vec::new())),
        });
        let _ = lambda.queue.set(queue);
        lambda
    }

    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn queue(&self) -> Result<&Driver<EventQueue>, ServiceError> {
        self.queue.get().ok_or_else(|| ServiceError::internal("Lambda has not started"))
    }

    /// The function, version or alias that an input names, as IAM sees it.
    pub(super) fn resource(lambda: &Arc<Self>, input: &Input) -> Vec<String> {
        match FunctionRef::of(input, &lambda.hub.identity) {
            Ok(named) => vec![arn(&lambda.hub, &named.name, named.qualifier.as_deref())],
            Err(_) => vec![input.opt_str("FunctionName").unwrap_or_default().to_owned()],
        }
    }
}
