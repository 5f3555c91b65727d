//! The state of DynamoDB and its streams, and the way of an operation to the tables.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::task::AbortHandle;

use super::names::Names;
use super::store::Tables;
use crate::core::{Reply, Request, ServiceError};

/// The tables, or the reason why they cannot be opened.
pub(super) type Opened = Arc<Mutex<Result<Tables, String>>>;

/// The state of both services.
pub(super) struct DynamoDb {
    pub(super) tables: Opened,
    pub(super) names: Names,
    pub(super) endpoint: String,
    pub(super) sweeper: AbortHandle,
}

/// Runs an operation on the tables.
pub(super) fn act<'a>(
    state: &'a Arc<DynamoDb>,
    request: &'a Request,
    work: fn(&mut Tables, &str, Value) -> Reply,
) -> BoxFuture<'a, Reply> {
    let (operation, input) = (request.operation.clone(), request.input.clone().into_value());
    Box::pin(with(&state.tables, move |tables| tables.named_by_arn(&operation, input, work)))
}

/// Works on the tables in a thread of its own: SQLite waits for disks.
pub(super) async fn with<T: Send + 'static>(
    tables: &Opened,
    work: impl FnOnce(&mut Tables) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let tables = Arc::clone(tables);
    let worked = tokio::task::spawn_blocking(move || {
        let mut tables = tables.lock().unwrap_or_else(PoisonError::into_inner);
        match tables.as_mut() {
            Ok(tables) => work(tables),
            Err(error) => Err(ServiceError::internal(error.as_str())),
        }
    });
    worked.await.unwrap_or_else(|broken| Err(ServiceError::internal(broken.to_string())))
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}
