//! The tables of releases of an account and region: the ones that stacks name in their output `ReleasesTableName`.

use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::release::AwsReleases;

use crate::outputs;

/// The stack's output that names its table of releases.
pub const OUTPUT: &str = "ReleasesTableName";

/// The tables of all stacks that have one.
///
/// # Errors
/// Fails with CloudFormation's refusal.
pub async fn list(settings: &AwsSettings) -> Result<Vec<AwsReleases>, String> {
    let named = outputs::named(settings, OUTPUT).await?;
    Ok(named.into_iter().map(|(_, table)| AwsReleases::new(aws::dynamodb(settings), table)).collect())
}
