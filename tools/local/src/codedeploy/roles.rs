//! What a deployment group's service role lets CodeDeploy invoke.

use serde_json::{Value, json};

use crate::core::Hub;

/// The managed policies' rule: `lambda:InvokeFunction` on `CodeDeployHook_*` alone.
const HOOK_PREFIX: &str = "CodeDeployHook_";
const MANAGED: &str = "AWSCodeDeployRole";

/// Whether CodeDeploy may invoke `function` as the role. A function named `CodeDeployHook_*` it always may. Any other
/// it may when the role has a policy of its own besides AWS's managed ones: which actions and resources that policy
/// names is not evaluated. A role that cannot be seen has none.
pub(super) async fn may_invoke(hub: &Hub, role: &str, function: &str) -> bool {
    function_name(function).starts_with(HOOK_PREFIX) || has_own_policy(hub, role).await
}

async fn has_own_policy(hub: &Hub, role: &str) -> bool {
    let Some(name) = role.rsplit('/').next().filter(|name| !name.is_empty()) else { return false };
    let input = || json!({ "RoleName": name });
    let inline = hub.call("iam", "ListRolePolicies", input()).await;
    if inline.is_ok_and(|reply| !members(&reply["PolicyNames"]).is_empty()) {
        return true;
    }
    let attached = hub.call("iam", "ListAttachedRolePolicies", input()).await;
    attached.is_ok_and(|reply| {
        let own = |policy: &Value| policy["PolicyName"].as_str().is_some_and(|name| !name.starts_with(MANAGED));
        members(&reply["AttachedPolicies"]).iter().any(own)
    })
}

fn members(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// The name in a function's name, partial ARN or ARN.
fn function_name(function: &str) -> &str {
    let name = function.split_once("function:").map_or(function, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_in_an_arn() {
        assert_eq!(
            function_name("arn:aws:lambda:us-east-1:000000000000:function:CodeDeployHook_a:1"),
            "CodeDeployHook_a"
        );
        assert_eq!(function_name("CodeDeployHook_a"), "CodeDeployHook_a");
    }
}
