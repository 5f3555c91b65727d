//! The checks that ask the function itself, its logs, its configuration and its alarms.

use super::super::alarms::Alarms;
use super::super::check::Probe;
use super::super::drift::{AllowedChange, Drift};
use super::super::invoke::Invoke;
use super::super::latency::{Latency, calls};
use super::super::logs::{Logs, patterns};
use super::value::{expressions, time_limit, wants};
use super::{Files, optional, required};
use crate::reading::{At, Members};

pub(super) fn invoke(members: &mut Members<'_>, files: &dyn Files) -> Option<Probe> {
    let event = required(members, "event", |at| Some(at.value())).unwrap_or_default();
    let expect = optional(members, "expect", |at| Some(at.value()));
    let asked = ["expect", "jmespath", "schema"].iter().any(|name| members.at().node().get(name).is_some());
    let wants = wants(members, files);
    if !asked {
        members.at().fault("nothing is expected: expect, jmespath and schema are all missing");
    }
    Some(Probe::Invoke(Invoke { event, expect, wants }))
}

pub(super) fn latency(members: &mut Members<'_>, _files: &dyn Files) -> Option<Probe> {
    let event = required(members, "event", |at| Some(at.value())).unwrap_or_default();
    let number = optional(members, "calls", |at| at.whole(1..=1000));
    let calls = number.and_then(|number| u16::try_from(number).ok()).unwrap_or_else(calls);
    let asked = ["p95", "coldStart"].iter().any(|name| members.at().node().get(name).is_some());
    let p95 = optional(members, "p95", time_limit);
    let cold_start = optional(members, "coldStart", time_limit);
    if !asked {
        members.at().fault("nothing is expected: p95 and coldStart are both missing");
    }
    Some(Probe::Latency(Latency { event, calls, p95, cold_start }))
}

pub(super) fn logs(members: &mut Members<'_>, _files: &dyn Files) -> Option<Probe> {
    let patterns = match members.optional("patterns") {
        Some(at) => {
            let read = expressions(&at).unwrap_or_default();
            if at.node().items().is_empty() && at.items().is_some() {
                at.fault("expected at least one regular expression");
            }
            read
        }
        None => patterns(),
    };
    let except = optional(members, "except", expressions).unwrap_or_default();
    let at_most = optional(members, "atMost", |at| at.whole(0..=1_000_000));
    let at_most = at_most.and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
    Some(Probe::Logs(Logs { patterns, except, at_most }))
}

pub(super) fn drift(members: &mut Members<'_>, _files: &dyn Files) -> Option<Probe> {
    let allow = optional(members, "allow", |at| at.each(allowed)).unwrap_or_default();
    Some(Probe::Drift(Drift { allow }))
}

fn allowed(at: &At<'_>) -> Option<AllowedChange> {
    let text = at.text()?;
    if let Some(name) = text.strip_prefix("environment.") {
        let known = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(known) {
            at.fault(format!("{name:?} is no name of an environment variable"));
        }
        return Some(AllowedChange::Variable(name.to_owned()));
    }
    let positions: Vec<(&str, usize)> =
        AllowedChange::NAMES.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
    let index = at.choice(&positions)?;
    AllowedChange::NAMES.into_iter().nth(index).map(|(_, change)| change)
}

pub(super) fn alarms(members: &mut Members<'_>, _files: &dyn Files) -> Option<Probe> {
    let names = optional(members, "names", |at| at.each(|item| item.text().map(str::to_owned)));
    Some(Probe::Alarms(Alarms { names: names.unwrap_or_default() }))
}
