//! The AppSpec of a Lambda deployment, as far as it tells what is shifted.
//!
//! JSON only: that is what CloudFormation and the CDK make. Keys are matched in any case, since the guide writes `currentversion`
//! where CloudFormation writes `CurrentVersion`, and versions may be numbers or texts.

use serde_json::{Map, Value};

use super::subject::{Shift, shift as checked_shift};

/// The one function that an AppSpec shifts.
pub(super) fn shift(content: &str) -> Result<Shift, String> {
    let spec: Value = serde_json::from_str(content).map_err(|_| "the AppSpec is not JSON".to_owned())?;
    let resources = member(&spec, "resources").and_then(Value::as_array).ok_or("the AppSpec has no resources")?;
    let functions: Vec<&Value> = resources
        .iter()
        .filter_map(Value::as_object)
        .flat_map(Map::values)
        .filter(|resource| text(resource, "type").as_deref() == Some("AWS::Lambda::Function"))
        .collect();
    let [function] = functions.as_slice() else {
        return Err(format!("the AppSpec names {} functions", functions.len()));
    };
    let properties = member(function, "properties").ok_or("the AppSpec's function has no properties")?;
    let read = |name| text(properties, name);
    checked_shift(
        read("name").as_deref(),
        read("alias").as_deref(),
        read("currentversion").as_deref(),
        read("targetversion").as_deref(),
    )
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(value: &Value, name: &str) -> Option<String> {
    match member(value, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
