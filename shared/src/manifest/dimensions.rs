//! The dimensions of a metric as a manifest names them. A value may hold what is only known when a shift is judged.

use std::collections::BTreeMap;

use crate::reading::At;
use crate::suite::{filled_text, names_of};

/// Values of dimensions by name. `${function}` in a value is the function's name, `${alias}` the alias, `${resource}` the function as it
/// was invoked (`function:alias`, or `function:version`), `${stage}` the stage.
pub type Dimensions = BTreeMap<String, String>;

/// The name that stands for the function as it was invoked: a metric that has it tells users from probes.
const RESOURCE: &str = "resource";
/// All names that a value may hold.
const NAMES: [&str; 4] = ["function", "alias", RESOURCE, "stage"];
/// The most dimensions of a metric
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html>).
const MOST: usize = 30;

/// The dimensions with what `value_of` has for each name.
#[must_use]
pub fn filled<'a>(dimensions: &Dimensions, value_of: impl Fn(&str) -> Option<&'a str>) -> Vec<(String, String)> {
    let filled = |(name, value): (&String, &String)| {
        (name.clone(), filled_text(value, &value_of).unwrap_or_else(|| value.clone()))
    };
    dimensions.iter().map(filled).collect()
}

/// True if the metric is counted apart for each way in which the function is invoked.
#[must_use]
pub fn tell_the_resource(dimensions: &Dimensions) -> bool {
    dimensions.values().any(|value| names_of(value).is_ok_and(|names| names.iter().any(|name| name == RESOURCE)))
}

/// Reads dimensions beside which `version_dimension` tells the version. What cannot be used is left out and reported.
pub(super) fn dimensions(at: &At<'_>, version_dimension: &str) -> Option<Dimensions> {
    let entries = at.entries()?;
    if entries.len() >= MOST {
        at.fault(format!("a metric has {MOST} dimensions at most, the version's among them"));
    }
    let read = |(name, at): (&str, At<'_>)| {
        if name == version_dimension {
            at.fault_of_key(format!("{name} tells the version (versionDimension): it has no value of its own"));
        }
        let value = at.scalar()?;
        check_names(&at, &value);
        Some((name.to_owned(), value))
    };
    Some(entries.into_iter().filter_map(read).collect())
}

fn check_names(at: &At<'_>, value: &str) {
    let list = NAMES.map(|name| format!("${{{name}}}")).join(", ");
    match names_of(value) {
        Err(_) => at.fault(format!("a ${{ without a name and a }}: there are {list}")),
        Ok(names) => {
            for name in names.iter().filter(|name| !NAMES.contains(&name.as_str())) {
                at.fault(format!("there is no ${{{name}}}: there are {list}"));
            }
        }
    }
}
