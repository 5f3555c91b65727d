//! The Lambda function around the library.

use deploy_trigger::{Attempt, AwsPorts, Deadline, Settings, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use slipway_shared::aws::AwsSettings;
use slipway_shared::env::ProcessEnvironment;
use slipway_shared::telemetry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let settings = Settings::from_env(&ProcessEnvironment)?;
    let ports = AwsPorts::new(&AwsSettings::from_env(&ProcessEnvironment)?, &settings);
    run(service_fn(async |event: LambdaEvent<Value>| {
        let deadline = Deadline::from_lambda(event.context.deadline);
        // A retry of one event has its request id again; another environment may be at work on the first try still.
        let holder = format!("{}#{}", event.context.env_config.log_stream, event.context.request_id);
        handle(&Attempt::new(&ports, &settings, holder, deadline), &event.payload).await
    }))
    .await
}
