//! Every released role is within the boundary, and the boundary allows whatever the roles do.

use anyhow::{Result, ensure};
use serde_json::json;

use super::facts::Statement;
use super::globs::covers;
use super::ground::{ACCOUNT, APPLICATION, Ground, PIPELINE_STACK, REGION, STACK};
use super::statements::{managed, of_role};

/// True if one statement of the boundary allows an action on a resource, whatever the wildcards in both stand for.
fn allowed(boundary: &[Statement], action: &str, resource: &str) -> bool {
    boundary.iter().filter(|each| each.allows).any(|each| {
        each.actions.iter().any(|known| covers(known, action))
            && each.resources.iter().any(|known| covers(known, resource))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_released_role_has_path_and_boundary_and_no_policy_beyond_it() -> Result<()> {
    let ground = Ground::with_application(&[("Tracing", "xray")]).await?;
    let boundary = ground.resource(PIPELINE_STACK, "Boundary").await?;
    let expected = format!("arn:aws:iam::{ACCOUNT}:policy/slipway-pipeline/{APPLICATION}-released-{REGION}");
    ensure!(boundary == expected, "{boundary}");
    let most = Statement::all("pipeline.yaml Boundary", &managed(&ground, &boundary).await?);
    let roles = ground.resources(STACK, "AWS::IAM::Role").await?;
    ensure!(roles.len() == 6, "{roles:?}");
    for (logical_id, name) in roles {
        let role = ground.operator("iam", "GetRole", json!({ "RoleName": name })).await?;
        let role = &role["Role"];
        ensure!(role["Path"] == format!("/slipway/{APPLICATION}/"), "{role}");
        ensure!(role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary, "{role}");
        for statement in of_role(&ground, "template.yaml", &logical_id, &name).await? {
            for action in &statement.actions {
                for resource in &statement.resources {
                    let place = &statement.place;
                    ensure!(allowed(&most, action, resource), "{place}: the boundary has no {action} on {resource}");
                }
            }
        }
    }
    ground.plane.shutdown().await;
    Ok(())
}
