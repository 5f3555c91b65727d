//! The guard of a function of SAM's: two properties, of which SAM makes the rest by its own rules.

use serde_json::{Map, Value, json};

use super::direct::Door;
use super::functions::{Guardable, Shifted};
use super::{Addition, Guard, GuardFault, OwnPreference, Remark, alarms, service_role};

const ALIAS: &str = "AutoPublishAlias";
const PREFERENCE: &str = "DeploymentPreference";

/// Puts alias, preference and alarms into the template. If it has a preference, even one that says that nothing is shifted, it gets no
/// more than the alarms, where they are wished for.
pub(super) fn add(template: &mut Value, function: &Guardable<'_>, guard: &Guard) -> Result<Addition, GuardFault> {
    let id = function.logical_id;
    if function.property(PREFERENCE).is_some() {
        return match guard.own_preference {
            OwnPreference::Nothing => Ok(left(id)),
            OwnPreference::Alarms => add_alarms(template, function, guard),
        };
    }
    let own = function.property(ALIAS);
    let alias = own.cloned().unwrap_or_else(|| json!(guard.alias));
    let alarms = alarms::kit(function, guard, &shifted(id, alias))?;
    let resources = &mut template["Resources"];
    let properties = &mut resources[id]["Properties"];
    properties[PREFERENCE] = preference(function, guard, &alarms::read(&alarms));
    if own.is_none() {
        properties[ALIAS] = json!(guard.alias);
    }
    if service_role::is_bounded(function) {
        // SAM would make the role without.
        properties[PREFERENCE]["Role"] = json!({ "Fn::GetAtt": [service_role::BOUNDED, "Arn"] });
        if resources[service_role::BOUNDED].is_null() {
            resources[service_role::BOUNDED] = service_role::role(function);
        }
    }
    for alarm in alarms {
        resources[&alarm.logical_id] = alarm.resource;
    }
    let door = Door::of(function, guard, format!("{id}.Alias"), own.is_some());
    Ok(Addition { remarks: Vec::new(), door: Some(door) })
}

/// A function that its template guards.
fn left(id: &str) -> Addition {
    Addition { remarks: vec![Remark::Own { function: id.to_owned() }], door: None }
}

fn shifted(id: &str, alias: Value) -> Shifted {
    Shifted { alias, version: json!({ "Fn::GetAtt": [format!("{id}.Version"), "Version"] }) }
}

/// Adds the alarms to a preference of the template, beside its own, unless it shifts nothing.
fn add_alarms(template: &mut Value, function: &Guardable<'_>, guard: &Guard) -> Result<Addition, GuardFault> {
    let id = function.logical_id;
    let fault = || GuardFault::Preference { function: id.to_owned() };
    let shifts = match switch(function.member(PREFERENCE, "Enabled").unwrap_or(&Value::Null)) {
        Switch::Off => false,
        Switch::On | Switch::Absent => true,
        Switch::Open => return Err(fault()),
    };
    let Some(alias) = function.property(ALIAS).filter(|_| shifts) else { return Ok(left(id)) };
    let properties = &mut template["Resources"][id]["Properties"];
    // The members of `Globals` stay there: SAM puts the two together.
    if properties[PREFERENCE].is_null() {
        properties[PREFERENCE] = json!({});
    }
    let Some(preference) = properties[PREFERENCE].as_object_mut() else { return Err(fault()) };
    let Some(own) = preference.entry("Alarms").or_insert_with(|| json!([])).as_array_mut() else { return Err(fault()) };
    let alarms = alarms::kit(function, guard, &shifted(id, alias.clone()))?;
    own.extend(alarms::read(&alarms));
    for alarm in alarms {
        template["Resources"][&alarm.logical_id] = alarm.resource;
    }
    Ok(Addition { remarks: vec![Remark::OwnPreference { function: id.to_owned() }], door: None })
}

fn preference(function: &Guardable<'_>, guard: &Guard, alarms: &[Value]) -> Value {
    let mut preference = json!({ "Type": guard.preference, "Alarms": alarms });
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
    preference
}

/// The resources that SAM makes for the preferences of a template, beside each function's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    /// True if SAM makes the CodeDeploy application.
    pub(super) application: bool,
    /// True if SAM makes the role by which CodeDeploy shifts.
    pub(super) role: bool,
}

/// The obstacle to saying what SAM makes.
pub(super) struct Uncertain<'a> {
    /// The function whose preference leaves it open.
    pub(super) function: &'a str,
    pub(super) reason: &'static str,
}

/// Tells what SAM makes of a template's preferences; fails if only CloudFormation can know.
pub(super) fn made(template: &Value) -> Result<Made, Uncertain<'_>> {
    let (mut made, mut sometimes) = (Made { application: false, role: false }, None);
    for function in Guardable::serverless(template).filter(|function| function.property(PREFERENCE).is_some()) {
        let member = |name| function.member(PREFERENCE, name).unwrap_or(&Value::Null);
        let uncertain = |reason| Uncertain { function: function.logical_id, reason };
        match (switch(member("Enabled")), switch(member("PassthroughCondition"))) {
            (Switch::Off, _) => continue,
            (Switch::Open, _) => return Err(uncertain("whether it is enabled is decided by CloudFormation")),
            (_, Switch::On | Switch::Open) if function.condition().is_some() => {
                sometimes.get_or_insert(uncertain("it has a condition"));
            }
            _ => made.application = true,
        }
        made.role |= member("Role").is_null();
    }
    match sometimes {
        Some(uncertain) if !made.application => Err(uncertain),
        _ => Ok(made),
    }
}

/// True if SAM would make the role by which CodeDeploy shifts the function, as far as the template says.
pub(super) fn needs_service_role(function: &Guardable<'_>) -> bool {
    let member = |name| function.member(PREFERENCE, name).unwrap_or(&Value::Null);
    let shifts = function.property(PREFERENCE).is_some_and(Value::is_object)
        && !matches!(switch(member("Enabled")), Switch::Off);
    shifts && member("Role").is_null()
}

/// A setting that is on, off, or not there; SAM reads texts as well.
enum Switch {
    On,
    Off,
    Absent,
    /// CloudFormation decides.
    Open,
}

fn switch(value: &Value) -> Switch {
    match value {
        Value::Null => Switch::Absent,
        Value::Object(_) => Switch::Open,
        value if *value == json!(false) || *value == json!("false") || *value == json!("False") => Switch::Off,
        _ => Switch::On,
    }
}
