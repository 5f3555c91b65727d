//! The contacts' store on DynamoDB, over the wire, against the plane's DynamoDB and the table that `template.yaml` describes: it keeps
//! the same contract as the one in memory, and does the same in any history.

mod histories;
mod indexes;
mod requests;

use std::fs;

use anyhow::{Context as _, Result, ensure};
use contacts_api::store::{DynamoDb, contract};
use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::template;
use slipway_tests::{eventually, project_dir};

const TABLE: &str = "contacts";

/// A template of the table alone, as the real one has it; what a mapping would say is left to CloudFormation's defaults.
fn table_template() -> Result<Value> {
    let template = template::parse(&fs::read_to_string(project_dir().join("template.yaml"))?)?;
    let table = template.at("/Resources/ContactsTable").context("the template has no table")?;
    let mut table = table.to_json();
    table["Properties"]["TableName"] = json!(TABLE);
    if let Some(properties) = table["Properties"].as_object_mut() {
        properties.shift_remove("PointInTimeRecoverySpecification");
    }
    Ok(json!({ "Resources": { "ContactsTable": table } }))
}

/// A plane with the table in it, and the store on top.
async fn started() -> Result<(Plane, DynamoDb)> {
    let plane = Plane::start(PlaneOptions::default()).await?;
    let stack = json!({ "StackName": "table", "TemplateBody": table_template()?.to_string() });
    plane
        .hub()
        .call_as(&Caller::root(), "cloudformation", "CreateStack", stack)
        .await
        .context("the stack cannot be made")?;
    let status = eventually("the stack is made", async || {
        let asked = plane
            .hub()
            .call_as(&Caller::root(), "cloudformation", "DescribeStacks", json!({ "StackName": "table" }))
            .await;
        let stack = asked.ok()?.pointer("/Stacks/0").cloned()?;
        stack["StackStatus"].as_str().filter(|status| !status.ends_with("_IN_PROGRESS")).map(ToOwned::to_owned)
    });
    let status = status.await;
    ensure!(status == "CREATE_COMPLETE", "the stack is {status}");
    let settings = AwsSettings::from_env(&[
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", plane.endpoint()),
    ])?;
    let store = DynamoDb::new(aws::dynamodb(&settings), TABLE);
    Ok((plane, store))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract_of_every_store() -> Result<()> {
    let (plane, store) = started().await?;
    store.prewarm().await?;
    contract::try_all(&store).await?;
    plane.shutdown().await;
    Ok(())
}
