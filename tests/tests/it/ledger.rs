//! The ledger on DynamoDB, over the wire, against the plane's DynamoDB and the table that `template.yaml` describes.

use anyhow::Result;
use slipway_shared::aws;
use slipway_shared::ledger::{AwsLedger, contract};
use slipway_shared::overrides;

use crate::tables::with_table;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract_of_every_ledger() -> Result<()> {
    let (plane, settings) = with_table("Ledger", "verdicts").await?;
    let ledger = AwsLedger::new(aws::dynamodb(&settings), "verdicts");
    contract::try_all(&ledger).await?;
    overrides::contract::try_all(&ledger).await?;
    plane.shutdown().await;
    Ok(())
}
