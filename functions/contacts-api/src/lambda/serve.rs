//! From the environment to a running function.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;
use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::env::Lookup;
use slipway_shared::telemetry::Chain;

use super::invocation::Function;
use super::shutdown::Shutdown;
use crate::http::app;
use crate::settings::Settings;
use crate::store::DynamoDb;
use crate::telemetry::{Calls, Metrics, Tracer};

/// Init has ten seconds; what is not warm by then warms up with the first request.
const PREWARM_LIMIT: Duration = Duration::from_secs(2);
/// Lambda gives an environment half a second between SIGTERM and SIGKILL.
const FLUSH_LIMIT: Duration = Duration::from_millis(400);

/// Serves invocations until Lambda ends the process.
///
/// # Errors
/// Fails if the environment cannot be used, or the Runtime API cannot be reached.
pub async fn serve(lookup: &impl Lookup) -> Result<(), Error> {
    let settings = Settings::from_env(lookup)?;
    let tracer = Tracer::new(settings.tracing, &settings.function_name)?;
    let store = store(&AwsSettings::from_env(lookup)?, settings.table_name, &tracer);
    match tokio::time::timeout(PREWARM_LIMIT, store.prewarm()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(error = %Chain(&error), "the store did not answer during init"),
        Err(_) => tracing::warn!("the store did not answer in time during init"),
    }
    let function = Function {
        app: app(store, settings.api),
        base_path: settings.base_path,
        metrics: Metrics::new(settings.metrics),
        tracer,
    };
    run(&function, &settings.runtime_api).await
}

fn store(settings: &AwsSettings, table: String, tracer: &Tracer) -> DynamoDb {
    let client = aws::dynamodb(settings);
    if !tracer.is_on() {
        return DynamoDb::new(client, table);
    }
    let traced = client.config().to_builder().interceptor(Calls(tracer.clone())).build();
    DynamoDb::new(aws_sdk_dynamodb::Client::from_conf(traced), table)
}

/// Answers invocations. Where something is gathered, the end of the process is waited for and what is left is told before it.
async fn run(function: &Function, runtime_api: &str) -> Result<(), Error> {
    let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| function.invoke(event));
    if !function.gathers() {
        return Runtime::new(handler).run().await;
    }
    let mut shutdown = Shutdown::announced(runtime_api).await?;
    tokio::select! {
        ended = Runtime::new(handler).run() => ended,
        () = shutdown.wait() => {
            if tokio::time::timeout(FLUSH_LIMIT, function.flush()).await.is_err() {
                tracing::warn!("not everything was told before the end");
            }
            Ok(())
        }
    }
}
