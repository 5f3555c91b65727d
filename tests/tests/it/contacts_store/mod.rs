//! The contacts' store on DynamoDB, over the wire, against the plane's DynamoDB and the table that `template.yaml` describes: it keeps
//! the same contract as the one in memory, and does the same in any history.

mod histories;
mod indexes;
mod requests;

use anyhow::Result;
use contacts_api::store::{DynamoDb, contract};
use slipway_local::Plane;
use slipway_shared::aws;

use crate::tables::with_table;

const TABLE: &str = "contacts";

/// A plane with the table in it, and the store on top.
async fn started() -> Result<(Plane, DynamoDb)> {
    let (plane, settings) = with_table("template.yaml", "ContactsTable", TABLE).await?;
    Ok((plane, DynamoDb::new(aws::dynamodb(&settings), TABLE)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract_of_every_store() -> Result<()> {
    let (plane, store) = started().await?;
    store.prewarm().await?;
    contract::try_all(&store).await?;
    plane.shutdown().await;
    Ok(())
}
