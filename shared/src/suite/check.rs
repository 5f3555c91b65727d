//! A suite, its checks, and the kinds of check.

use std::collections::BTreeMap;

use serde::Serialize;

use super::alarms::Alarms;
use super::drift::Drift;
use super::http::Http;
use super::invoke::Invoke;
use super::latency::Latency;
use super::logs::Logs;
use super::placeholder;
use super::read::{self, Dialect, NoFiles};
use super::sequences::sequences;
use super::time_limit::TimeLimit;
use crate::reading::{At, Collector, Fault, Faults};
use crate::template::Node;

/// The checks of one function.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Suite {
    /// The checks of the target version before any user reaches it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// The checks after all users reach it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public: Vec<Check>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Check {
    /// Unique within its list; verdicts name the check by it.
    pub name: String,
    /// The kind of check, with its own members.
    #[serde(flatten)]
    pub probe: Probe,
    /// The time that one attempt may take. Without it, the time that the hook has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<TimeLimit>,
    /// The number of further attempts after one that did not pass; 10 at most.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "schema", schemars(range(max = 10)))]
    pub retries: u8,
    /// Values of the answer for later checks: JSON pointers (RFC 6901) by name. A body that is a text is read as JSON on the way.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capture: BTreeMap<String, String>,
    /// True if it is run even if the check that captured what it uses did not pass, or time is running out: it cleans up.
    #[serde(default, skip_serializing_if = "is_false")]
    pub always: bool,
    /// An answer that passes, in the form of `expect`: `slipway check` holds the check against it. No hook looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<serde_json::Value>,
}

/// The kinds of check.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Probe {
    /// Invokes the target version with an event.
    Invoke(Invoke),
    /// Sends a request through the public URL.
    Http(Http),
    /// Measures how long the target version takes.
    Latency(Latency),
    /// Looks for errors in the target version's own log lines.
    Logs(Logs),
    /// Compares the configurations of the current and the target version.
    Drift(Drift),
    /// Looks for alarms that burned before the deployment began.
    Alarms(Alarms),
}

impl Suite {
    /// Reads the suite of a parameter or an S3 object: JSON. A check without a `kind` is an invocation in `checks` and a request in
    /// `public`, as suites were before there were kinds.
    ///
    /// # Errors
    /// Every fault, with its JSON pointer.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let value = serde_json::from_str(text).map_err(|error| Fault {
            file: "".into(),
            line: error.line(),
            column: error.column(),
            pointer: String::new(),
            message: format!("not JSON: {error}"),
        })?;
        let (node, collector) = (Node::from_json(&value), Collector::default());
        let suite = read::read(&At::top(&node, "", &collector), Dialect::Parameter, &NoFiles);
        collector.finish(suite)
    }

    /// The checks of `list` that build on one another, in their order; what is in different sequences may run side by side.
    #[must_use]
    pub fn sequences(list: &[Check]) -> Vec<Vec<&Check>> {
        sequences(list)
    }
}

impl Check {
    /// The names of the captured values that this check uses.
    #[must_use]
    pub fn uses(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.probe.visit(&mut |text| names.extend(placeholder::names_of(text).unwrap_or_default()));
        names
    }
}

impl Probe {
    /// The name of its kind, as a suite writes it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Invoke(_) => "invoke",
            Self::Http(_) => "http",
            Self::Latency(_) => "latency",
            Self::Logs(_) => "logs",
            Self::Drift(_) => "drift",
            Self::Alarms(_) => "alarms",
        }
    }

    /// The same probe with `value(name)` in the place of each `${name}`; a name without a value stays as it is.
    #[must_use]
    pub fn filled<'a>(&self, value: &impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut filled = self.clone();
        filled.edit(&mut |text| {
            if let Some(new) = placeholder::filled_text(text, value) {
                *text = new;
            }
        });
        filled
    }

    /// Shows every text that may hold a captured value.
    fn visit(&self, look: &mut impl FnMut(&str)) {
        self.clone().edit(&mut |text| look(text));
    }

    /// Every text that may hold a captured value, to be changed.
    fn edit(&mut self, change: &mut impl FnMut(&mut String)) {
        match self {
            Self::Invoke(invoke) => invoke.edit(change),
            Self::Http(http) => http.edit(change),
            Self::Latency(latency) => latency.edit(change),
            Self::Logs(_) | Self::Drift(_) | Self::Alarms(_) => {}
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(truth: &bool) -> bool {
    !*truth
}
