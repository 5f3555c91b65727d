//! The ledger and the releases on DynamoDB, over the wire, against the plane's DynamoDB and the tables that the templates describe.

use anyhow::Result;
use slipway_shared::aws;
use slipway_shared::ledger::{AwsLedger, contract};
use slipway_shared::overrides;
use slipway_shared::release::{self, AwsReleases};

use crate::tables::with_table;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract_of_every_ledger() -> Result<()> {
    let (plane, settings) = with_table("template.yaml", "Ledger", "verdicts").await?;
    let ledger = AwsLedger::new(aws::dynamodb(&settings), "verdicts");
    contract::try_all(&ledger).await?;
    overrides::contract::try_all(&ledger).await?;
    plane.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract_of_every_store_of_releases() -> Result<()> {
    let (plane, settings) = with_table("pipeline.yaml", "Releases", "releases").await?;
    release::contract::try_all(&AwsReleases::new(aws::dynamodb(&settings), "releases")).await?;
    plane.shutdown().await;
    Ok(())
}
