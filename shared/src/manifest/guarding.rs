//! The guard that a manifest asks for.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::guard::preference::PREFERENCES;
use crate::guard::{AlarmKit, Guard, OwnPreference};
use crate::identity::{Stage, UsualStage};
use crate::reading::At;

/// The length of a deployment configuration's name
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>).
const LONGEST_NAME: usize = 100;

/// The guard of every function of a manifest whose template has none: an alias, a deployment preference, hooks and alarms.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Guarding {
    /// The alias that requests and events go to; `live` unless said.
    #[cfg_attr(feature = "schema", schemars(default = "alias"))]
    pub alias: String,
    /// The traffic's way to a new version by stage: a name that SAM's `DeploymentPreference` takes, or a deployment configuration of
    /// one's own. Unless said, `dev` and `qa` shift at once, `staging` by a tenth a minute, and every other a tenth for ten minutes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deployment: BTreeMap<String, String>,
    /// The settings of the alarms.
    #[serde(default)]
    pub alarms: AlarmKit,
    /// The part of the guard for a function of SAM's whose template has a deployment preference: `nothing` unless said, or `alarms`.
    #[serde(default)]
    pub own_preference: OwnPreference,
}

/// The names of the hooks of a Slipway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookNames {
    /// The function that CodeDeploy calls before it allows traffic.
    pub pre_traffic: String,
    /// The function that CodeDeploy calls after it has allowed all traffic.
    pub post_traffic: String,
}

impl HookNames {
    /// The hooks of the Slipway that is the stack of this name, as its template names them.
    #[must_use]
    pub fn of_stack(stack: &str) -> Self {
        let hook = |name: &str| format!("CodeDeployHook_{stack}_{name}");
        Self { pre_traffic: hook("pre-traffic"), post_traffic: hook("post-traffic") }
    }
}

impl Guarding {
    /// The guard of a stage.
    #[must_use]
    pub fn guard(&self, stage: &Stage, hooks: HookNames) -> Guard {
        let named = self.deployment.get(stage.as_str()).map(String::as_str);
        self.with_preference(named.unwrap_or_else(|| unnamed(stage)), hooks)
    }

    /// The guard whose traffic goes a way to a new version.
    pub(super) fn with_preference(&self, preference: &str, hooks: HookNames) -> Guard {
        Guard {
            alias: self.alias.clone(),
            preference: preference.to_owned(),
            pre_traffic: Some(hooks.pre_traffic),
            post_traffic: Some(hooks.post_traffic),
            alarms: self.alarms.clone(),
            own_preference: self.own_preference,
            parameters: BTreeMap::new(),
        }
    }
}

/// The way of a stage that the manifest does not name: as the stage table of Slipway's own template has it.
fn unnamed(stage: &Stage) -> &'static str {
    match stage.usual() {
        UsualStage::Dev | UsualStage::Qa => "AllAtOnce",
        UsualStage::Staging => "Linear10PercentEvery1Minute",
        UsualStage::Production => "Canary10Percent10Minutes",
    }
}

/// Reads a guard. What cannot be used is left out and reported.
pub(super) fn guarding(at: &At<'_>) -> Option<Guarding> {
    let mut members = at.members()?;
    let name = members.optional("alias").map(|at| alias_name(&at));
    let deployment = members.optional("deployment").and_then(|at| deployment(&at)).unwrap_or_default();
    let alarms = members.optional("alarms").and_then(|at| alarms(&at)).unwrap_or_default();
    let own_preference = members.optional("ownPreference").and_then(|at| own_preference(&at)).unwrap_or_default();
    members.finish();
    Some(Guarding { alias: name.unwrap_or_else(|| Some(alias()))?, deployment, alarms, own_preference })
}

/// The alias unless said.
fn alias() -> String {
    "live".to_owned()
}

/// SAM's rule for an alias
/// (<https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html>): letters, digits, hyphens, underscores, not digits alone.
fn alias_name(at: &At<'_>) -> Option<String> {
    let name = at.text()?;
    let is_word = name.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_'));
    if is_word && name.len() <= 128 && !name.chars().all(|sign| sign.is_ascii_digit()) {
        return Some(name.to_owned());
    }
    at.fault(format!("{name:?} is no alias: up to 128 letters, digits, hyphens and underscores, and not digits alone"));
    None
}

fn own_preference(at: &At<'_>) -> Option<OwnPreference> {
    at.choice(&[("nothing", OwnPreference::Nothing), ("alarms", OwnPreference::Alarms)])
}

fn deployment(at: &At<'_>) -> Option<BTreeMap<String, String>> {
    let mut ways = BTreeMap::new();
    for (stage, at) in at.entries()? {
        if let Err(error) = stage.parse::<Stage>() {
            at.fault_of_key(format!("{stage:?} is {error}"));
        }
        if let Some(way) = at.text().filter(|way| is_way(&at, way)) {
            ways.insert(stage.to_owned(), way.to_owned());
        }
    }
    Some(ways)
}

/// Reports a name that neither SAM nor CodeDeploy can know.
pub(super) fn is_way(at: &At<'_>, name: &str) -> bool {
    let looks_predefined =
        name.starts_with("Canary") || name.starts_with("Linear") || name.starts_with("CodeDeployDefault");
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || "+=,.@_-".contains(sign);
    let known =
        PREFERENCES.contains(&name) || (!looks_predefined && name.len() <= LONGEST_NAME && name.chars().all(is_name));
    if !known {
        at.fault(format!(
            "{name:?} is no deployment preference: {}, or the name of a deployment configuration of your own",
            PREFERENCES.join(", ")
        ));
    }
    known
}

fn alarms(at: &At<'_>) -> Option<AlarmKit> {
    let mut members = at.members()?;
    let default = AlarmKit::default();
    let error_percent = members.optional("errorPercent").and_then(|at| at.number(0.0..=100.0));
    let p99_milliseconds = members.optional("p99Milliseconds").and_then(|at| at.number(1.0..=900_000.0));
    let mut minutes = |name| {
        let minutes = members.optional(name).and_then(|at: At<'_>| at.whole(1..=60))?;
        u32::try_from(minutes).ok()
    };
    let (bad_minutes, minutes) = (minutes("badMinutes"), minutes("minutes"));
    members.finish();
    let kit = AlarmKit {
        error_percent: error_percent.unwrap_or(default.error_percent),
        p99_milliseconds,
        bad_minutes: bad_minutes.unwrap_or(default.bad_minutes),
        minutes: minutes.unwrap_or(default.minutes),
    };
    if kit.bad_minutes > kit.minutes {
        at.fault(format!("badMinutes is {}, and minutes {}: there are not as many", kit.bad_minutes, kit.minutes));
    }
    Some(kit)
}
