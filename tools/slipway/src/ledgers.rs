//! The ledgers of an account and region: the tables that stacks name in their output `LedgerName`.

use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::ledger::AwsLedger;

use crate::outputs;

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
    let named = outputs::named(settings, OUTPUT).await?;
    let ledger = |table| AwsLedger::new(aws::dynamodb(settings), table);
    Ok(named.into_iter().map(|(stack, table)| StackLedger { stack, ledger: ledger(table) }).collect())
}
