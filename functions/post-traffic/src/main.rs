//! The Lambda function `post-traffic`.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use slipway_shared::env::ProcessEnvironment;
use slipway_shared::telemetry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let hook = post_traffic::from_env(&ProcessEnvironment)
        .inspect_err(|error| tracing::error!(error = %telemetry::Chain(error), "the function cannot start"))?;
    run(service_fn(|event: LambdaEvent<Value>| post_traffic::handle(&hook, event.into()))).await
}
