//! Every statement of both templates, as it is once CloudFormation has made it, against the facts.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::facts::{EVERYWHERE, Facts, Statement, UNLISTED};
use super::globs::covers;
use super::ground::{Ground, PIPELINE_STACK, STACK};

/// The inline policies of every role and every managed policy of both stacks, by the logical ids of the templates.
pub(super) async fn all(ground: &Ground) -> Result<Vec<Statement>> {
    let mut found = Vec::new();
    for (stack, template) in [(PIPELINE_STACK, "pipeline.yaml"), (STACK, "template.yaml")] {
        for (logical_id, role) in ground.resources(stack, "AWS::IAM::Role").await? {
            found.extend(of_role(ground, template, &logical_id, &role).await?);
        }
        for (logical_id, arn) in ground.resources(stack, "AWS::IAM::ManagedPolicy").await? {
            found.extend(Statement::all(&format!("{template} {logical_id}"), &managed(ground, &arn).await?));
        }
    }
    Ok(found)
}

/// The statements of a role's inline policies.
pub(super) async fn of_role(ground: &Ground, template: &str, logical_id: &str, role: &str) -> Result<Vec<Statement>> {
    let mut found = Vec::new();
    let names = ground.operator("iam", "ListRolePolicies", json!({ "RoleName": role })).await?;
    for name in names["PolicyNames"].as_array().into_iter().flatten() {
        let policy = ground.operator("iam", "GetRolePolicy", json!({ "RoleName": role, "PolicyName": name })).await?;
        let place = format!("{template} {logical_id}/{}", name.as_str().unwrap_or_default());
        found.extend(Statement::all(&place, &document(&policy["PolicyDocument"])?));
    }
    Ok(found)
}

/// The document of a managed policy that is in force.
pub(super) async fn managed(ground: &Ground, arn: &str) -> Result<Value> {
    let policy = ground.operator("iam", "GetPolicy", json!({ "PolicyArn": arn })).await?;
    let version = json!({ "PolicyArn": arn, "VersionId": policy["Policy"]["DefaultVersionId"] });
    let version = ground.operator("iam", "GetPolicyVersion", version).await?;
    document(&version["PolicyVersion"]["Document"])
}

/// IAM answers documents percent-encoded.
fn document(value: &Value) -> Result<Value> {
    let text = percent_encoding::percent_decode_str(value.as_str().unwrap_or_default()).decode_utf8()?;
    Ok(serde_json::from_str(&text)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_templates_policies_say_what_aws_knows() -> Result<()> {
    let facts = Facts::read()?;
    let ground = Ground::with_application(&[("Tracing", "xray")]).await?;
    let statements = all(&ground).await?;
    ensure!(statements.len() > 60, "{} statements are not all of them", statements.len());
    let faults: Vec<String> =
        statements.iter().flat_map(|each| facts.faults(each)).map(|fault| fault.to_string()).collect();
    ensure!(faults.is_empty(), "{}", faults.join("\n"));

    // What is listed with a reason, and no longer there, would excuse the next one.
    let given = |resource: &str| -> BTreeSet<&str> {
        let on = statements.iter().filter(|each| each.resources.iter().any(|known| known == resource));
        on.flat_map(|each| each.actions.iter().map(String::as_str)).collect()
    };
    for (action, _) in EVERYWHERE {
        ensure!(given("*").contains(action), "no policy has {action} on *");
    }
    for (action, resource, _) in UNLISTED {
        ensure!(given(resource).iter().any(|given| covers(action, given)), "no policy has {action} on {resource}");
    }
    ground.plane.shutdown().await;
    Ok(())
}
