//! DynamoDB and its streams, on the library `dynoxide` (docs/adr/0007).
//!
//! The library does what concerns items: expressions, indexes, transactions, PartiQL, capacities, limits and the texts of their
//! refusals. `library` is all that knows its operations. What it leaves out of tables, tags, streams, encryption and backups
//! is done around it here.
//!
//! Assumed: nothing here takes time. A table, an index or a setting that is `CREATING` or `UPDATING` in an answer is in effect
//! when the answer is read, and the pauses that AWS wants between two changes of one setting are not asked for.

mod account;
mod backup;
mod backups;
mod change;
mod continuous_backups;
mod description;
mod encryption;
mod expressions;
mod faults;
mod indexes;
mod items;
mod library;
mod members;
mod names;
mod projected;
mod records;
mod resources;
mod settings;
mod state;
mod store;
mod streams;
mod tables;
mod tags;
#[cfg(test)]
mod tests;
mod time_to_live;
mod tokens;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::names::Names;
use crate::core::{Hub, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use state::{DynamoDb, Opened, with};
use store::Tables;

/// The interval of the search for items past their time to live, in the plane's time. AWS promises days; people want to see it happen.
const SWEEP_INTERVAL: Duration = Duration::from_secs(30);

static TABLE: Table<Arc<DynamoDb>> = Table::new(
    "dynamodb",
    Dialect::Own,
    &[
        account::OPERATIONS,
        backups::OPERATIONS,
        continuous_backups::OPERATIONS,
        items::OPERATIONS,
        tables::OPERATIONS,
        tags::OPERATIONS,
        time_to_live::OPERATIONS,
    ],
);

static STREAMS: Table<Arc<DynamoDb>> = Table {
    vendor: "dynamodb",
    ..Table::new("dynamodbstreams", Dialect::Listed("ValidationException"), &[streams::OPERATIONS])
};

/// DynamoDB and its streams, with their tables under the plane's data directory.
pub fn services(hub: &Arc<Hub>) -> [Arc<dyn Service>; 2] {
    let tables = Tables::open(hub);
    if let Err(error) = &tables {
        tracing::error!(%error, "the tables of DynamoDB cannot be opened");
    }
    let tables = Arc::new(Mutex::new(tables));
    let sweeper = tokio::spawn(sweep(Arc::clone(hub), Arc::clone(&tables))).abort_handle();
    let (names, endpoint) = (Names::new(hub.identity.clone()), hub.endpoint.clone());
    let state = Arc::new(DynamoDb { tables, names, endpoint, sweeper });
    let tables = Modelled::new(hub, Arc::clone(&state), &TABLE).ending(|state| {
        state.sweeper.abort();
        Box::pin(async {})
    });
    [Arc::new(tables), Arc::new(Modelled::new(hub, state, &STREAMS))]
}

/// Removes items past their time to live, for ever.
async fn sweep(hub: Arc<Hub>, tables: Opened) {
    loop {
        hub.clock.sleep(SWEEP_INTERVAL).await;
        if let Err(error) = with(&tables, Tables::sweep).await {
            tracing::warn!(%error, "items past their time to live were not removed");
        }
    }
}
