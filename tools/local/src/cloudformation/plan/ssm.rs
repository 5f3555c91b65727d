//! Values from Parameter Store: of parameters with an SSM type, and behind dynamic references.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::prepared::Prepared;
use crate::cloudformation::errors::validation;
use crate::cloudformation::intrinsics::{NoResources, Scope, dynamic_names, resolve};
use crate::core::{Caller, Hub, ServiceError};

impl Prepared {
    /// The names that dynamic references ask for, as far as they are known before any resource is.
    pub(super) fn dynamic_names(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        let scope = Scope { fixed: &self.fixed, resources: &NoResources };
        self.values().for_each(|(_, value)| collect_dynamic(value, scope, &mut names));
        names.into_iter().collect()
    }
}

fn collect_dynamic(value: &Value, scope: Scope<'_>, names: &mut BTreeSet<String>) {
    match (resolve(value, scope), value) {
        (Ok(Some(Value::String(text))), _) => names.extend(dynamic_names(&text)),
        // What waits for a resource may still hold references that do not.
        (_, Value::String(text)) => names.extend(dynamic_names(text).into_iter().filter(|name| !name.contains("${"))),
        (_, Value::Array(items)) => items.iter().for_each(|item| collect_dynamic(item, scope, names)),
        (_, Value::Object(members)) => members.values().for_each(|member| collect_dynamic(member, scope, names)),
        _ => {}
    }
}

/// The values of SSM parameters, by name (and version, `name:3`).
pub(super) async fn read(
    hub: &Arc<Hub>,
    caller: &Caller,
    names: &[String],
) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut held = BTreeMap::new();
    for name in names {
        let reply = hub.call_as(caller, "ssm", "GetParameter", json!({ "Name": name, "WithDecryption": false })).await;
        let value = reply.map_err(|error| {
            validation(format!("Unable to fetch parameters [{name}] from parameter store for this account. ({error})"))
        })?;
        let Some(text) = value.pointer("/Parameter/Value").and_then(Value::as_str) else {
            return Err(validation(format!(
                "Unable to fetch parameters [{name}] from parameter store for this account."
            )));
        };
        held.insert(name.clone(), text.to_owned());
    }
    Ok(held)
}

/// Parameters of type `AWS::SSM::Parameter::Name` must name a parameter that is there.
pub(super) async fn check_names(hub: &Arc<Hub>, caller: &Caller, names: &[String]) -> Result<(), ServiceError> {
    read(hub, caller, names).await.map(drop)
}
