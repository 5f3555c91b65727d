//! The role by which CodeDeploy shifts what a guard guards. Where the role of the function is under a path and within a boundary, this
//! one is too: whoever may make the one may then make the other.

use serde_json::{Value, json};

use super::functions::Guardable;
use super::preference::{SERVICE, SERVICE_POLICY};
use super::reference::is_arn;

/// The logical id of the role that a guard makes where SAM would make one without a boundary.
pub(super) const BOUNDED: &str = "GuardServiceRole";

/// The role, as the guard writes it.
pub(super) fn role(function: &Guardable<'_>) -> Value {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": { "Service": [SERVICE] } }],
    });
    let policy = json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::aws:policy/{SERVICE_POLICY}") });
    let mut properties = json!({ "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": [policy] });
    for (name, value) in bounds(function) {
        properties[name] = value.clone();
    }
    json!({ "Type": "AWS::IAM::Role", "Properties": properties })
}

/// True if the role of the function is within a boundary.
pub(super) fn is_bounded(function: &Guardable<'_>) -> bool {
    bounds(function).iter().any(|(name, _)| *name == "PermissionsBoundary")
}

/// Path and boundary: of the role that the function names, if the template has it, or that SAM gives to the role which it makes.
fn bounds<'a>(function: &Guardable<'a>) -> Vec<(&'static str, &'a Value)> {
    let of_role = |role: &Value| {
        let resources = function.template()["Resources"].as_object()?;
        let (_, named) = resources.iter().find(|(id, _)| is_arn(role, id))?;
        Some(&named["Properties"])
    };
    let found = match function.property("Role") {
        Some(role) => of_role(role).map(|role| [role.get("Path"), role.get("PermissionsBoundary")]),
        None => Some([function.property("RolePath"), function.property("PermissionsBoundary")]),
    };
    let named = ["Path", "PermissionsBoundary"].into_iter().zip(found.into_iter().flatten());
    named.filter_map(|(name, value)| Some((name, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(function: Value, role: Value) -> Value {
        let template = json!({
            "Globals": { "Function": { "RolePath": "/global/", "PermissionsBoundary": "arn:global" } },
            "Resources": { "F": function, "R": { "Type": "AWS::IAM::Role", "Properties": role } },
        });
        let found = Guardable::find(&template, "F").unwrap();
        let mut made = role_of(&found);
        let properties = made.as_object_mut().unwrap();
        properties.retain(|name, _| ["Path", "PermissionsBoundary"].contains(&name.as_str()));
        made
    }

    fn role_of(function: &Guardable<'_>) -> Value {
        role(function)["Properties"].clone()
    }

    #[test]
    fn a_role_has_the_bounds_of_the_functions_own() {
        let own = json!({ "Path": "/app/", "PermissionsBoundary": "arn:own" });
        let plain = |role: Value| json!({ "Type": "AWS::Lambda::Function", "Properties": { "Role": role } });
        assert_eq!(of(plain(json!({ "Fn::GetAtt": ["R", "Arn"] })), own.clone()), own);
        assert_eq!(of(plain(json!({ "Fn::GetAtt": "R.Arn" })), json!({})), json!({}));
        assert_eq!(of(plain(json!("arn:aws:iam::000000000000:role/r")), own.clone()), json!({}));
        let global = json!({ "Path": "/global/", "PermissionsBoundary": "arn:global" });
        assert_eq!(of(json!({ "Type": "AWS::Serverless::Function" }), own), global);
    }
}
