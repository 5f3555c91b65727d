//! The guard of a function: an alias, a deployment preference, hooks and alarms, added to a template that has none of them.
//!
//! Pure: the same template and the same wishes always give the same template. It works on the template as its authors wrote it, before
//! SAM expands it, since SAM then makes versions, events and permissions follow the alias by its own rules
//! (<https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html>).
//! A function that has a deployment preference of its own is left as it is, alarms included.

mod alarms;
mod direct;
mod functions;
#[cfg(test)]
mod tests;
mod together;

use serde_json::{Map, Value, json};
use thiserror::Error;

pub use alarms::AlarmKit;
use functions::Guardable;
pub use together::{Apart, Because, Together, shifted_aliases, together};

/// The protection that is wished for.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// The alias that users' requests and events go to.
    pub alias: String,
    /// The `Type` of SAM's `DeploymentPreference`, such as `Canary10Percent10Minutes`, or the name of a deployment configuration.
    pub preference: String,
    /// The name or ARN of the function that CodeDeploy calls before it allows traffic.
    pub pre_traffic: Option<String>,
    /// The name or ARN of the function that CodeDeploy calls after it has allowed all traffic.
    pub post_traffic: Option<String>,
    /// The settings of the alarms.
    pub alarms: AlarmKit,
}

/// A template with its guards.
#[derive(Debug, Clone, PartialEq)]
pub struct Guarded {
    /// The template, with every addition.
    pub template: Value,
    /// Remarks for people, in the order of the functions.
    pub remarks: Vec<Remark>,
}

/// A remark on a guarded template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The template guards this function itself.
    Own {
        /// The function's logical id.
        function: String,
    },
    /// A resource refers to the function in a place that does not become its alias: calls from there reach `$LATEST`.
    Unguarded {
        /// The function's logical id.
        function: String,
        /// The place, as a JSON pointer into the template.
        pointer: String,
    },
}

impl std::fmt::Display for Remark {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own { function } => {
                write!(formatter, "{function} has a deployment preference in the template and is left as it is")
            }
            Self::Unguarded { function, pointer } => write!(
                formatter,
                "{pointer} refers to {function} itself: what is called from there is $LATEST, which no deployment shifts"
            ),
        }
    }
}

/// A wish that the template does not allow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GuardFault {
    /// The template has no such resource.
    #[error("the template has no resource {function}")]
    Missing {
        /// The logical id.
        function: String,
    },
    /// The resource is no function of SAM's.
    #[error("{function} is {kind}, and only AWS::Serverless::Function can be guarded")]
    Kind {
        /// The logical id.
        function: String,
        /// The resource's type.
        kind: String,
    },
    /// An alarm of the kit would have the logical id of another resource.
    #[error("the guard of {function} adds {alarm}, and the template has a resource of that name")]
    Taken {
        /// The function's logical id.
        function: String,
        /// The alarm's logical id.
        alarm: String,
    },
    /// An alarm's threshold would have to be derived from a time limit that only CloudFormation knows.
    #[error("the Timeout of {function} is no number: say the alarm's p99 milliseconds in the guard")]
    Timeout {
        /// The function's logical id.
        function: String,
    },
}

impl GuardFault {
    /// The logical id of the function that cannot be guarded.
    #[must_use]
    pub fn function(&self) -> &str {
        match self {
            Self::Missing { function }
            | Self::Kind { function, .. }
            | Self::Taken { function, .. }
            | Self::Timeout { function } => function,
        }
    }
}

/// Adds the guard to every function that `functions` names and that has none.
///
/// # Errors
/// Every function that cannot be guarded.
pub fn guard<'a>(
    template: &Value,
    functions: impl IntoIterator<Item = &'a str>,
    guard: &Guard,
) -> Result<Guarded, Vec<GuardFault>> {
    let (mut guarded, mut faults) = (Guarded { template: template.clone(), remarks: Vec::new() }, Vec::new());
    let mut aliased = Vec::new();
    for function in functions {
        let found = match Guardable::find(template, function) {
            Ok(found) => found,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        if found.has_preference() {
            guarded.remarks.push(Remark::Own { function: function.to_owned() });
            continue;
        }
        match alarms::kit(&found, guard) {
            Ok(alarms) => add(&mut guarded.template, &found, guard, alarms),
            Err(fault) => faults.push(fault),
        }
        if found.alias().is_none() {
            aliased.push(function);
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    for function in aliased {
        let left = direct::to_alias(&mut guarded.template, function);
        guarded
            .remarks
            .extend(left.into_iter().map(|pointer| Remark::Unguarded { function: function.to_owned(), pointer }));
    }
    Ok(guarded)
}

/// Puts alias, preference and alarms into the template.
fn add(template: &mut Value, function: &Guardable<'_>, guard: &Guard, alarms: Vec<alarms::Alarm>) {
    let read: Vec<Value> =
        alarms.iter().filter(|alarm| alarm.stops_a_shift).map(|alarm| json!({ "Ref": alarm.logical_id })).collect();
    let mut preference = json!({ "Type": guard.preference, "Alarms": read });
    let hooks: Map<String, Value> = [("PreTraffic", &guard.pre_traffic), ("PostTraffic", &guard.post_traffic)]
        .into_iter()
        .filter_map(|(event, hook)| Some((event.to_owned(), json!(hook.as_ref()?))))
        .collect();
    if !hooks.is_empty() {
        preference["Hooks"] = Value::Object(hooks);
    }
    if function.condition().is_some() {
        // Without it CodeDeploy's group would be made where the function is not.
        preference["PassthroughCondition"] = json!(true);
    }
    let resources = &mut template["Resources"];
    let properties = &mut resources[function.logical_id]["Properties"];
    properties["DeploymentPreference"] = preference;
    if function.alias().is_none() {
        properties["AutoPublishAlias"] = json!(guard.alias);
    }
    for alarm in alarms {
        resources[&alarm.logical_id] = alarm.resource;
    }
}
