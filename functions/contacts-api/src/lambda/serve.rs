//! From the environment to a running function.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::env::Lookup;
use slipway_shared::telemetry::Chain;

use super::event::HttpEvent;
use super::handler::handle;
use crate::http::app;
use crate::settings::Settings;
use crate::store::DynamoDb;

/// Init has ten seconds; what is not warm by then warms up with the first request.
const PREWARM_LIMIT: Duration = Duration::from_secs(2);

/// Serves invocations until Lambda ends the process.
///
/// # Errors
/// When the environment cannot be used, or the Runtime API cannot be reached.
pub async fn serve(lookup: &impl Lookup) -> Result<(), Error> {
    let settings = Settings::from_env(lookup)?;
    let store = DynamoDb::new(aws::dynamodb(&AwsSettings::from_env(lookup)?), settings.table_name);
    match tokio::time::timeout(PREWARM_LIMIT, store.prewarm()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(error = %Chain(&error), "the store did not answer during init"),
        Err(_) => tracing::warn!("the store did not answer in time during init"),
    }
    let (app, base_path) = (app(store, settings.about), settings.base_path);
    let handler = service_fn(|event: LambdaEvent<HttpEvent>| handle(&app, base_path.as_deref(), event.payload));
    lambda_runtime::run(handler).await
}
