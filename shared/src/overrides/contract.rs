//! What is kept of overrides, whatever keeps them. It must be tried where none is kept.

use jiff::Timestamp;

use super::{AlarmOverride, AlarmResource, ReadOverrides, WriteOverride};
use crate::ledger::contract::{Broken, same};

/// Tries everything.
///
/// # Errors
/// The first word that is not kept.
pub async fn try_all<L: ReadOverrides + WriteOverride + Sync>(ledger: &L) -> Result<(), Broken> {
    same(&ledger.list_overrides().await?, &Vec::new())?;
    let act = |at: i64, alarm: &str| AlarmOverride {
        alarm: alarm.to_owned(),
        resource: Some(AlarmResource { stack: "shop-prod".to_owned(), logical_id: "Errors".to_owned() }),
        until: Timestamp::UNIX_EPOCH,
        reason: "it burns because of {{what is live}}".to_owned(),
        by: "arn:aws:iam::111122223333:user/ann".to_owned(),
        at: Timestamp::from_second(at).unwrap_or_default(),
    };
    let [second, first, third] = [act(20, "errors"), act(3, "slow: p99 > 5 s"), act(100, "errors")];
    for act in [&second, &first, &third] {
        ledger.write_override(act).await?;
    }
    same(&ledger.list_overrides().await?, &vec![first, second, third])
}
