//! Values from Parameter Store: of parameters with an SSM type, and behind dynamic references.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::draft::Draft;
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
        // A value that waits for a resource may still hold references that do not.
        (_, Value::String(text)) => names.extend(dynamic_names(text).into_iter().filter(|name| !name.contains("${"))),
        (_, Value::Array(items)) => items.iter().for_each(|item| collect_dynamic(item, scope, names)),
        (_, Value::Object(members)) => members.values().for_each(|member| collect_dynamic(member, scope, names)),
        _ => {}
    }
}

/// The values of the SSM parameters that parameters of the template name, by those names.
///
/// # Errors
/// `ValidationError` for one that is not there: in a change set, AWS speaks of the template's parameter.
pub(super) async fn of_parameters(
    hub: &Arc<Hub>,
    draft: &Draft,
    wanted: &[(String, String)],
) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut held = BTreeMap::new();
    for (parameter, name) in wanted {
        let found = value(hub, &draft.caller, name).await?;
        held.insert(
            name.clone(),
            found.ok_or_else(|| match draft.direct {
                true => missing(name),
                false => validation(format!("Parameter {parameter} should either have input value or default value")),
            })?,
        );
    }
    Ok(held)
}

/// The values of SSM parameters, by name (and version, `name:3`).
pub(super) async fn read(
    hub: &Arc<Hub>,
    caller: &Caller,
    names: &[String],
) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut held = BTreeMap::new();
    for name in names {
        held.insert(name.clone(), value(hub, caller, name).await?.ok_or_else(|| missing(name))?);
    }
    Ok(held)
}

/// The value of an SSM parameter; none where there is no such parameter, or no such version of it.
async fn value(hub: &Arc<Hub>, caller: &Caller, name: &str) -> Result<Option<String>, ServiceError> {
    let input = json!({ "Name": name, "WithDecryption": false });
    match hub.call_as(caller, "ssm", "GetParameter", input).await {
        Ok(reply) => Ok(reply.pointer("/Parameter/Value").and_then(Value::as_str).map(str::to_owned)),
        Err(error) if error.is("ParameterNotFound") || error.is("ParameterVersionNotFound") => Ok(None),
        Err(error) => Err(validation(format!("{} ({error})", missing(name).message))),
    }
}

fn missing(name: &str) -> ServiceError {
    validation(format!("Unable to fetch parameters [{name}] from parameter store for this account."))
}

/// Parameters of type `AWS::SSM::Parameter::Name` must name a parameter that is there.
pub(super) async fn check_names(hub: &Arc<Hub>, caller: &Caller, names: &[String]) -> Result<(), ServiceError> {
    read(hub, caller, names).await.map(drop)
}
