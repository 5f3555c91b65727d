//! The ground of the providers' tests: a hub with small services that write down what they are asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::cloudformation::provider::{Door, Provider, Resource, ResourceContext};
use crate::core::{Caller, Hub, ObjectStore, Reply, Service, testing};

/// A service that answers from a closure, refuses what AWS's model does not take, and remembers what it was asked.
pub(super) struct Fake(Arc<testing::Fake>);

impl Fake {
    pub(super) fn new(
        name: &'static str,
        answer: impl Fn(&str, &Value) -> Reply + Send + Sync + 'static,
    ) -> (Self, Asked) {
        let fake = testing::Fake::new(name, answer);
        (Self(Arc::clone(&fake)), Asked { fake, cleared: Arc::default() })
    }
}

/// The requests that a fake service was asked, in order.
#[derive(Clone)]
pub(super) struct Asked {
    fake: Arc<testing::Fake>,
    cleared: Arc<AtomicUsize>,
}

impl Asked {
    fn all(&self) -> Vec<testing::Asked> {
        self.fake.asked().split_off(self.cleared.load(Ordering::Relaxed))
    }

    pub(super) fn operations(&self) -> Vec<String> {
        self.all().into_iter().map(|asked| asked.operation).collect()
    }

    /// The input of the last time that an operation was asked.
    pub(super) fn input(&self, operation: &str) -> Value {
        let all = self.all();
        let found = all.iter().rev().find(|asked| asked.operation == operation);
        found.map(|asked| asked.input.clone()).unwrap_or_else(|| panic!("{operation} was not asked: {all:?}"))
    }

    pub(super) fn clear(&self) {
        self.cleared.store(self.fake.asked().len(), Ordering::Relaxed);
    }
}

/// A hub with some fake services, and contexts of a stack on it.
pub(super) struct Stage {
    pub(super) hub: Arc<Hub>,
}

impl Stage {
    pub(super) fn new(services: Vec<Fake>) -> Self {
        Self::with_objects(services, Arc::new(testing::Objects::default()))
    }

    /// The same with this object store.
    pub(super) fn with_objects(services: Vec<Fake>, objects: Arc<dyn ObjectStore>) -> Self {
        // Tokio's clock needs no runtime to be read.
        let hub = testing::hub_at(1000.0);
        hub.register(services.into_iter().map(|service| service.0 as Arc<dyn Service>).collect(), objects);
        Self { hub }
    }

    pub(super) fn context(&self, logical_id: &str) -> ResourceContext {
        ResourceContext {
            hub: Door::new(&self.hub, Caller::root()),
            stack_name: "slipway-production".to_owned(),
            stack_id: "arn:aws:cloudformation:us-east-1:000000000000:stack/slipway-production/1".to_owned(),
            logical_id: logical_id.to_owned(),
            update_policy: Value::Null,
            rolling_back: false,
            tags: vec![],
        }
    }
}

/// Creates through the trait, as the engine does, after checking that every property is accepted.
pub(super) async fn create(provider: &dyn Provider, context: &ResourceContext, properties: Value) -> Resource {
    for name in properties.as_object().unwrap().keys() {
        assert!(provider.properties().contains(&name.as_str()), "{name} is not accepted");
    }
    provider.create(context, &properties).await.unwrap()
}
