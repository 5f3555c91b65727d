//! Traces by a collector need one.

use anyhow::{Result, ensure};

use super::ground::Ground;

#[tokio::test]
async fn tracing_by_a_collector_says_which_parameter_is_missing() -> Result<()> {
    let ground = Ground::with_pipeline().await?;
    let refused = ground.release(|_| {}, &[("Tracing", "otlp")]).await.unwrap_err();
    let said = format!("{refused:#}");
    ensure!(said.contains("Tracing otlp needs CollectorLayer"), "{said}");
    // The plane runs no layers, and says so: the template has one.
    let layer = "arn:aws:lambda:us-east-1:901920570463:layer:aws-otel-collector-amd64-ver-0-117-0:1";
    let brought = [("Tracing", "otlp"), ("CollectorLayer", layer)];
    let said = format!("{:#}", ground.release(|_| {}, &brought).await.unwrap_err());
    ensure!(said.contains("ContactsApi") && said.contains("Layers"), "{said}");
    ground.plane.shutdown().await;
    Ok(())
}
