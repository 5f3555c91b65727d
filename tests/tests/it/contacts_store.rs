//! The contacts' store on DynamoDB keeps the same contract as the one in memory: tried against the plane's DynamoDB over the wire.

use anyhow::{Context as _, Result};
use contacts_api::store::{DynamoDb, contract};
use serde_json::json;
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::aws::{self, AwsSettings};

const TABLE: &str = "contacts";

#[tokio::test]
async fn keeps_the_contract_of_every_store() -> Result<()> {
    let plane = Plane::start(PlaneOptions::default()).await?;
    let definition = json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    });
    plane.hub().call("dynamodb", "CreateTable", definition).await.context("the table cannot be made")?;
    let settings = AwsSettings::from_env(&[
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", plane.endpoint()),
    ])?;
    let store = DynamoDb::new(aws::dynamodb(&settings), TABLE);
    store.prewarm().await?;
    contract::try_all(&store).await?;
    plane.shutdown().await;
    Ok(())
}
