//! The outputs of an account's stacks.

use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::telemetry::Chain;

/// The stacks that have an output of a name, each with its value.
///
/// # Errors
/// Fails with CloudFormation's refusal.
pub async fn named(settings: &AwsSettings, name: &str) -> Result<Vec<(String, String)>, String> {
    let mut pages = aws::cloudformation(settings).describe_stacks().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        for stack in page.map_err(|error| Chain(&error).to_string())?.stacks() {
            let named = stack.outputs().iter().filter(|output| output.output_key() == Some(name));
            let values = named.filter_map(|output| output.output_value());
            found.extend(values.map(|value| (stack.stack_name().unwrap_or_default().to_owned(), value.to_owned())));
        }
    }
    Ok(found)
}
