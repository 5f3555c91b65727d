//! Everything that there is to do on a stage, until nothing moves any more.

use std::collections::BTreeMap;

use slipway_shared::release::{Found, ReleaseRecord};
use slipway_shared::telemetry::Chain;

use super::Wish;
use super::hold::{Entry, Hold};
use crate::TriggerError;
use crate::attempt::Attempt;
use crate::outcome::{follow, tell};
use crate::ports::Ports;
use crate::release::{advance, identify, supersede};

/// The result of an attempt at a stage.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// There was something to do.
    Worked {
        /// The releases of the wish, as they are now.
        records: BTreeMap<String, ReleaseRecord>,
        /// The number of releases that entered the queue.
        entered: usize,
    },
    /// Another attempt works on the stage, and sees the wish.
    InHand,
    /// There was nothing to do. The records of the wish.
    Idle(BTreeMap<String, Found>),
}

/// Comes to the stage with a wish and does what there is to do.
///
/// # Errors
/// A call failed, or the state cannot be used. What was kept stays, the lock is given back where that is possible.
pub(crate) async fn work<P: Ports>(attempt: &Attempt<'_, P>, wish: &Wish) -> Result<Outcome, TriggerError> {
    let (mut hold, entered) = match Hold::enter(attempt, wish).await? {
        Entry::Held(hold, entered) => (hold, entered),
        Entry::InHand => return Ok(Outcome::InHand),
        Entry::Idle(records) => return Ok(Outcome::Idle(records)),
    };
    if let Err(error) = Box::pin(until_nothing_moves(&mut hold)).await {
        let reason = format!("the last attempt failed: {}", Chain(&error));
        // Best effort: the error itself is what Lambda must see, and the lock ends by itself.
        if let Err(second) = hold.abandon(hold.at_work.as_deref(), &reason).await {
            tracing::warn!(error = %Chain(&second), "the lock of the stage was not given back");
        }
        return Err(error);
    }
    let record = |release: String| Some((release.clone(), hold.record(&release)?.clone()));
    Ok(Outcome::Worked { records: wish.releases().into_iter().filter_map(record).collect(), entered })
}

async fn until_nothing_moves<P: Ports>(hold: &mut Hold<'_, P>) -> Result<(), TriggerError> {
    loop {
        while turn(hold).await? {}
        if hold.leave().await? {
            return Ok(());
        }
    }
}

/// One step of the most urgent kind. Returns whether anything moved.
async fn turn<P: Ports>(hold: &mut Hold<'_, P>) -> Result<bool, TriggerError> {
    hold.load().await?;
    hold.at_work = None;
    Ok(tell(hold).await?
        || follow(hold).await?
        || identify(hold).await?
        || supersede(hold)?
        || Box::pin(advance(hold)).await?)
}
