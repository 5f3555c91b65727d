//! The port between the stack engine and a resource type.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Map, Value};

use crate::core::{Caller, Clock, Hub, Ids, ObjectStore, PlaneIdentity, Reply, ServiceError};

/// The caller or role for which a stack's resources are made, changed and removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The caller of the operation.
    pub caller: Caller,
    /// The stack's service role, which acts in the caller's place.
    pub role: Option<String>,
}

/// The one door through which providers reach the plane's services: every call is made by the stack's role, or by who
/// asked for the operation.
#[derive(Clone, Debug)]
pub struct Door {
    plane: Arc<Hub>,
    caller: Caller,
    /// The plane's source of identifiers.
    pub ids: Ids,
    /// The account and the region of the plane.
    pub identity: PlaneIdentity,
    /// The plane's clock, by which providers wait.
    pub clock: Clock,
}

impl Door {
    /// A door through which `caller` asks.
    pub fn new(plane: &Arc<Hub>, caller: Caller) -> Self {
        let (ids, identity, clock) = (plane.ids.clone(), plane.identity.clone(), plane.clock.clone());
        Self { plane: Arc::clone(plane), caller, ids, identity, clock }
    }

    /// Asks a service for an operation.
    ///
    /// # Errors
    /// Returns the error that the service answers.
    pub async fn call(&self, service: &str, operation: &str, input: Value) -> Reply {
        self.plane.call_as(&self.caller, service, operation, input).await
    }

    /// Opens a door of the plane's own, for what CloudFormation does itself and the API has no name for.
    ///
    /// # Errors
    /// Returns the error that the service answers.
    pub async fn open(&self, service: &str, door: &str, input: Value) -> Reply {
        self.plane.call(service, door, input).await
    }

    /// The ARN of a resource of the plane: `arn:aws:service:region:account:resource`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        self.plane.arn(service, resource)
    }

    /// S3, in process, as the same caller reaches it.
    ///
    /// # Errors
    /// `NotImplemented` when the plane was built without S3.
    pub fn objects(&self) -> Result<Arc<dyn ObjectStore>, ServiceError> {
        self.plane.objects_as(&self.caller)
    }
}

/// The surroundings of the resource that a provider works on.
#[derive(Clone, Debug)]
pub struct ResourceContext {
    /// The plane's services, asked for the stack.
    pub hub: Door,
    /// The stack's name, from which physical ids are generated.
    pub stack_name: String,
    /// The stack's ARN.
    pub stack_id: String,
    /// The resource's logical id.
    pub logical_id: String,
    /// The resource's `UpdatePolicy`, intrinsics resolved; null when it has none.
    pub update_policy: Value,
    /// True if the stack is rolling back: an alias is then put back without a deployment of its own.
    pub rolling_back: bool,
    /// The tags of the stack, which its resources get beside their own.
    pub tags: Vec<(String, String)>,
}

/// The identity of a resource that exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// The value of `Ref`.
    pub physical_id: String,
    /// The values of `Fn::GetAtt`, by attribute name (dots included, such as `Endpoint.Address`).
    pub attributes: Map<String, Value>,
}

/// Finds the provider of a resource type.
pub type ProviderLookup = fn(&str) -> Option<&'static dyn Provider>;

/// A fault of a property, seen before anything is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The name of the property.
    pub property: &'static str,
    /// The reason why the resource cannot be made or changed like this: AWS's own error, or the plane's `NotImplemented`.
    pub error: ServiceError,
}

/// A resource type's create, update and delete, over properties whose intrinsics are resolved.
pub trait Provider: Send + Sync {
    /// The properties that the type accepts; one that is not here is refused before anything is done.
    fn properties(&self) -> &'static [&'static str];

    /// The properties whose change needs a new resource.
    fn replaced_by(&self) -> &'static [&'static str];

    /// The attributes that `Fn::GetAtt` gives; another one is refused before anything is done.
    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    /// The faults of properties that the type accepts by name: such a template is refused as a whole. `old` holds the
    /// properties of the resource, if it exists. Values that depend on resources yet to be made are left out of `new`.
    fn objections(&self, _old: Option<&Value>, _new: &Value) -> Vec<Objection> {
        Vec::new()
    }

    /// Makes the resource. A partial failure leaves nothing behind.
    fn create<'a>(
        &'a self,
        context: &'a ResourceContext,
        properties: &'a Value,
    ) -> BoxFuture<'a, Result<Resource, ServiceError>>;

    /// Changes the resource in place from `old` to `new` properties.
    fn update<'a>(
        &'a self,
        context: &'a ResourceContext,
        current: &'a Resource,
        old: &'a Value,
        new: &'a Value,
    ) -> BoxFuture<'a, Result<Resource, ServiceError>>;

    /// Removes the resource; one that is gone already is a success.
    fn delete<'a>(
        &'a self,
        context: &'a ResourceContext,
        current: &'a Resource,
        properties: &'a Value,
    ) -> BoxFuture<'a, Result<(), ServiceError>>;

    /// Asks a create or update that is still running to end soon, because the stack has failed or was cancelled: an
    /// alias under CodeDeploy stops its deployment. Whatever the running call then answers is its result; the
    /// rollback that follows waits for it. Most types need nothing: their calls end by themselves.
    fn cancel<'a>(&'a self, _context: &'a ResourceContext, _properties: &'a Value) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}
