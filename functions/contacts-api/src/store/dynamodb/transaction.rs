//! Several items written at once or not at all, and what is told of those that were not.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use slipway_shared::aws::translate;
use ulid::Ulid;

use super::super::{StoreError, WriteError};
use super::DynamoDb;
use super::batch::throttled;

const OPERATION: &str = "TransactWriteItems";

/// The reason why nothing was written.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Conditions were not met: a reason for each item, in the order of the items.
    Conditions(Vec<CancellationReason>),
    /// Other requests wrote the same items all the time.
    Conflict,
    /// The call failed for another reason than a condition or a conflict.
    Store(StoreError),
}

impl Refusal {
    /// The error of a write whose conditions `explain` knows.
    pub(super) fn explained(self, explain: impl FnOnce(Vec<CancellationReason>) -> WriteError) -> WriteError {
        match self {
            Self::Conditions(reasons) => explain(reasons),
            Self::Conflict => WriteError::Conflict,
            Self::Store(error) => WriteError::Store(error),
        }
    }
}

/// True if it was the condition of this item that was not met.
pub(super) fn failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// Pauses between attempts: each twice as long as the one before and shortened by chance, so that those who collided part.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    pauses: u32,
}

impl Backoff {
    const PAUSES: u32 = 6;
    const FIRST: Duration = Duration::from_millis(20);

    /// Pauses, unless that was done often enough: 1.2 seconds in all at most, of an API's ten.
    pub(super) async fn wait(&mut self) -> bool {
        if self.pauses == Self::PAUSES {
            return false;
        }
        let longest = Self::FIRST * 2_u32.pow(self.pauses);
        tokio::time::sleep(longest.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        self.pauses += 1;
        true
    }
}

impl DynamoDb {
    /// Writes all of it or nothing. While other transactions hold the items, or the table has no capacity, it is tried again; the
    /// token makes an attempt whose answer was lost, and those after it, one write.
    ///
    /// Assumed: a token may be sent again after a transaction that was cancelled. The documentation says that calls with one token are
    /// one for ten minutes, and of cancelled ones nothing; if they stay cancelled, a conflict is answered as such after the pauses.
    pub(super) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<(), Refusal> {
        let token = Ulid::generate().to_string();
        let mut backoff = Backoff::default();
        loop {
            let request = self.client.transact_write_items().client_request_token(&token);
            let Err(error) = request.set_transact_items(Some(items.clone())).send().await else { return Ok(()) };
            let refusal = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let reasons = cancelled.cancellation_reasons();
                    let because = |codes: &[&str]| {
                        reasons.iter().any(|reason| reason.code().is_some_and(|code| codes.contains(&code)))
                    };
                    if reasons.iter().any(failed) {
                        return Err(Refusal::Conditions(reasons.to_vec()));
                    } else if because(&["TransactionConflict"]) {
                        Refusal::Conflict
                    } else if because(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
                        Refusal::Store(throttled(OPERATION, error.into_service_error()))
                    } else {
                        return Err(Refusal::Store(StoreError::Call(translate(OPERATION, error))));
                    }
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => Refusal::Conflict,
                // The SDK has tried again what could be.
                _ => return Err(Refusal::Store(StoreError::Call(translate(OPERATION, error)))),
            };
            if !backoff.wait().await {
                return Err(refusal);
            }
        }
    }
}
