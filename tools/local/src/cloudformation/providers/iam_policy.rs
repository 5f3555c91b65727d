//! `AWS::IAM::Policy` (inline, on roles) and `AWS::IAM::ManagedPolicy`. Users and groups are not run by the plane.

use serde_json::{Value, json};

use super::naming;
use super::properties::{answered, changed, document, gone, list, pick, required, resource, text, texts};
use super::resource_type::{Made, Removed, resource_type};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

/// IAM's limit on a policy's name.
const NAME_LENGTH: usize = 128;
const MISSING: &[&str] = &["NoSuchEntity"];

resource_type!(InlinePolicy {
    properties: &["PolicyDocument", "PolicyName", "Roles"],
    // A new name is a change in place to CloudFormation; here it replaces, which comes to the same.
    replaced_by: &["PolicyName"],
    attributes: &["Id"],
    create: create_inline,
    update: update_inline,
    delete: delete_inline,
});

resource_type!(ManagedPolicy {
    properties: &["Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles"],
    replaced_by: &["Description", "ManagedPolicyName", "Path"],
    attributes: &["PolicyArn", "PolicyId"],
    create: create_managed,
    update: update_managed,
    delete: delete_managed,
});

fn policy_text(properties: &Value) -> String {
    document(properties.get("PolicyDocument").unwrap_or(&Value::Null))
}

async fn put_inline(context: &ResourceContext, name: &str, role: &str, policy: &str) -> Result<(), ServiceError> {
    let input = json!({ "RoleName": role, "PolicyName": name, "PolicyDocument": policy });
    context.hub.call("iam", "PutRolePolicy", input).await.map(|_| ())
}

async fn create_inline(context: &ResourceContext, properties: &Value) -> Made {
    let name = required(properties, "PolicyName")?;
    let roles = texts(properties, "Roles");
    if roles.is_empty() {
        return Err(ServiceError::validation("At least one of [Groups,Roles,Users] must be non-empty."));
    }
    let made = resource(name, [("Id", json!(name))]);
    for role in roles {
        if let Err(error) = put_inline(context, name, &role, &policy_text(properties)).await {
            let _ = delete_inline(context, &made, properties).await;
            return Err(error);
        }
    }
    Ok(made)
}

async fn update_inline(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let (before, after) = (texts(old, "Roles"), texts(new, "Roles"));
    for role in &after {
        if !before.contains(role) || changed(old, new, &["PolicyDocument"]) {
            put_inline(context, &current.physical_id, role, &policy_text(new)).await?;
        }
    }
    let left = json!({ "Roles": before.iter().filter(|role| !after.contains(role)).collect::<Vec<_>>() });
    delete_inline(context, current, &left).await?;
    Ok(current.clone())
}

async fn delete_inline(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    for role in texts(properties, "Roles") {
        let input = json!({ "RoleName": role, "PolicyName": current.physical_id });
        gone(context.hub.call("iam", "DeleteRolePolicy", input).await, MISSING)?;
    }
    Ok(())
}

async fn create_managed(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "ManagedPolicyName"), NAME_LENGTH);
    let mut input = pick(properties, &["Description", "Path"]);
    input.insert("PolicyName".to_owned(), json!(name));
    input.insert("PolicyDocument".to_owned(), json!(policy_text(properties)));
    let made = context.hub.call("iam", "CreatePolicy", Value::Object(input)).await?;
    let arn = answered(&made, "/Policy/Arn")?;
    let id = made.pointer("/Policy/PolicyId").cloned().unwrap_or_default();
    let policy = resource(arn.clone(), [("PolicyArn", json!(arn)), ("PolicyId", id)]);
    if let Err(error) = attach(context, &policy, &Value::Null, properties).await {
        let _ = delete_managed(context, &policy, properties).await;
        return Err(error);
    }
    Ok(policy)
}

async fn update_managed(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    if changed(old, new, &["PolicyDocument"]) {
        make_room(context, &current.physical_id).await?;
        let input =
            json!({ "PolicyArn": current.physical_id, "PolicyDocument": policy_text(new), "SetAsDefault": true });
        context.hub.call("iam", "CreatePolicyVersion", input).await?;
    }
    attach(context, current, old, new).await?;
    Ok(current.clone())
}

/// IAM keeps five versions: the oldest that is not in force makes room.
async fn make_room(context: &ResourceContext, arn: &str) -> Result<(), ServiceError> {
    let others = other_versions(context, arn).await?;
    match others.last() {
        Some(oldest) if others.len() >= 4 => delete_version(context, arn, oldest).await,
        _ => Ok(()),
    }
}

/// The versions that are not in force, the newest first.
async fn other_versions(context: &ResourceContext, arn: &str) -> Result<Vec<String>, ServiceError> {
    let listed = context.hub.call("iam", "ListPolicyVersions", json!({ "PolicyArn": arn })).await?;
    let others = list(&listed, "Versions").iter().filter(|version| version["IsDefaultVersion"] != true);
    Ok(others.filter_map(|version| Some(version["VersionId"].as_str()?.to_owned())).collect())
}

async fn delete_version(context: &ResourceContext, arn: &str, version: &str) -> Result<(), ServiceError> {
    let input = json!({ "PolicyArn": arn, "VersionId": version });
    gone(context.hub.call("iam", "DeletePolicyVersion", input).await, MISSING)
}

/// A policy goes with its last version.
async fn delete_managed(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    attach(context, current, properties, &Value::Null).await?;
    let arn = &current.physical_id;
    for version in other_versions(context, arn).await.or_else(|error| gone(Err(error), MISSING).map(|()| Vec::new()))? {
        delete_version(context, arn, &version).await?;
    }
    gone(context.hub.call("iam", "DeletePolicy", json!({ "PolicyArn": current.physical_id })).await, MISSING)
}

/// Detaches from the roles that are no longer named, attaches to those that are new.
async fn attach(context: &ResourceContext, policy: &Resource, old: &Value, new: &Value) -> Result<(), ServiceError> {
    let (before, after) = (texts(old, "Roles"), texts(new, "Roles"));
    let arn = &policy.physical_id;
    for role in before.iter().filter(|role| !after.contains(role)) {
        let input = json!({ "RoleName": role, "PolicyArn": arn });
        gone(context.hub.call("iam", "DetachRolePolicy", input).await, MISSING)?;
    }
    for role in after.iter().filter(|role| !before.contains(role)) {
        context.hub.call("iam", "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": arn })).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::testing::Stage;
    use super::*;
    use crate::cloudformation::provider::{Door, Provider};
    use crate::core::Caller;
    use crate::core::testing::{hub, with};
    use crate::iam;

    fn properties(action: &str) -> Value {
        let statement = json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
        json!({ "PolicyDocument": { "Version": "2012-10-17", "Statement": statement } })
    }

    #[tokio::test]
    async fn a_managed_policy_can_be_changed_again_and_again_and_goes_whole() {
        let hub = hub();
        with(&hub, vec![iam::service(&hub, &Arc::default())]);
        let context = ResourceContext { hub: Door::new(&hub, Caller::root()), ..Stage::new(vec![]).context("P") };
        let mut old = properties("s3:*");
        let made = ManagedPolicy.create(&context, &old).await.unwrap();
        for number in 0..7 {
            let new = properties(&format!("s3:Get{number}"));
            ManagedPolicy.update(&context, &made, &old, &new).await.unwrap();
            old = new;
        }
        let kept = hub.call("iam", "ListPolicyVersions", json!({ "PolicyArn": made.physical_id })).await.unwrap();
        assert_eq!((list(&kept, "Versions").len(), &kept["Versions"][0]["VersionId"]), (5, &json!("v8")));
        ManagedPolicy.delete(&context, &made, &old).await.unwrap();
        assert!(hub.call("iam", "GetPolicy", json!({ "PolicyArn": made.physical_id })).await.is_err());
    }
}
