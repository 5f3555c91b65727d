//! Resources that name a function and its qualifier apart: function URLs and the settings of asynchronous calls.

use serde_json::{Value, json};

use super::direct::Door;
use super::reference::names;

/// True for the permission by which a function's URL is called.
pub(super) fn is_for_url(permission: &Value) -> bool {
    permission["Action"] == "lambda:InvokeFunctionUrl"
        || !permission["FunctionUrlAuthType"].is_null()
        || permission["InvokedViaFunctionUrl"] == true
}

/// True if the template gives the function a URL of the alias.
pub(super) fn has_moving_url(template: &Value, door: &Door) -> bool {
    let mut resources = template["Resources"].as_object().into_iter().flatten();
    resources.any(|(_, resource)| resource["Type"] == "AWS::Lambda::Url" && is_qualified(resource, door))
}

fn is_qualified(url: &Value, door: &Door) -> bool {
    let properties = &url["Properties"];
    properties["Qualifier"] == door.alias.as_str() && names(&properties["TargetFunctionArn"], &door.function)
}

/// Handles what names a function and its qualifier apart: settings of asynchronous calls go with the events, a URL stays where its
/// authors put it. Returns true if nothing is left to follow.
pub(super) fn qualify(resource: &mut Value, kind: &str, door: &Door) -> bool {
    let properties = &mut resource["Properties"];
    let moves = match kind {
        "AWS::Lambda::EventInvokeConfig" => {
            let name = &properties["FunctionName"];
            let is_own = names(name, &door.function) || door.name.as_ref() == Some(name);
            let is_own = is_own && properties["Qualifier"] == "$LATEST";
            if is_own {
                properties["Qualifier"] = json!(door.alias);
            }
            is_own
        }
        "AWS::Lambda::Url" => is_qualified(resource, door),
        _ => false,
    };
    if moves {
        depend(resource, &door.logical_id);
    }
    moves
}

/// Adds the alias to what a resource waits for.
pub(super) fn depend(resource: &mut Value, alias: &str) {
    let known = match &resource["DependsOn"] {
        Value::String(one) => vec![json!(one)],
        Value::Array(several) => several.clone(),
        _ => Vec::new(),
    };
    if !known.iter().any(|known| known == alias) {
        resource["DependsOn"] = known.into_iter().chain([json!(alias)]).collect();
    }
}
