//! The guard of a function: an alias, a deployment group, hooks and alarms, added to a template that has none of them.
//!
//! Pure: the same template and the same wishes always give the same template. It works on the template as its authors wrote it. A
//! function of SAM's gets properties, of which SAM then makes versions, events and permissions by its own rules
//! (<https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html>). A
//! plain function, as people write it or as CDK synthesises it, gets the resources themselves. A function that is guarded by its
//! template is left as it is, alarms included, unless alarms are wished for.

mod alarms;
mod bounds;
mod direct;
#[cfg(test)]
mod event_tests;
mod fault;
mod fingerprint;
mod follow;
mod functions;
mod grants;
mod own;
mod plain;
#[cfg(test)]
mod plain_tests;
pub mod preference;
mod qualifier;
mod reference;
mod remark;
mod serverless;
mod service_role;
mod snapshots;
#[cfg(test)]
mod tests;
mod together;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

pub use alarms::AlarmKit;
pub use bounds::Bounds;
use direct::{Door, Followed};
pub use fault::GuardFault;
use functions::{Guardable, Kind};
pub use remark::Remark;
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
    /// The part of the guard for a function of SAM's whose template has a deployment preference.
    pub own_preference: OwnPreference,
    /// The values of the template's parameters that are known: another value may make another version of a plain function.
    pub parameters: BTreeMap<String, String>,
}

/// The part of the guard for a function whose template has a deployment preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum OwnPreference {
    /// None: it is left alone.
    #[default]
    Nothing,
    /// The alarms; its deployment group reads them beside those that the template names.
    Alarms,
}

/// A template with its guards.
#[derive(Debug, Clone, PartialEq)]
pub struct Guarded {
    /// The template, with every addition.
    pub template: Value,
    /// Remarks for people, in the order of the functions.
    pub remarks: Vec<Remark>,
}

/// The result of guarding one function.
struct Addition {
    remarks: Vec<Remark>,
    /// The alias through which events reach the function; none if the template says itself what is guarded.
    door: Option<Door>,
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
    let (mut doors, mut plain) = (Vec::new(), None);
    for function in functions {
        let added = Guardable::find(template, function).and_then(|found| {
            let Addition { remarks, door } = match found.kind {
                Kind::Serverless => serverless::add(&mut guarded.template, &found, guard)?,
                Kind::Plain => plain::add(&mut guarded.template, &found, guard)?,
            };
            let is_left = remarks.iter().any(|remark| matches!(remark, Remark::OwnPolicy { .. }));
            plain = plain.or((found.kind == Kind::Plain && !is_left).then_some(found));
            guarded.remarks.extend(remarks);
            doors.extend(door);
            Ok(())
        });
        faults.extend(added.err());
    }
    if let Some(function) = plain {
        faults.extend(plain::share(&mut guarded.template, &function).err());
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    lead(template, &mut guarded, &doors)?;
    Ok(guarded)
}

/// Points the events of every guarded function to its alias.
fn lead(written: &Value, guarded: &mut Guarded, doors: &[Door]) -> Result<(), Vec<GuardFault>> {
    let (mut moved, mut faults) = (Vec::new(), Vec::new());
    for door in doors {
        let followed = if door.is_own {
            // Its authors decided which events go to it.
            Followed { left: direct::left(written, door), moved: Vec::new() }
        } else {
            direct::to_alias(&mut guarded.template, door)
        };
        if !followed.moved.is_empty() {
            grants::widen(&mut guarded.template, door);
        }
        faults.extend(keep_permissions(written, &mut guarded.template, door, &followed).err());
        let function = || door.function.clone();
        let left = followed.left.into_iter();
        guarded.remarks.extend(left.map(|pointer| Remark::Unguarded { function: function(), pointer }));
        moved.extend(followed.moved);
    }
    snapshots::renew(&mut guarded.template, &moved);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Keeps the permission of a service that still calls the function itself, being no event place, beside that of the alias.
fn keep_permissions(written: &Value, template: &mut Value, door: &Door, followed: &Followed) -> Result<(), GuardFault> {
    // A pointer is `/Resources/<logical id>/…`. Functions call with their roles, a URL's permission has not moved, and another stack
    // permits what it calls.
    let calls_by_permission = |pointer: &String| {
        let id = pointer.strip_prefix("/Resources/").and_then(|rest| rest.split('/').next());
        let kind = id.and_then(|id| written["Resources"][id]["Type"].as_str());
        kind.is_some_and(|kind| !kind.ends_with("::Function") && kind != "AWS::Lambda::Url")
    };
    if !followed.left.iter().any(calls_by_permission) {
        return Ok(());
    }
    for id in followed.moved.iter().filter(|id| written["Resources"][id.as_str()]["Type"] == "AWS::Lambda::Permission")
    {
        let kept = format!("{id}Latest");
        if written["Resources"].get(&kept).is_some() {
            return Err(GuardFault::Taken { function: door.function.clone(), resource: kept });
        }
        template["Resources"][&kept] = written["Resources"][id.as_str()].clone();
    }
    Ok(())
}
