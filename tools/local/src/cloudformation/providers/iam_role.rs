//! `AWS::IAM::Role`, with its inline policies and attachments.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::properties::{answered, changed, document, gone, list, pick, required, resource, text, texts};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::numbers;
use super::{naming, tags};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

/// IAM's limit on a role's name.
const NAME_LENGTH: usize = 64;
const MISSING: &[&str] = &["NoSuchEntity"];

resource_type!(Role {
    properties: &[
        "AssumeRolePolicyDocument",
        "Description",
        "ManagedPolicyArns",
        "MaxSessionDuration",
        "Path",
        "PermissionsBoundary",
        "Policies",
        "RoleName",
        "Tags",
    ],
    replaced_by: &["Path", "RoleName"],
    attributes: &["Arn", "RoleId"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "RoleName"), NAME_LENGTH);
    let trust = properties.get("AssumeRolePolicyDocument").ok_or_else(|| {
        ServiceError::validation("Property validation failure: required property AssumeRolePolicyDocument is missing")
    })?;
    let mut input = pick(properties, &["Description", "MaxSessionDuration", "Path", "PermissionsBoundary"]);
    input.insert("RoleName".to_owned(), json!(name));
    input.insert("AssumeRolePolicyDocument".to_owned(), json!(document(trust)));
    tags::insert(&mut input, "Tags", Value::Array(tags::list(&tags::all(context, properties))));
    let mut input = Value::Object(input);
    numbers(&mut input, &["MaxSessionDuration"]);
    let made = context.hub.call("iam", "CreateRole", input).await?;
    let attributes =
        [("Arn", json!(answered(&made, "/Role/Arn")?)), ("RoleId", json!(answered(&made, "/Role/RoleId")?))];
    let role = resource(name, attributes);
    if let Err(error) = apply_policies(context, &role, &Value::Null, properties).await {
        // The first failure is the one that is reported.
        let _ = delete(context, &role, properties).await;
        return Err(error);
    }
    Ok(role)
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let name = &current.physical_id;
    if changed(old, new, &["AssumeRolePolicyDocument"]) {
        let trust = document(new.get("AssumeRolePolicyDocument").unwrap_or(&Value::Null));
        let input = json!({ "RoleName": name, "PolicyDocument": trust });
        context.hub.call("iam", "UpdateAssumeRolePolicy", input).await?;
    }
    if changed(old, new, &["Description", "MaxSessionDuration"]) {
        let mut input = json!({
            "RoleName": name, "Description": text(new, "Description").unwrap_or_default(),
            "MaxSessionDuration": new.get("MaxSessionDuration").cloned().unwrap_or(json!(3600)),
        });
        numbers(&mut input, &["MaxSessionDuration"]);
        context.hub.call("iam", "UpdateRole", input).await?;
    }
    if changed(old, new, &["PermissionsBoundary"]) {
        let (operation, input) = match text(new, "PermissionsBoundary") {
            Some(arn) => ("PutRolePermissionsBoundary", json!({ "RoleName": name, "PermissionsBoundary": arn })),
            None => ("DeleteRolePermissionsBoundary", json!({ "RoleName": name })),
        };
        context.hub.call("iam", operation, input).await?;
    }
    apply_policies(context, current, old, new).await?;
    let change = tags::Change::between(old, new);
    if !change.removed.is_empty() {
        let input = json!({ "RoleName": name, "TagKeys": change.removed });
        context.hub.call("iam", "UntagRole", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "RoleName": name, "Tags": tags::list(&change.set) });
        context.hub.call("iam", "TagRole", input).await?;
    }
    Ok(current.clone())
}

/// A role goes only without policies.
async fn delete(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    for arn in texts(properties, "ManagedPolicyArns") {
        let input = json!({ "RoleName": current.physical_id, "PolicyArn": arn });
        gone(context.hub.call("iam", "DetachRolePolicy", input).await, MISSING)?;
    }
    for policy in list(properties, "Policies") {
        let input = json!({ "RoleName": current.physical_id, "PolicyName": required(policy, "PolicyName")? });
        gone(context.hub.call("iam", "DeleteRolePolicy", input).await, MISSING)?;
    }
    gone(context.hub.call("iam", "DeleteRole", json!({ "RoleName": current.physical_id })).await, MISSING)
}

/// Brings inline policies and attachments from the old properties to the new.
async fn apply_policies(
    context: &ResourceContext,
    role: &Resource,
    old: &Value,
    new: &Value,
) -> Result<(), ServiceError> {
    let name = &role.physical_id;
    let (attached, wanted) = (texts(old, "ManagedPolicyArns"), texts(new, "ManagedPolicyArns"));
    for arn in attached.iter().filter(|arn| !wanted.contains(arn)) {
        let input = json!({ "RoleName": name, "PolicyArn": arn });
        gone(context.hub.call("iam", "DetachRolePolicy", input).await, MISSING)?;
    }
    for arn in wanted.iter().filter(|arn| !attached.contains(arn)) {
        context.hub.call("iam", "AttachRolePolicy", json!({ "RoleName": name, "PolicyArn": arn })).await?;
    }
    let (before, after) = (inline(old)?, inline(new)?);
    for policy in before.keys().filter(|policy| !after.contains_key(*policy)) {
        let input = json!({ "RoleName": name, "PolicyName": policy });
        gone(context.hub.call("iam", "DeleteRolePolicy", input).await, MISSING)?;
    }
    for (policy, text) in after.iter().filter(|(policy, text)| before.get(*policy) != Some(text)) {
        let mut input = Map::new();
        input.insert("RoleName".to_owned(), json!(name));
        input.insert("PolicyName".to_owned(), json!(policy));
        input.insert("PolicyDocument".to_owned(), json!(text));
        context.hub.call("iam", "PutRolePolicy", Value::Object(input)).await?;
    }
    Ok(())
}

fn inline(properties: &Value) -> Result<BTreeMap<String, String>, ServiceError> {
    list(properties, "Policies")
        .iter()
        .map(|policy| {
            let text = document(policy.get("PolicyDocument").unwrap_or(&Value::Null));
            Ok((required(policy, "PolicyName")?.to_owned(), text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Asked, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    fn iam(refused: &'static str) -> (Stage, Asked) {
        let (fake, asked) = Fake::new("iam", move |operation, _| match operation {
            refused_now if refused_now == refused => Err(ServiceError::new("MalformedPolicyDocument", "no")),
            "CreateRole" => Ok(json!({ "Role": { "Arn": "arn:role", "RoleId": "AROA" } })),
            "AttachRolePolicy" | "DetachRolePolicy" | "PutRolePolicy" | "DeleteRolePolicy" | "DeleteRole" => {
                Ok(Value::Null)
            }
            other => panic!("{other} was not expected"),
        });
        (Stage::new(vec![fake]), asked)
    }

    fn properties() -> Value {
        json!({
            "AssumeRolePolicyDocument": { "Statement": [] }, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/A"],
            "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Statement": [] } }],
        })
    }

    #[tokio::test]
    async fn a_role_is_made_with_its_policies() {
        let (stage, asked) = iam("");
        let made = testing::create(&Role, &stage.context("R"), properties()).await;
        assert_eq!(made.attributes["Arn"], "arn:role");
        assert_eq!(asked.operations(), ["CreateRole", "AttachRolePolicy", "PutRolePolicy"]);
        assert_eq!(asked.input("CreateRole")["AssumeRolePolicyDocument"], r#"{"Statement":[]}"#);
    }

    #[tokio::test]
    async fn a_policy_that_is_refused_takes_the_role_with_it() {
        let (stage, asked) = iam("PutRolePolicy");
        assert!(Role.create(&stage.context("R"), &properties()).await.is_err());
        assert_eq!(asked.operations().last().unwrap(), "DeleteRole");
    }

    #[tokio::test]
    async fn an_update_changes_only_the_policies_that_differ() {
        let (stage, asked) = iam("");
        let mut new = properties();
        new["ManagedPolicyArns"] = json!(["arn:aws:iam::aws:policy/B"]);
        Role.update(&stage.context("R"), &resource("r", []), &properties(), &new).await.unwrap();
        assert_eq!(asked.operations(), ["DetachRolePolicy", "AttachRolePolicy"]);
    }
}
