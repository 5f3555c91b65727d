//! The one report: tried again within the reserve, because an unreported hook costs an hour.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::deadline::Deadline;
use super::event::ReportAddress;
use super::policy::HookStatus;
use super::ports::{HookPorts, ReportHookStatus, Reported};
use crate::call::CallError;

/// A report is tried so often at most.
const ATTEMPTS: u32 = 5;
/// Before the second attempt; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// An attempt is given up after this, or after half of the remaining time.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(3);
/// Even with no time left one attempt is made: it may get through before the function is ended.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(250);

/// Reports until CodeDeploy has taken it. An attempt whose answer is lost is repeated: CodeDeploy then answers that the event is
/// completed already, which is what was wanted.
pub(super) async fn report<P: HookPorts>(
    ports: &Arc<P>,
    address: &ReportAddress,
    status: HookStatus,
    deadline: Deadline,
) -> Result<Reported, CallError> {
    let mut pause = FIRST_PAUSE;
    let mut attempt = 1;
    loop {
        let outcome = attempt_once(ports, address, status, deadline).await;
        match outcome {
            Ok(reported) => return Ok(reported),
            Err(error) if attempt == ATTEMPTS || !worth_repeating(&error) => return Err(error),
            // The next one would be ended with the function, unheard.
            Err(error) if deadline.remaining() <= pause + SHORTEST_ATTEMPT => return Err(error),
            Err(_) => {}
        }
        sleep(pause).await;
        pause *= 2;
        attempt += 1;
    }
}

/// A denial too: a role that was just made takes seconds to be known everywhere.
fn worth_repeating(error: &CallError) -> bool {
    error.is_transient() || matches!(error, CallError::Denied { .. })
}

/// In a task of its own, so that not even a panic of the adapter ends the hook unreported.
async fn attempt_once<P: HookPorts>(
    ports: &Arc<P>,
    address: &ReportAddress,
    status: HookStatus,
    deadline: Deadline,
) -> Result<Reported, CallError> {
    let unavailable = |source: Box<dyn std::error::Error + Send + Sync>| CallError::Unavailable {
        operation: "PutLifecycleEventHookExecutionStatus",
        source,
    };
    let limit = (deadline.remaining() / 2).clamp(SHORTEST_ATTEMPT, LONGEST_ATTEMPT);
    let task = tokio::spawn({
        let (ports, address) = (Arc::clone(ports), address.clone());
        async move { ports.deployments().report_hook_status(&address, status).await }
    });
    let stop = task.abort_handle();
    match timeout(limit, task).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => Err(unavailable(Box::new(panic))),
        Err(elapsed) => {
            stop.abort();
            Err(unavailable(Box::new(elapsed)))
        }
    }
}
