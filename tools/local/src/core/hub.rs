//! The hub: how services of the plane reach one another, the clock, S3 and child processes.
//!
//! A service asks another exactly what an AWS client would ask it, by operation name and members, so the contract
//! between two services is AWS's own API and nothing else.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::{
    Authority, Caller, Clock, Ids, ObjectStore, Principal, ProcessGroups, Reply, Request, Service, ServiceError,
    Timestamp, Trail,
};

/// The owner and the place of this plane, of which ARNs are made.
#[derive(Clone, Debug)]
pub struct PlaneIdentity {
    /// The account id, twelve digits.
    pub account: String,
    /// The region, such as `us-east-1`.
    pub region: String,
}

impl Default for PlaneIdentity {
    fn default() -> Self {
        Self { account: "000000000000".to_owned(), region: "us-east-1".to_owned() }
    }
}

/// An event that a service of the plane publishes, before EventBridge gives it an id and a time.
#[derive(Clone, Debug, PartialEq)]
pub struct AwsEvent {
    /// The sender, such as `aws.codepipeline`.
    pub source: &'static str,
    /// The type of the event, such as `CodePipeline Pipeline Execution State Change`.
    pub detail_type: String,
    /// ARNs of what the event is about.
    pub resources: Vec<String>,
    /// The event's own members.
    pub detail: Value,
}

/// Tells whether anybody hears of the plane's events now.
type Audience = Box<dyn Fn() -> bool + Send + Sync>;

/// The means that every service holds. Made once; services register before the first request.
pub struct Hub {
    /// The clock of plane time.
    pub clock: Clock,
    /// The source of identifiers and weighted choices.
    pub ids: Ids,
    /// The plane's account and region.
    pub identity: PlaneIdentity,
    /// `http://127.0.0.1:port`, where the plane listens.
    pub endpoint: String,
    /// A directory of the plane's own; each service keeps to a folder in it.
    pub data_dir: PathBuf,
    /// The groups of child processes, which end with the plane.
    pub processes: ProcessGroups,
    services: OnceLock<HashMap<&'static str, Arc<dyn Service>>>,
    objects: OnceLock<Arc<dyn ObjectStore>>,
    build_path: OnceLock<Vec<PathBuf>>,
    authority: OnceLock<Arc<dyn Authority>>,
    trail: OnceLock<Arc<dyn Trail>>,
    audience: OnceLock<Audience>,
    strict_credentials: OnceLock<bool>,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub")
            .field("endpoint", &self.endpoint)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

impl Hub {
    /// Makes a hub without services.
    pub fn new(clock: Clock, ids: Ids, identity: PlaneIdentity, endpoint: String, data_dir: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            clock,
            ids,
            identity,
            endpoint,
            data_dir,
            processes: ProcessGroups::default(),
            services: OnceLock::new(),
            objects: OnceLock::new(),
            build_path: OnceLock::new(),
            authority: OnceLock::new(),
            trail: OnceLock::new(),
            audience: OnceLock::new(),
            strict_credentials: OnceLock::new(),
        })
    }

    /// Registers the services and the object store, once. A second call changes nothing.
    pub fn register(&self, services: Vec<Arc<dyn Service>>, objects: Arc<dyn ObjectStore>) {
        let _ = self.services.set(services.into_iter().map(|service| (service.name(), service)).collect());
        let _ = self.objects.set(objects);
    }

    /// Sets the directories that go in front of a build's `PATH`, once.
    pub fn set_build_path(&self, directories: Vec<PathBuf>) {
        let _ = self.build_path.set(directories);
    }

    /// The directories that go in front of a build's `PATH`.
    pub fn build_path(&self) -> &[PathBuf] {
        self.build_path.get().map_or(&[], Vec::as_slice)
    }

    /// The plane's time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The service that requests for `name` are signed for.
    pub fn service(&self, name: &str) -> Option<&Arc<dyn Service>> {
        self.services.get()?.get(name)
    }

    /// Every registered service, in no order.
    pub fn services(&self) -> impl Iterator<Item = &Arc<dyn Service>> {
        self.services.get().into_iter().flat_map(HashMap::values)
    }

    /// Sets who decides what callers may do, once. Nobody is asked until then.
    pub fn set_authority(&self, authority: Arc<dyn Authority>) {
        let _ = self.authority.set(authority);
    }

    /// The judge of what callers may do, if there is one.
    pub fn authority(&self) -> Option<&Arc<dyn Authority>> {
        self.authority.get()
    }

    /// Takes, from now on, only credentials that STS or IAM gave out. Without it any other key is the operator's.
    pub fn take_issued_credentials_only(&self) {
        let _ = self.strict_credentials.set(true);
    }

    /// True if only credentials that STS or IAM gave out are taken.
    pub fn strict_credentials(&self) -> bool {
        self.strict_credentials.get().copied().unwrap_or(false)
    }

    /// Sets who hears of every call, once.
    pub fn set_trail(&self, trail: Arc<dyn Trail>) {
        let _ = self.trail.set(trail);
    }

    /// The witness of every call, if there is one.
    pub fn trail(&self) -> Option<&Arc<dyn Trail>> {
        self.trail.get()
    }

    /// Asks a service for an operation as the plane itself, whom nobody decides about: for its own upkeep alone. A call
    /// for somebody is made with [`Hub::call_as`].
    ///
    /// # Errors
    /// Returns the service's error, or `NotImplemented` if the plane has no such service.
    pub async fn call(&self, service: &str, operation: &str, input: Value) -> Reply {
        self.call_as(&Principal::Plane.into(), service, operation, input).await
    }

    /// Asks a service for an operation, as `caller` would.
    ///
    /// # Errors
    /// Returns the service's error, or `NotImplemented` if the plane has no such service.
    pub async fn call_as(&self, caller: &Caller, service: &str, operation: &str, input: Value) -> Reply {
        let Some(target) = self.service(service) else {
            return Err(ServiceError::not_implemented(service, operation));
        };
        target.call(Request::within(operation, input, caller.clone())).await
    }

    /// Sets who tells whether anybody hears of the plane's events, once. Until then somebody does.
    pub fn set_audience(&self, audience: impl Fn() -> bool + Send + Sync + 'static) {
        let _ = self.audience.set(Box::new(audience));
    }

    /// True if an event that is published now may be heard of.
    pub fn has_audience(&self) -> bool {
        self.audience.get().is_none_or(|audience| audience())
    }

    /// S3, in process.
    ///
    /// # Errors
    /// `NotImplemented` when the plane was built without S3.
    pub fn objects(&self) -> Result<&Arc<dyn ObjectStore>, ServiceError> {
        self.objects.get().ok_or_else(|| ServiceError::not_implemented("s3", "GetObject"))
    }

    /// S3, in process, as `caller` reaches it.
    ///
    /// # Errors
    /// As [`Hub::objects`].
    pub fn objects_as(&self, caller: &Caller) -> Result<Arc<dyn ObjectStore>, ServiceError> {
        self.objects().map(|objects| Arc::clone(objects).as_caller(caller))
    }

    /// Publishes an event on the default bus, if anybody hears of it. EventBridge delivers it; a failure to is logged there.
    pub async fn publish(&self, event: AwsEvent) {
        if !self.has_audience() {
            return;
        }
        let entry = json!({
            "Source": event.source,
            "DetailType": event.detail_type,
            "Resources": event.resources,
            "Detail": event.detail.to_string(),
        });
        // `PutServiceEvents` is the plane's own door for `aws.*` sources, which PutEvents refuses to customers.
        if let Err(error) = self.call("events", "PutServiceEvents", json!({ "Entries": [entry] })).await {
            tracing::warn!(%error, source = event.source, "an event of the plane was not taken");
        }
    }

    /// Records one value of an AWS metric at the plane's time. Dimensions are `(name, value)`.
    pub async fn record_metric(
        &self,
        namespace: &str,
        name: &str,
        unit: &str,
        value: f64,
        dimensions: &[(&str, &str)],
    ) {
        let dimensions: Vec<Value> = dimensions.iter().map(|(n, v)| json!({ "Name": n, "Value": v })).collect();
        let datum = json!({
            "MetricName": name, "Unit": unit, "Value": value, "Dimensions": dimensions,
            "Timestamp": self.now().epoch_seconds(),
        });
        // `PutServiceMetricData` is the plane's own door for `AWS/*` namespaces.
        let input = json!({ "Namespace": namespace, "MetricData": [datum] });
        if let Err(error) = self.call("monitoring", "PutServiceMetricData", input).await {
            tracing::warn!(%error, namespace, name, "a metric of the plane was not taken");
        }
    }

    /// `arn:aws:service:region:account:resource`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.identity.region, self.identity.account)
    }
}
