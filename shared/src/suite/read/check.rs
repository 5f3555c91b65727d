//! One check, whatever its kind.

use super::super::check::{Check, Probe};
use super::probe;
use super::value::time_limit;
use super::{Files, optional, required};
use crate::reading::{At, Members};

type Read = fn(&mut Members<'_>, &dyn Files) -> Option<Probe>;

const KINDS: [(&str, Read); 6] = [
    ("invoke", probe::invoke),
    ("http", super::http::http),
    ("latency", probe::latency),
    ("logs", probe::logs),
    ("drift", probe::drift),
    ("alarms", probe::alarms),
];

/// Reads a check; without a kind it is of the default one, where there is a default.
pub(super) fn read(at: &At<'_>, default: Option<&str>, files: &dyn Files) -> Option<Check> {
    let mut members = at.members()?;
    let name = required(&mut members, "name", |at| at.text().map(str::to_owned));
    let timeout = optional(&mut members, "timeout", time_limit);
    let retries = optional(&mut members, "retries", |at| at.whole(0..=10));
    let read = match (members.optional("kind"), default) {
        (Some(kind), _) => kind.choice(&KINDS)?,
        (None, Some(default)) => KINDS.iter().find(|(name, _)| *name == default).map(|(_, read)| *read)?,
        (None, None) => {
            let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            at.fault(format!("kind is missing; it is one of {}", names.join(", ")));
            return None;
        }
    };
    let probe = read(&mut members, files);
    let answers = matches!(probe, Some(Probe::Invoke(_) | Probe::Http(_)));
    let capture = if answers { optional(&mut members, "capture", captures).unwrap_or_default() } else { Vec::new() };
    let always = answers && optional(&mut members, "always", At::boolean).unwrap_or_default();
    let example = if answers { optional(&mut members, "example", |at| Some(at.value())) } else { None };
    // Were the probe not read, these would look unknown: they are known to kinds that answer.
    if probe.is_some() {
        members.finish();
    }
    let retries = retries.and_then(|retries| u8::try_from(retries).ok()).unwrap_or_default();
    let capture = capture.into_iter().collect();
    Some(Check { name: name?, probe: probe?, timeout, retries, capture, always, example })
}

fn captures(at: &At<'_>) -> Option<Vec<(String, String)>> {
    let capture = |(name, at): (&str, At<'_>)| {
        let pointer = at.text()?;
        if !super::super::placeholder::is_name(name) {
            at.fault(format!("{name:?} is no name of a captured value: a letter, then letters and digits"));
        }
        if !pointer.starts_with('/') {
            at.fault(format!("{pointer:?} is no JSON pointer: it begins with a slash"));
        }
        Some((name.to_owned(), pointer.to_owned()))
    };
    Some(at.entries()?.into_iter().filter_map(capture).collect())
}
