//! DynamoDB as its clients see it, operation by operation.

mod items;
mod queries;
mod settings;
mod streams;
mod tables;
mod transactions;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::services;
use crate::core::testing::ask;
use crate::core::{Clock, Hub, Ids, PlaneIdentity, Service, ServiceError};
use crate::model;

/// Tables in a directory that goes with them.
struct Db {
    services: [Arc<dyn Service>; 2],
    runtime: Runtime,
    hub: Arc<Hub>,
    directory: Arc<TempDir>,
}

impl Db {
    fn new() -> Self {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), false)
    }

    /// A database in time that passes when it is waited for, an hour of it in a minute.
    fn paused() -> Self {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), true)
    }

    fn open(directory: Arc<TempDir>, paused: bool) -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(paused).build().unwrap();
        let endpoint = "http://127.0.0.1:4566".to_owned();
        let (hub, services) = runtime.block_on(async {
            let clock = Clock::scaled(if paused { 60.0 } else { 1.0 });
            let path = directory.path().to_path_buf();
            let hub = Hub::new(clock, Ids::seeded(1), PlaneIdentity::default(), endpoint, path);
            let services = services(&hub);
            (hub, services)
        });
        Self { services, runtime, hub, directory }
    }

    /// The same tables after an end and a new beginning.
    fn again(self) -> Self {
        let directory = Arc::clone(&self.directory);
        drop(self);
        Self::open(directory, false)
    }

    /// Lets the machine's time pass; sixty times as much passes in the plane.
    fn wait(&self, time: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }

    /// A database with a table `items` whose key is the text `a`.
    fn with_table() -> Self {
        let mut db = Self::new();
        db.ok("CreateTable", on_demand("items", &[("a", "S", "HASH")]));
        db
    }

    fn call(&mut self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        let streams = model::of("dynamodbstreams").unwrap().operation(operation).is_some();
        let service = &self.services[usize::from(streams)];
        self.runtime.block_on(ask(service.as_ref(), operation, input))
    }

    fn ok(&mut self, operation: &str, input: Value) -> Value {
        self.call(operation, input).unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// The code and the text of a refusal.
    fn refused(&mut self, operation: &str, input: Value) -> (String, String) {
        let error = self.call(operation, input).expect_err(operation);
        (error.code, error.message)
    }

    /// The text of a `ValidationException`.
    fn invalid(&mut self, operation: &str, input: Value) -> String {
        let (code, message) = self.refused(operation, input);
        assert_eq!(code, "ValidationException", "{message}");
        message
    }

    fn put(&mut self, item: Value) {
        self.ok("PutItem", json!({ "TableName": "items", "Item": item }));
    }

    fn item(&mut self, key: &str) -> Value {
        self.ok("GetItem", json!({ "TableName": "items", "Key": { "a": { "S": key } } }))["Item"].take()
    }
}

/// The input that makes a table that is paid for per request; `(name, type, role)` for each part of its key.
fn on_demand(name: &str, key: &[(&str, &str, &str)]) -> Value {
    let definitions: Vec<Value> =
        key.iter().map(|(name, kind, _)| json!({ "AttributeName": name, "AttributeType": kind })).collect();
    let schema: Vec<Value> =
        key.iter().map(|(name, _, role)| json!({ "AttributeName": name, "KeyType": role })).collect();
    json!({
        "TableName": name, "AttributeDefinitions": definitions, "KeySchema": schema, "BillingMode": "PAY_PER_REQUEST",
    })
}

fn text(value: &str) -> Value {
    json!({ "S": value })
}

/// A request for the table `items`.
fn on_t(members: Value) -> Value {
    let mut input = json!({ "TableName": "items" });
    input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    input
}
