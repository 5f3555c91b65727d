//! One kit for the tests of every service: a hub, a recording fake, an object store in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Caller, Clock, Hub, Ids, ObjectStore, PlaneIdentity, Reply, Request, Service, ServiceError, StoredObject};
use crate::model;

/// A hub of a plane that runs in real time, with repeating identifiers, and no services yet.
pub(crate) fn hub() -> Arc<Hub> {
    hub_at(1.0)
}

/// The same at `scale` times real time.
pub(crate) fn hub_at(scale: f64) -> Arc<Hub> {
    hub_at_in(scale, Path::new("/nowhere"))
}

/// A hub whose services keep their files in `directory`.
pub(crate) fn hub_in(directory: &Path) -> Arc<Hub> {
    hub_at_in(1.0, directory)
}

/// The same at `scale` times real time.
pub(crate) fn hub_at_in(scale: f64, directory: &Path) -> Arc<Hub> {
    let endpoint = "http://127.0.0.1:1".to_owned();
    Hub::new(Clock::scaled(scale), Ids::seeded(1), PlaneIdentity::default(), endpoint, directory.to_path_buf())
}

/// Registers services and an empty object store.
pub(crate) fn with(hub: &Arc<Hub>, services: Vec<Arc<dyn Service>>) {
    hub.register(services, Arc::new(Objects::default()));
}

/// Asks a service as the operator would over the wire.
pub(crate) async fn ask(service: &dyn Service, operation: &str, input: Value) -> Reply {
    service.call(Request::from_wire(operation, input, Caller::root())).await
}

/// A call that a fake was asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    /// The operation's name.
    pub(crate) operation: String,
    /// Its input, as the fake received it.
    pub(crate) input: Value,
}

type Answer = dyn Fn(&str, &Value) -> Reply + Send + Sync;

/// A service that records what it is asked and answers as it was told to. It refuses what the real service's model does not
/// have or take, and answers nothing that the model does not have, so that no test passes on a call that AWS would refuse or
/// on an answer that AWS does not give.
pub(crate) struct Fake {
    name: &'static str,
    asked: Mutex<Vec<Asked>>,
    answer: Box<Answer>,
}

impl Fake {
    /// A fake of the service called `name`.
    pub(crate) fn new(name: &'static str, answer: impl Fn(&str, &Value) -> Reply + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { name, asked: Mutex::default(), answer: Box::new(answer) })
    }

    /// A fake that has nothing to say, and is asked for these operations alone.
    pub(crate) fn quiet(name: &'static str, operations: &'static [&'static str]) -> Arc<Self> {
        Self::new(name, move |operation, _| {
            assert!(operations.contains(&operation), "nobody asks {name} for {operation}");
            Ok(json!({}))
        })
    }

    /// The requests that it received, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The inputs of the calls of one operation, in order.
    pub(crate) fn inputs(&self, operation: &str) -> Vec<Value> {
        self.asked().into_iter().filter(|asked| asked.operation == operation).map(|asked| asked.input).collect()
    }

    fn take(&self, request: Request) -> Reply {
        let mut input = request.input.into_value();
        let model = model::of(self.name);
        let known = model.and_then(|model| Some((model, model.operation(&request.operation)?)));
        // The plane's own doors are in no model.
        let is_door = known.is_none() && request.caller.is_plane();
        assert!(model.is_none() || known.is_some() || is_door, "{} has no operation {}", self.name, request.operation);
        if let Some((model, shape)) = known.and_then(|(model, known)| Some((model, known.input?))) {
            model::coerce(model, shape, &mut input);
            let faults = model::check(model, shape, &input);
            assert!(faults.is_empty(), "{}:{} of {input}: {faults:?}", self.name, request.operation);
        }
        let asked = Asked { operation: request.operation, input };
        let reply = (self.answer)(&asked.operation, &asked.input);
        if let (Some((model, known)), Ok(Value::Object(members))) = (known, &reply) {
            let output = known.output.and_then(|shape| model.structure(shape));
            let unknown = members.keys().find(|name| output.is_none_or(|output| !output.members.contains_key(*name)));
            assert_eq!(unknown, None, "{}:{} answers no such member", self.name, asked.operation);
        }
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        reply
    }
}

impl Service for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        let reply = self.take(request);
        Box::pin(async move { reply })
    }
}

/// Lambda with functions that take every event; their payloads come out of the receiver.
pub(crate) fn functions() -> (Arc<Fake>, mpsc::UnboundedReceiver<Value>) {
    let (invoked, payloads) = mpsc::unbounded_channel();
    let lambda = Fake::new("lambda", move |operation, input| {
        assert_eq!(operation, "Invoke");
        let payload = BASE64_STANDARD.decode(input["Payload"].as_str().unwrap()).unwrap();
        invoked.send(serde_json::from_slice(&payload).unwrap()).unwrap();
        Ok(json!({ "StatusCode": 202 }))
    });
    (lambda, payloads)
}

/// An object store in memory, as strict as the port says.
#[derive(Debug, Default)]
pub(crate) struct Objects(Mutex<BTreeMap<String, BTreeMap<String, StoredObject>>>);

impl Objects {
    /// The keys in a bucket, in order.
    pub(crate) fn keys(&self, bucket: &str) -> Vec<String> {
        self.with(|buckets| buckets.get(bucket).map(|objects| objects.keys().cloned().collect()).unwrap_or_default())
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, BTreeMap<String, StoredObject>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn no_bucket() -> ServiceError {
    ServiceError::new("NoSuchBucket", "The specified bucket does not exist").with_status(404)
}

impl ObjectStore for Objects {
    fn as_caller(self: Arc<Self>, _: &Caller) -> Arc<dyn ObjectStore> {
        self
    }

    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<StoredObject, ServiceError>> {
        let found = self.with(|buckets| {
            let missing = || ServiceError::new("NoSuchKey", "The specified key does not exist.").with_status(404);
            buckets.get(bucket).ok_or_else(no_bucket)?.get(key).cloned().ok_or_else(missing)
        });
        Box::pin(async move { found })
    }

    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        object: StoredObject,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        let put = self.with(|buckets| {
            buckets.get_mut(bucket).ok_or_else(no_bucket)?.insert(key.to_owned(), object);
            Ok(())
        });
        Box::pin(async move { put })
    }

    fn create_bucket_with<'a>(
        &'a self,
        bucket: &'a str,
        _headers: Vec<(&'static str, String)>,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        self.with(|buckets| {
            buckets.entry(bucket.to_owned()).or_default();
        });
        Box::pin(async { Ok(()) })
    }

    fn delete_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>> {
        let deleted = self.with(|buckets| match buckets.get(bucket) {
            None => Err(no_bucket()),
            Some(objects) if !objects.is_empty() => {
                let text = "The bucket you tried to delete is not empty";
                Err(ServiceError::new("BucketNotEmpty", text).with_status(409))
            }
            Some(_) => {
                buckets.remove(bucket);
                Ok(())
            }
        });
        Box::pin(async move { deleted })
    }
}
