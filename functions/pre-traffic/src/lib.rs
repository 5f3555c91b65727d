//! The hook before any user reaches a new version: runs the checks of the application's suite against exactly the target version.
//!
//! One copy serves every function of a stack: which version to judge follows from the deployment. It never invokes an alias or
//! `$LATEST`, which could be something else by the time of the call. How checks are run is `slipway_shared::hook`'s.

use slipway_shared::hook::{Case, HookPorts, List, Verdict};

/// The verdict on the deployment's target version.
pub async fn run_checks<P: HookPorts>(case: Case<P>) -> Verdict {
    case.run_list(List::Checks).await
}
