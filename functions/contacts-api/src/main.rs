//! The function's process.

use slipway_shared::env::ProcessEnvironment;

/// One request at a time is all that Lambda sends: one thread is enough.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    slipway_shared::telemetry::init();
    contacts_api::lambda::serve(&ProcessEnvironment).await
}
