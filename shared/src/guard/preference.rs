//! The names and shapes that SAM gives to what it makes of a `DeploymentPreference`.
//!
//! The guard of a plain function writes them, and so does the local plane's expansion of SAM: a stack has the same resources
//! whichever of the two made them
//! (<https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html>).

use serde_json::{Map, Value, json};

/// The ways of traffic that have short names; each stands for the deployment configuration `CodeDeployDefault.Lambda<name>`.
pub const PREFERENCES: [&str; 9] = [
    "AllAtOnce",
    "Canary10Percent5Minutes",
    "Canary10Percent10Minutes",
    "Canary10Percent15Minutes",
    "Canary10Percent30Minutes",
    "Linear10PercentEvery1Minute",
    "Linear10PercentEvery2Minutes",
    "Linear10PercentEvery3Minutes",
    "Linear10PercentEvery10Minutes",
];
/// The logical id of the CodeDeploy application that all groups of a stack belong to.
pub const APPLICATION: &str = "ServerlessDeploymentApplication";
/// The logical id of the role by which CodeDeploy shifts the aliases of a stack.
pub const SERVICE_ROLE: &str = "CodeDeployServiceRole";
/// The service that takes on the role.
pub const SERVICE: &str = "codedeploy.amazonaws.com";
/// The path of the managed policy of that role.
pub const SERVICE_POLICY: &str = "service-role/AWSCodeDeployRoleForLambda";

/// The logical id of a function's deployment group.
#[must_use]
pub fn group_id(function: &str) -> String {
    format!("{function}DeploymentGroup")
}

/// The logical id of a function's alias. A logical id has letters and digits alone.
#[must_use]
pub fn alias_id(function: &str, alias: &str) -> String {
    format!("{function}Alias{}", alias.replace('-', "D").replace('_', "U"))
}

/// The logical id of the version of a function that the hash of its code and settings stands for.
#[must_use]
pub fn version_id(function: &str, hash: &str) -> String {
    format!("{function}Version{hash}")
}

/// The rollbacks of every group.
#[must_use]
pub fn rollbacks() -> Value {
    json!({
        "Enabled": true,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
    })
}

/// The style of every group: Lambda has no other.
#[must_use]
pub fn style() -> Value {
    json!({ "DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL" })
}

/// The alarms that a group reads.
#[must_use]
pub fn alarm_configuration(alarms: &[Value]) -> Value {
    let names: Vec<Value> = alarms.iter().map(|alarm| json!({ "Name": alarm })).collect();
    json!({ "Enabled": true, "Alarms": names })
}

/// The update policy by which CloudFormation hands a function's alias to CodeDeploy, with the hooks that there are.
#[must_use]
pub fn update_policy(function: &str, before: Option<Value>, after: Option<Value>) -> Value {
    let mut update = Map::new();
    update.insert("ApplicationName".to_owned(), json!({ "Ref": APPLICATION }));
    update.insert("DeploymentGroupName".to_owned(), json!({ "Ref": group_id(function) }));
    for (member, hook) in [("BeforeAllowTrafficHook", before), ("AfterAllowTrafficHook", after)] {
        update.extend(hook.map(|hook| (member.to_owned(), hook)));
    }
    json!({ "CodeDeployLambdaAliasUpdate": update })
}
