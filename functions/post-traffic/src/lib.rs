//! The hook after all users reach a new version: runs the public checks of the application's suite, most of them through its public
//! URL.
//!
//! It looks from outside, as users do, through DNS, API Gateway and the alias; which version answers is the suite's to ask. The
//! URL is read when the hook runs, because the hook cannot depend on the API that depends on the alias that depends on the hook.

use slipway_shared::hook::{Case, HookPorts, List, Verdict};

/// The verdict on what the public sees of the deployment.
pub async fn run_checks<P: HookPorts>(case: Case<P>) -> Verdict {
    case.run_list(List::Public).await
}
