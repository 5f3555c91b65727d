//! Reads a manifest, and reports every fault of one with its place.

use std::collections::BTreeSet;

use super::guarding::guarding;
use super::read_judged::judged;
use super::stages::{DeclaredStage, stages};
use super::types::{Function, Manifest, template};
use crate::identity::ApplicationName;
use crate::reading::{At, nearest};
use crate::suite::{self, Dialect, Files, Suite};
use crate::template::Node;

/// Reads a suite where it is named: from the place itself, or from the file whose name stands there.
pub(super) type ReadSuite<'r> = &'r dyn Fn(&At<'_>, &dyn Files) -> Option<Suite>;

/// Members that later releases of Slipway give an effect.
const LATER: [&str; 2] = ["promotion", "notifications"];

/// The suite that is written where it is used.
pub(super) fn suite(at: &At<'_>, files: &dyn Files) -> Option<Suite> {
    suite::read(at, Dialect::File, files)
}

/// Reads a manifest. What cannot be used is left out and reported.
pub(super) fn manifest(at: &At<'_>, suites: ReadSuite<'_>, files: &dyn Files) -> Option<Manifest> {
    let mut members = at.members()?;
    let application = members.required("application").and_then(|at| application(&at));
    let template_name = members.optional("template").and_then(|at| at.text().map(str::to_owned));
    let functions = members.required("functions").and_then(|at| {
        let entries = at.entries()?;
        if entries.is_empty() {
            at.fault("no function is named");
        }
        Some(entries.iter().filter_map(|(id, at)| function(id, at, suites, files)).collect())
    });
    let judge = members.optional("judge").and_then(|at| judged(&at));
    let guard_at = members.optional("guard");
    let guard = guard_at.as_ref().and_then(guarding);
    let stages = members.optional("stages").and_then(|at| stages(&at)).unwrap_or_default();
    if let Some(at) = guard_at.filter(|_| !stages.is_empty()) {
        check_deployments(&at, &stages);
    }
    for name in LATER {
        members.reserved(name, "this release of Slipway does not read it");
    }
    members.finish();
    let template = template_name.unwrap_or_else(template);
    Some(Manifest { application: application?, template, functions: functions?, judge, guard, stages })
}

/// Reports the stages for which the guard names a deployment, and which are none.
fn check_deployments(guard: &At<'_>, stages: &[DeclaredStage]) {
    // What is no map was reported where the guard was read.
    let deployment = guard.node().get("deployment").map(Node::entries).unwrap_or_default();
    if deployment.is_empty() {
        return;
    }
    let members = guard.entries().unwrap_or_default();
    let named = members.iter().find(|(name, _)| *name == "deployment").and_then(|(_, at)| at.entries());
    let names: BTreeSet<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    for (name, at) in named.unwrap_or_default().iter().filter(|(name, _)| !names.contains(name)) {
        at.fault_of_key(match nearest(name, names.iter().copied()) {
            Some(near) => format!("there is no stage {name}; did you mean {near}?"),
            None => format!("there is no stage {name}; there are {}", Vec::from_iter(names.clone()).join(", ")),
        });
    }
}

fn application(at: &At<'_>) -> Option<String> {
    let name = at.text()?;
    match name.parse::<ApplicationName>() {
        Ok(_) => Some(name.to_owned()),
        Err(error) => {
            at.fault(format!("{name:?} is {error}"));
            None
        }
    }
}

fn function(id: &str, at: &At<'_>, suites: ReadSuite<'_>, files: &dyn Files) -> Option<(String, Function)> {
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
        at.fault_of_key(format!("{id:?} is no logical id of a template: letters and digits"));
    }
    let mut members = at.members()?;
    let suite = members.required("suite").and_then(|at| suites(&at, files));
    let judge = members.optional("judge").and_then(|at| judged(&at));
    members.reserved("guard", "this release of Slipway does not read it");
    members.finish();
    Some((id.to_owned(), Function { suite: suite?, judge }))
}
