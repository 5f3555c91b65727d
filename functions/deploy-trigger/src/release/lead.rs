//! The release that may take the stack: the one whose pipeline execution started last.

use jiff::Timestamp;
use slipway_shared::release::{CurrentRelease, ReleaseRecord, ReleaseState};

use super::attempt::Halt;
use crate::ports::Ports;
use crate::records;
use crate::settings::Settings;

/// Takes the lead, or halts because a newer release has it.
///
/// There is no compare-and-set in Parameter Store. It is asked before anything is prepared and again right before the change
/// set is executed: should an older release have overwritten a newer one's entry between the two, the newer puts itself back,
/// and of two that still execute at once CloudFormation takes one and calls the stack busy for the other.
pub(super) async fn take_lead<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &ReleaseRecord,
    started: Timestamp,
) -> Result<(), Halt> {
    let names = settings.names();
    let mine = CurrentRelease {
        execution_id: record.execution_id.clone(),
        execution_started: started,
        content: record.content.clone(),
    };
    let current = records::current_release(ports.parameters(), &names).await.map_err(Halt::Error)?;
    match current {
        Some(current) if current == mine => Ok(()),
        Some(current) if order(&current) > order(&mine) => Err(Halt::Close(
            ReleaseState::Superseded,
            format!(
                "the pipeline execution {}, which started later ({}), took the stack first",
                current.execution_id, current.execution_started
            ),
        )),
        _ => records::save_current(ports.parameters(), &names, &mine).await.map_err(Halt::Error),
    }
}

fn order(release: &CurrentRelease) -> (Timestamp, &str) {
    (release.execution_started, &release.execution_id)
}
