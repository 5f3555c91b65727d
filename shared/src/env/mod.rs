//! Every environment variable that a function of this workspace reads, and the one way to read them.
//!
//! Settings are read once, in `main`, through a [`Lookup`] that tests replace: no test changes its process' environment and
//! nothing else in the workspace reads it. All faults are collected before giving up, so that one failed start names everything
//! that is wrong. No variable has a default that would weaken a gate. A value is never shown in a fault: it may be a secret.

mod reader;
mod variables;

pub use reader::{Fault, Lookup, ProcessEnvironment, Reader, SettingsError};
pub use variables::{ALL, EnvVar, Need};
pub use variables::{
    AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_VERSION, AWS_LAMBDA_LOG_FORMAT,
    AWS_LAMBDA_LOG_LEVEL, AWS_LAMBDA_RUNTIME_API, AWS_REGION, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
    AWS_XRAY_DAEMON_ADDRESS, BASE_PATH, CORS_ALLOWED_ORIGINS, METRICS_NAMESPACE, METRICS_WINDOW_SECONDS,
    OTEL_EXPORTER_OTLP_ENDPOINT, OWNER_REQUESTS_PER_SECOND, SLIPWAY_APPLICATION, SLIPWAY_ARTIFACT_BUCKET,
    SLIPWAY_CA_BUNDLE, SLIPWAY_COMMIT, SLIPWAY_DEPLOYMENT_APPLICATIONS, SLIPWAY_EXECUTION_ROLE_ARN,
    SLIPWAY_INCONCLUSIVE, SLIPWAY_LEDGER_TABLE, SLIPWAY_PIPELINE, SLIPWAY_RELEASE, SLIPWAY_RELEASES_TABLE,
    SLIPWAY_STACK, SLIPWAY_STAGE, SLIPWAY_TEMPLATE, SLIPWAY_TOPIC_ARN, TABLE_NAME, TRACING,
};
