//! Pages of projects and builds, in the order that was asked for.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::core::{Input, Page, Reply, ServiceError};

use super::build::Build;
use super::checks::invalid;
use super::project::Project;

/// The most names or ids of a page.
const PAGE: usize = 100;

/// `ListProjects`: by name unless asked otherwise.
///
/// # Errors
/// `InvalidInputException`.
pub fn projects<'a>(projects: impl Iterator<Item = &'a Project>, input: &Input) -> Reply {
    let mut all: Vec<&Project> = projects.collect();
    match input.opt_str("sortBy") {
        None | Some("NAME") => all.sort_by(|one, other| one.name().cmp(other.name())),
        Some("CREATED_TIME") => all.sort_by_key(|project| project.created),
        Some("LAST_MODIFIED_TIME") => all.sort_by_key(|project| project.modified),
        Some(_) => return Err(invalid("Invalid sortBy: must be NAME, CREATED_TIME or LAST_MODIFIED_TIME")),
    }
    let names = all.into_iter().map(|project| project.name().to_owned()).collect();
    page(input, "projects", ordered(names, input, "ASCENDING")?)
}

/// `ListBuilds` and `ListBuildsForProject`: the newest first unless asked otherwise.
///
/// # Errors
/// `InvalidInputException`.
pub fn builds<'a>(builds: impl Iterator<Item = &'a Arc<Build>>, input: &Input) -> Reply {
    let ids = builds.map(|build| build.id.clone()).collect();
    page(input, "ids", ordered(ids, input, "DESCENDING")?)
}

fn ordered(mut names: Vec<String>, input: &Input, default: &str) -> Result<Vec<String>, ServiceError> {
    match input.opt_str("sortOrder").unwrap_or(default) {
        "ASCENDING" => {}
        "DESCENDING" => names.reverse(),
        _ => return Err(invalid("Invalid sortOrder: must be ASCENDING or DESCENDING")),
    }
    Ok(names)
}

fn page(input: &Input, member: &str, names: Vec<String>) -> Reply {
    // The places in the order ascend, whatever the order is.
    let keys: Vec<String> = (0..names.len()).map(|place| format!("{place:09}")).collect();
    let all = keys.iter().map(String::as_str).zip(names);
    let scope = format!("{member}{:?}{:?}", input.opt_str("sortBy"), input.opt_str("sortOrder"));
    let token = input.opt_str("nextToken").filter(|token| !token.is_empty());
    let page = Page::cut(all, token, PAGE, &scope);
    let page = page.map_err(|_| invalid("Invalid input: nextToken is not one of this operation"))?;
    let mut shown: Value = json!({ "nextToken": page.next });
    shown[member] = json!(page.items);
    Ok(shown)
}
