//! The tables of the templates on a plane.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::aws::AwsSettings;
use slipway_shared::template;
use slipway_tests::{eventually, project_dir};

/// A template of the table alone, as the real one has it; what a mapping would say is left to CloudFormation's defaults.
fn table_template(file: &str, resource: &str, name: &str) -> Result<Value> {
    let template = template::parse(&fs::read_to_string(project_dir().join(file))?)?;
    let table = template.at(&format!("/Resources/{resource}")).context("the template has no table")?;
    let mut table = table.to_json();
    table["Properties"]["TableName"] = json!(name);
    if let Some(properties) = table["Properties"].as_object_mut() {
        properties.shift_remove("PointInTimeRecoverySpecification");
    }
    Ok(json!({ "Resources": { "Table": table } }))
}

/// A plane with one table of a template in it, under a name, and the settings of its clients.
pub(super) async fn with_table(file: &str, resource: &str, name: &str) -> Result<(Plane, AwsSettings)> {
    let plane = Plane::start(PlaneOptions::default()).await?;
    let settings = AwsSettings::from_env(&[
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", plane.endpoint()),
    ])?;
    make(&plane, file, resource, name).await?;
    Ok((plane, settings))
}

/// Makes a table of a template on a plane, under a name.
pub(super) async fn make(plane: &Plane, file: &str, resource: &str, name: &str) -> Result<()> {
    let stack_name = format!("table-{name}");
    let stack = json!({ "StackName": stack_name, "TemplateBody": table_template(file, resource, name)?.to_string() });
    plane
        .hub()
        .call_as(&Caller::root(), "cloudformation", "CreateStack", stack)
        .await
        .context("the stack cannot be made")?;
    let status = eventually("the stack is made", async || {
        let asked = plane
            .hub()
            .call_as(&Caller::root(), "cloudformation", "DescribeStacks", json!({ "StackName": stack_name }))
            .await;
        let stack = asked.ok()?.pointer("/Stacks/0").cloned()?;
        stack["StackStatus"].as_str().filter(|status| !status.ends_with("_IN_PROGRESS")).map(ToOwned::to_owned)
    });
    let status = status.await;
    ensure!(status == "CREATE_COMPLETE", "the stack is {status}");
    Ok(())
}
