//! Reads suites, and reports every fault of one with its place.

mod captures;
mod check;
mod http;
mod probe;
mod value;

use serde_json::Value;

pub use value::time_limit;

use super::check::{Check, Suite};
use crate::reading::{At, Members};
use crate::template::Node;

/// Where a suite comes from decides how strict it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A manifest or a file that it names: each check says its kind.
    File,
    /// A parameter or an S3 object: a check may leave its kind out, as all did once.
    Parameter,
}

/// The files that a suite may name.
pub trait Files {
    /// The JSON Schema in the file that is named here; reports a file that cannot be used.
    fn schema(&self, named: &At<'_>) -> Option<Value>;
}

/// No file can be named: the suite comes without any.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn schema(&self, named: &At<'_>) -> Option<Value> {
        named.fault("no file can be named here: write the schema itself");
        None
    }
}

/// Reads a suite. What cannot be used is left out and reported.
pub fn read(at: &At<'_>, dialect: Dialect, files: &dyn Files) -> Option<Suite> {
    let mut members = at.members()?;
    let mut list = |name: &'static str, kind: &'static str| {
        let default = (dialect == Dialect::Parameter).then_some(kind);
        members.optional(name).map(|at| checks(&at, default, files)).unwrap_or_default()
    };
    let suite = Suite { checks: list("checks", "invoke"), public: list("public", "http") };
    members.finish();
    Some(suite)
}

fn checks(at: &At<'_>, default: Option<&str>, files: &dyn Files) -> Vec<Check> {
    let Some(items) = at.items() else { return Vec::new() };
    let mut names = Vec::new();
    let mut captures = captures::Captures::default();
    items
        .iter()
        .filter_map(|item| {
            // Of a check with faults name and captures are known all the same.
            if let Some(name) = item.node().get("name").and_then(Node::as_str) {
                match names.contains(&name) {
                    true => item.fault(format!("two checks of this list are called {name:?}")),
                    false => names.push(name),
                }
            }
            let check = check::read(item, default, files);
            captures.take(item, check.as_ref());
            check
        })
        .collect()
}

/// A member that must be there, read by `read`.
fn required<'a, T>(
    members: &mut Members<'a>,
    name: &'static str,
    read: impl FnOnce(&At<'a>) -> Option<T>,
) -> Option<T> {
    members.required(name).and_then(|at| read(&at))
}

/// A member that may be left out, read by `read`.
fn optional<'a, T>(
    members: &mut Members<'a>,
    name: &'static str,
    read: impl FnOnce(&At<'a>) -> Option<T>,
) -> Option<T> {
    members.optional(name).and_then(|at| read(&at))
}
