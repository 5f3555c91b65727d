//! The pages that people look things up in say what the code does.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use slipway_shared::env::ALL;
use slipway_shared::hook::HookError;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// The text in backticks that begins each row.
fn rows(page: &str) -> Vec<&str> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| *name != "errorType")
        .collect()
}

#[test]
fn the_environments_page_is_the_list_of_variables() {
    let page = read("docs/environment.md");
    let expected: Vec<String> = ALL
        .iter()
        .map(|each| format!("| `{}` | {} | {} | {} |", each.name, each.need.as_str(), each.readers, each.meaning))
        .collect();
    let found: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(found, expected, "docs/environment.md should hold these rows:\n{}", expected.join("\n"));
}

#[test]
fn every_variable_the_template_sets_is_one_that_is_read() {
    let known: BTreeSet<&str> = ALL.iter().map(|each| each.name).collect();
    let template = read("template.yaml");
    let keys = template.lines().filter_map(|line| line.trim().split_once(':')).map(|(key, _)| key);
    let set: BTreeSet<&str> = keys.filter(|key| key.starts_with("SLIPWAY_") || *key == "TABLE_NAME").collect();
    assert!(set.is_subset(&known), "{:?} are read by nobody", set.difference(&known));
    let required = ALL.iter().filter(|each| each.need == slipway_shared::env::Need::Required);
    for variable in required {
        assert!(set.contains(variable.name), "template.yaml does not set {}", variable.name);
    }
}

#[test]
fn the_errors_page_is_the_list_of_error_types() {
    let page = read("docs/errors.md");
    let sources = [
        "shared/src/hook/run.rs",
        "functions/canary-watch/src/error.rs",
        "functions/deploy-trigger/src/error.rs",
        "functions/contacts-api/src/lambda/handler.rs",
    ]
    .map(read)
    .concat();
    let listed = rows(&page);
    for name in &listed {
        assert!(sources.contains(&format!("\"{name}\"")), "{name} is listed but no function's error type");
    }
    let dotted =
        sources.split('"').filter(|text| ["Hook.", "Trigger.", "Watch."].iter().any(|prefix| text.starts_with(prefix)));
    for name in dotted.chain(HookError::TYPES) {
        assert!(listed.contains(&name), "{name} is not in docs/errors.md");
    }
}
