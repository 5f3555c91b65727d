//! The end of releases that wait although a newer one is live.

use slipway_shared::release::ReleaseState;

use crate::TriggerError;
use crate::ports::Ports;
use crate::stage::Hold;

/// Ends what is older than the live release. Returns whether anything moved.
pub(crate) fn supersede<P: Ports>(hold: &mut Hold<'_, P>) -> Result<bool, TriggerError> {
    let mut moved = false;
    let live = hold.state.live.clone();
    for release in hold.state.superseded() {
        let (Some(live), Some(record)) = (&live, hold.record(&release).cloned()) else { continue };
        let reason = format!("the release {}, which is newer (of {}), is live", live.execution_id, live.order);
        hold.close(record, ReleaseState::Superseded, reason)?;
        moved = true;
    }
    Ok(moved)
}
