//! One SDK client per service, each behind its Cargo feature, all with the same explicit behaviour.

use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::AwsSettings;

/// Pinned to BehaviorVersion 2026-01-12: an SDK update must not change retries or defaults by itself.
macro_rules! client {
    ($(#[$doc:meta])* $feature:literal, $name:ident, $sdk:ident, $timeouts:expr) => {
        client! { $(#[$doc])* $feature, $name, $sdk, $timeouts, |builder, _settings| builder }
    };
    ($(#[$doc:meta])* $feature:literal, $name:ident, $sdk:ident, $timeouts:expr, |$builder:ident, $settings:ident| $more:expr) => {
        $(#[$doc])*
        #[cfg(feature = $feature)]
        #[must_use]
        pub fn $name($settings: &AwsSettings) -> $sdk::Client {
            let mut $builder = $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
                .region($sdk::config::Region::new($settings.region.clone()))
                .credentials_provider($settings.credentials.clone())
                .http_client($settings.http_client.clone())
                .retry_config(RetryConfig::standard())
                .timeout_config($timeouts);
            $builder.set_endpoint_url($settings.endpoint_url.clone());
            $sdk::Client::from_conf($more.build())
        }
    };
}

/// For calls that answer at once: a function's deadline must survive one that hangs.
#[cfg(any(
    feature = "cloudformation",
    feature = "cloudwatch",
    feature = "cloudwatchlogs",
    feature = "codedeploy",
    feature = "codepipeline",
    feature = "sns",
    feature = "ssm",
    feature = "sts"
))]
fn prompt() -> TimeoutConfig {
    timeouts(Duration::from_secs(8), Duration::from_secs(25))
}

/// For calls within a user's request: a function of ten seconds has time left to say that the store does not answer.
#[cfg(feature = "dynamodb")]
fn at_once() -> TimeoutConfig {
    timeouts(Duration::from_secs(2), Duration::from_secs(7))
}

/// For calls that carry megabytes.
#[cfg(feature = "s3")]
fn bulk() -> TimeoutConfig {
    timeouts(Duration::from_secs(60), Duration::from_secs(180))
}

/// For calls that last as long as the invoked function does; the hook's own deadline is the limit that counts.
#[cfg(feature = "lambda")]
fn as_long_as_a_function() -> TimeoutConfig {
    timeouts(Duration::from_secs(900), Duration::from_secs(900))
}

/// An attempt opens its connection and reads its answer within its own limit.
fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(attempt).operation_timeout(operation).build()
}

client! {
    /// CloudFormation: change sets and stacks.
    "cloudformation", cloudformation, aws_sdk_cloudformation, prompt()
}
client! {
    /// CloudWatch: metrics and alarms.
    "cloudwatch", cloudwatch, aws_sdk_cloudwatch, prompt()
}
client! {
    /// CloudWatch Logs: the lines of functions.
    "cloudwatchlogs", cloudwatchlogs, aws_sdk_cloudwatchlogs, prompt()
}
client! {
    /// CodeDeploy: deployments, their targets, hook statuses.
    "codedeploy", codedeploy, aws_sdk_codedeploy, prompt()
}
client! {
    /// CodePipeline: executions, their artifacts, jobs.
    "codepipeline", codepipeline, aws_sdk_codepipeline, prompt()
}
client! {
    /// DynamoDB: the items of the contacts API, and the ledger.
    "dynamodb", dynamodb, aws_sdk_dynamodb, at_once()
}
client! {
    /// Lambda: invocations of other functions.
    "lambda", lambda, aws_sdk_lambda, as_long_as_a_function()
}
client! {
    /// S3. Path style under an endpoint override: `bucket.127.0.0.1` is no host name.
    "s3", s3, aws_sdk_s3, bulk(), |builder, settings| builder.force_path_style(settings.endpoint_url.is_some())
}
client! {
    /// SNS: notifications for people.
    "sns", sns, aws_sdk_sns, prompt()
}
client! {
    /// Systems Manager Parameter Store.
    "ssm", ssm, aws_sdk_ssm, prompt()
}
client! {
    /// STS: the identity of the caller.
    "sts", sts, aws_sdk_sts, prompt()
}
