//! A world for tests: one resource type, `Test::Thing`, whose things live in a service of their own.
//!
//! A thing whose `Value` is `fail` cannot be made or changed; one whose `Value` is `slow` takes until it is let go or
//! cancelled; one whose `Stay` is `yes` cannot be deleted while the world says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use super::api;
use super::provider::{Provider, Resource, ResourceContext};
use crate::core::{Caller, Hub, Input, Reply, Request, Service, ServiceError, testing};

/// Finds `Test::Thing` and a role to ask capabilities for.
pub fn lookup(resource_type: &str) -> Option<&'static dyn Provider> {
    match resource_type {
        "Test::Thing" | "AWS::IAM::Role" => Some(&ThingProvider),
        _ => None,
    }
}

struct ThingProvider;

impl ThingProvider {
    fn resource(properties: &Value, physical_id: String) -> Resource {
        let value = properties.get("Value").cloned().unwrap_or_default();
        let mut attributes = Map::new();
        attributes.insert("Arn".to_owned(), json!(format!("arn:{physical_id}")));
        attributes.insert("Value".to_owned(), value);
        Resource { physical_id, attributes }
    }
}

impl Provider for ThingProvider {
    fn properties(&self) -> &'static [&'static str] {
        &["Name", "Value", "Other", "Stay", "Tags", "RoleName", "AssumeRolePolicyDocument"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["Name"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn", "Value"]
    }

    fn create<'a>(
        &'a self,
        context: &'a ResourceContext,
        properties: &'a Value,
    ) -> BoxFuture<'a, Result<Resource, ServiceError>> {
        Box::pin(async move {
            let input = json!({ "Hint": context.logical_id, "Properties": properties });
            let id = context.hub.call("things", "Create", input).await?;
            Ok(Self::resource(properties, id.as_str().unwrap_or_default().to_owned()))
        })
    }

    fn update<'a>(
        &'a self,
        context: &'a ResourceContext,
        current: &'a Resource,
        _old: &'a Value,
        new: &'a Value,
    ) -> BoxFuture<'a, Result<Resource, ServiceError>> {
        Box::pin(async move {
            let input = json!({ "Id": current.physical_id, "Properties": new });
            context.hub.call("things", "Update", input).await?;
            Ok(Self::resource(new, current.physical_id.clone()))
        })
    }

    fn delete<'a>(
        &'a self,
        context: &'a ResourceContext,
        current: &'a Resource,
        _properties: &'a Value,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(
            async move { context.hub.call("things", "Delete", json!({ "Id": current.physical_id })).await.map(|_| ()) },
        )
    }

    fn cancel<'a>(&'a self, context: &'a ResourceContext, _properties: &'a Value) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let _ = context.hub.call("things", "Release", json!({})).await;
        })
    }
}

/// The service that the things live in; also SSM, SNS and EventBridge as far as stacks use them, and S3.
#[derive(Debug, Default)]
pub struct Things {
    things: Mutex<BTreeMap<String, Value>>,
    made: Mutex<usize>,
    pub ssm: Mutex<BTreeMap<String, String>>,
    pub events: Mutex<Vec<Value>>,
    pub messages: Mutex<Vec<Value>>,
    pub stuck: Mutex<BTreeSet<String>>,
    released: Notify,
}

impl Things {
    /// The properties of everything that exists, by physical id.
    pub fn all(&self) -> BTreeMap<String, Value> {
        lock(&self.things).clone()
    }

    /// The values of everything that exists, by logical id.
    pub fn values(&self) -> BTreeMap<String, Value> {
        let things = lock(&self.things);
        let logical = |id: &str| id.rsplit_once('-').map_or(id, |(logical, _)| logical).to_owned();
        things.iter().map(|(id, properties)| (logical(id), properties["Value"].clone())).collect()
    }

    /// Lets go of one thing that is slow.
    pub fn release(&self) {
        self.released.notify_one();
    }

    async fn write(&self, id: String, properties: &Value) -> Reply {
        match properties["Value"].as_str() {
            Some("fail") => return Err(ServiceError::new("InvalidParameterValueException", "it cannot be so")),
            Some("slow") => self.released.notified().await,
            _ => {}
        }
        lock(&self.things).insert(id.clone(), properties.clone());
        Ok(json!(id))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Door {
    name: &'static str,
    things: Arc<Things>,
}

impl Service for Door {
    fn name(&self) -> &'static str {
        self.name
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let (things, input) = (&self.things, request.input.clone().into_value());
            match (self.name, request.operation.as_str()) {
                ("things", "Create") => {
                    let number = {
                        let mut made = lock(&things.made);
                        *made += 1;
                        *made
                    };
                    let id = format!("{}-{number}", input["Hint"].as_str().unwrap_or_default());
                    things.write(id, &input["Properties"]).await
                }
                ("things", "Update") => {
                    things.write(input["Id"].as_str().unwrap_or_default().to_owned(), &input["Properties"]).await
                }
                ("things", "Delete") => {
                    let id = input["Id"].as_str().unwrap_or_default();
                    if lock(&things.stuck).iter().any(|stuck| id.starts_with(stuck.as_str())) {
                        return Err(ServiceError::new("ResourceInUse", "it is in use"));
                    }
                    lock(&things.things).remove(id);
                    Ok(json!({}))
                }
                ("things", "Release") => {
                    things.release();
                    Ok(json!({}))
                }
                ("ssm", "GetParameter") => {
                    let name = input["Name"].as_str().unwrap_or_default();
                    let held = lock(&things.ssm).get(name).cloned();
                    let value = held.ok_or_else(|| ServiceError::new("ParameterNotFound", ""))?;
                    Ok(json!({ "Parameter": { "Value": value } }))
                }
                ("events", _) => {
                    lock(&things.events).extend(input["Entries"].as_array().cloned().unwrap_or_default());
                    Ok(json!({}))
                }
                ("sns", _) => {
                    lock(&things.messages).push(input);
                    Ok(json!({}))
                }
                (name, operation) => Err(ServiceError::not_implemented(name, operation)),
            }
        })
    }
}

/// A plane with CloudFormation and the things.
pub struct World {
    pub hub: Arc<Hub>,
    pub things: Arc<Things>,
}

impl World {
    pub fn new() -> Self {
        let hub = testing::hub();
        let things = Arc::new(Things::default());
        let door = |name| Arc::new(Door { name, things: Arc::clone(&things) }) as Arc<dyn Service>;
        let cloudformation = api::service(&hub, lookup);
        let services = vec![cloudformation, door("things"), door("ssm"), door("events"), door("sns")];
        testing::with(&hub, services);
        Self { hub, things }
    }

    pub async fn call(&self, operation: &str, input: Value) -> Reply {
        let service = self.hub.service("cloudformation").unwrap();
        service.call(Request::from_wire(operation, input, Caller::root())).await
    }

    /// Calls an operation, which must succeed.
    pub async fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap()
    }

    /// The message that the operation is refused with.
    pub async fn refused(&self, operation: &str, input: Value) -> String {
        self.call(operation, input).await.unwrap_err().message
    }

    /// The description of the stack `s`.
    pub async fn stack(&self) -> Input {
        let reply = self.ok("DescribeStacks", json!({ "StackName": "s" })).await;
        Input::from(reply["Stacks"][0].clone())
    }

    /// Waits until the stack has the status.
    pub async fn until(&self, stack_id: &str, status: &str) {
        let waiting = async {
            loop {
                let reply = self.ok("DescribeStacks", json!({ "StackName": stack_id })).await;
                if reply["Stacks"][0]["StackStatus"] == status {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.is_err() {
            let events = self.events(stack_id).await;
            panic!("the stack never gets to {status}: {events:#?}");
        }
    }

    /// `LogicalId STATUS reason` of each event, oldest first.
    pub async fn events(&self, stack_id: &str) -> Vec<String> {
        let reply = self.ok("DescribeStackEvents", json!({ "StackName": stack_id })).await;
        let line = |event: &Value| {
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            let line = [text("LogicalResourceId"), text("ResourceStatus"), text("ResourceStatusReason")].join(" ");
            line.trim().to_owned()
        };
        reply["StackEvents"].as_array().into_iter().flatten().rev().map(line).collect()
    }
}
