//! The ledgers of an account and region: the tables that stacks name in their output `LedgerName`.

use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::ledger::AwsLedger;
use slipway_shared::telemetry::Chain;

/// The stack's output that names its ledger.
const OUTPUT: &str = "LedgerName";

/// A stack's ledger.
#[derive(Debug, Clone)]
pub struct StackLedger {
    /// The stack's name.
    pub stack: String,
    /// The ledger.
    pub ledger: AwsLedger,
}

/// The ledgers of all stacks that have one.
///
/// # Errors
/// Fails with CloudFormation's refusal.
pub async fn list(settings: &AwsSettings) -> Result<Vec<StackLedger>, String> {
    let mut pages = aws::cloudformation(settings).describe_stacks().into_paginator().send();
    let mut ledgers = Vec::new();
    while let Some(page) = pages.next().await {
        for stack in page.map_err(|error| Chain(&error).to_string())?.stacks() {
            let named = stack.outputs().iter().filter(|output| output.output_key() == Some(OUTPUT));
            ledgers.extend(named.filter_map(|output| output.output_value()).map(|table| StackLedger {
                stack: stack.stack_name().unwrap_or_default().to_owned(),
                ledger: AwsLedger::new(aws::dynamodb(settings), table),
            }));
        }
    }
    Ok(ledgers)
}
