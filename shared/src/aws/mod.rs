//! The AWS rim: how clients are made, and the adapters that stand behind the ports.
//!
//! One HTTP connector serves all clients: rustls on ring with pinned Amazon roots (docs/adr/0003), which also speaks plain `http`
//! to an endpoint override. Credentials and region come from the variables that Lambda sets; nothing looks at profiles, metadata
//! services or any other place. Adapters translate every error into [`crate::call::CallError`] and nothing else leaves here.

#[cfg(feature = "hook")]
mod alarms;
mod clients;
#[cfg(feature = "cloudformation")]
mod cloudformation;
#[cfg(feature = "cloudwatch")]
mod cloudwatch;
#[cfg(feature = "codedeploy")]
mod codedeploy;
#[cfg(feature = "codepipeline")]
mod codepipeline;
mod connector;
#[cfg(feature = "codedeploy")]
mod deployment_outcomes;
#[cfg(feature = "codedeploy")]
mod deployment_shifts;
mod error;
#[cfg(feature = "s3")]
mod file_body;
#[cfg(feature = "hook")]
mod hook_ports;
#[cfg(feature = "lambda")]
mod lambda;
#[cfg(feature = "cloudwatchlogs")]
mod log_lines;
#[cfg(feature = "hook")]
mod public_url;
mod roots;
#[cfg(feature = "s3")]
mod s3;
mod settings;
#[cfg(feature = "sns")]
mod sns;
#[cfg(feature = "ssm")]
mod ssm;
#[cfg(test)]
mod testing;
#[cfg(any(feature = "cloudformation", feature = "cloudwatch", feature = "codedeploy", feature = "codepipeline"))]
mod time;

#[cfg(feature = "cloudformation")]
pub use self::cloudformation::AwsStacks;
#[cfg(feature = "cloudwatch")]
pub use self::cloudwatch::AwsMetrics;
#[cfg(feature = "codedeploy")]
pub use self::codedeploy::AwsDeployments;
#[cfg(feature = "codepipeline")]
pub use self::codepipeline::AwsPipelines;
#[cfg(feature = "lambda")]
pub use self::lambda::AwsFunctions;
#[cfg(feature = "s3")]
pub use self::s3::AwsObjects;
#[cfg(feature = "sns")]
pub use self::sns::AwsNotifications;
#[cfg(feature = "hook")]
pub use alarms::AwsAlarms;
#[cfg(feature = "cloudformation")]
pub use clients::cloudformation;
#[cfg(feature = "cloudwatch")]
pub use clients::cloudwatch;
#[cfg(feature = "cloudwatchlogs")]
pub use clients::cloudwatchlogs;
#[cfg(feature = "codedeploy")]
pub use clients::codedeploy;
#[cfg(feature = "codepipeline")]
pub use clients::codepipeline;
#[cfg(feature = "dynamodb")]
pub use clients::dynamodb;
#[cfg(feature = "lambda")]
pub use clients::lambda;
#[cfg(feature = "s3")]
pub use clients::s3;
#[cfg(feature = "sns")]
pub use clients::sns;
#[cfg(feature = "ssm")]
pub use clients::ssm;
#[cfg(feature = "sts")]
pub use clients::sts;
#[cfg(feature = "codedeploy")]
pub use deployment_outcomes::AwsDeploymentOutcomes;
pub use error::translate;
#[cfg(feature = "hook")]
pub use hook_ports::AwsHookPorts;
#[cfg(feature = "cloudwatchlogs")]
pub use log_lines::AwsLogLines;
#[cfg(feature = "hook")]
pub use public_url::HttpPublicUrl;
pub use settings::AwsSettings;
#[cfg(feature = "ssm")]
pub use ssm::AwsParameters;
