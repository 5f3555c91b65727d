//! What the tests of providers stand on: a hub with small services that write down what they are asked.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::Value;

use crate::cloudformation::provider::{Provider, Resource, ResourceContext};
use crate::core::{Clock, Hub, Ids, ObjectStore, PlaneIdentity, Reply, Request, Service, ServiceError, StoredObject};

/// How a fake service answers an operation.
type Answer = Box<dyn Fn(&str, &Value) -> Reply + Send + Sync>;

/// A service that answers from a closure and remembers what it was asked.
pub(super) struct Fake {
    name: &'static str,
    answer: Answer,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Fake {
    pub(super) fn new(
        name: &'static str,
        answer: impl Fn(&str, &Value) -> Reply + Send + Sync + 'static,
    ) -> (Self, Asked) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        (Self { name, answer: Box::new(answer), asked: Arc::clone(&asked) }, Asked(asked))
    }
}

impl Service for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        let input = request.input.into_value();
        let reply = (self.answer)(&request.operation, &input);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((request.operation, input));
        Box::pin(async move { reply })
    }
}

/// What a fake service was asked, in order.
#[derive(Clone)]
pub(super) struct Asked(Arc<Mutex<Vec<(String, Value)>>>);

impl Asked {
    pub(super) fn operations(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(operation, _)| operation.clone()).collect()
    }

    /// The input of the last time that an operation was asked.
    pub(super) fn input(&self, operation: &str) -> Value {
        let all = self.0.lock().unwrap();
        let found = all.iter().rev().find(|(asked, _)| asked == operation);
        found.map(|(_, input)| input.clone()).unwrap_or_else(|| panic!("{operation} was not asked: {all:?}"))
    }

    pub(super) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

/// Buckets by name.
#[derive(Default)]
pub(super) struct Buckets(pub(super) Mutex<Vec<String>>);

impl ObjectStore for Buckets {
    fn get<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<StoredObject, ServiceError>> {
        Box::pin(async { Ok(StoredObject { body: Bytes::new(), ..StoredObject::default() }) })
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a str, _: StoredObject) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async { Ok(()) })
    }

    fn create_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>> {
        self.0.lock().unwrap().push(bucket.to_owned());
        Box::pin(async { Ok(()) })
    }

    fn delete_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>> {
        let mut buckets = self.0.lock().unwrap();
        let before = buckets.len();
        buckets.retain(|known| known != bucket);
        let found = buckets.len() < before;
        Box::pin(async move { if found { Ok(()) } else { Err(ServiceError::new("NoSuchBucket", "no such bucket")) } })
    }
}

/// A hub with some fake services, and contexts of a stack on it.
pub(super) struct Stage {
    pub(super) hub: Arc<Hub>,
    pub(super) buckets: Arc<Buckets>,
    _directory: tempfile::TempDir,
}

impl Stage {
    pub(super) fn new(services: Vec<Fake>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // Tokio's clock needs no runtime to be read.
        let hub = Hub::new(
            Clock::scaled(1000.0),
            Ids::seeded(1),
            PlaneIdentity::default(),
            "http://127.0.0.1:1".to_owned(),
            directory.path().to_owned(),
        );
        let buckets = Arc::new(Buckets::default());
        let services = services.into_iter().map(|service| Arc::new(service) as Arc<dyn Service>).collect();
        hub.register(services, Arc::clone(&buckets) as Arc<dyn ObjectStore>);
        Self { hub, buckets, _directory: directory }
    }

    pub(super) fn context(&self, logical_id: &str) -> ResourceContext {
        ResourceContext {
            hub: Arc::clone(&self.hub),
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
