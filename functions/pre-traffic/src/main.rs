//! The Lambda function `pre-traffic`.

use slipway_shared::hook::{LifecycleEvent, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(LifecycleEvent::BeforeAllowTraffic, pre_traffic::run_checks).await
}
