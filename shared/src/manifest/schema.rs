//! The JSON Schemas of manifests and of suites, made of their types: editors complete and check by them.

use schemars::schema_for;

use super::types::Manifest;
use crate::suite::Suite;

/// The schema of `slipway.yaml`, as it lies in the repository.
#[must_use]
pub fn manifest_schema() -> String {
    written(&schema_for!(Manifest))
}

/// The schema of a suite in a file of its own.
#[must_use]
pub fn suite_schema() -> String {
    written(&schema_for!(Suite))
}

fn written(schema: &schemars::Schema) -> String {
    // A schema is a JSON value: writing it cannot fail.
    serde_json::to_string_pretty(schema).map(|text| text + "\n").unwrap_or_default()
}
