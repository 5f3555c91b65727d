//! Everything a canary watch may do, which is what its role in `template.yaml` allows.

use slipway_shared::aws::{
    self, AwsDeployments, AwsFunctions, AwsLogLines, AwsMetrics, AwsNotifications, AwsObjects, AwsParameters,
    AwsSettings,
};
use slipway_shared::deployments::{FindDeployments, ReadShift, StopDeployment};
use slipway_shared::hook::{InvokeVersion, ReadDeployment, ReadHook, ReadHookLog, ReportHookStatus};
use slipway_shared::ledger::{AwsLedger, ReadGathering, ReadLedger, WriteGathering, WriteLedger};
use slipway_shared::metrics::GetMetricData;
use slipway_shared::notifications::PublishNotification;
use slipway_shared::objects::GetObject;
use slipway_shared::parameters::ReadParameter;

use crate::settings::Settings;

/// The systems a canary watch talks to. The bounds are its IAM policy.
pub trait Ports: Sync {
    /// CodeDeploy.
    type Deployments: FindDeployments + ReadShift + StopDeployment + ReadDeployment + ReportHookStatus + Sync;
    /// CloudWatch.
    type Metrics: GetMetricData + Sync;
    /// The ledger.
    type Ledger: ReadLedger + WriteLedger + ReadGathering + WriteGathering + Sync;
    /// SNS.
    type Notifications: PublishNotification + Sync;
    /// Parameter Store, where suites are.
    type Parameters: ReadParameter + Sync;
    /// S3, where the manifests of releases are, which hold suites.
    type Objects: GetObject + Sync;
    /// Lambda, for the watch's own requests.
    type Functions: InvokeVersion + Sync;
    /// Lambda, as far as it tells what hooks are like.
    type Hooks: ReadHook + Sync;
    /// CloudWatch Logs, where hooks write.
    type Logs: ReadHookLog + Sync;

    /// CodeDeploy.
    fn deployments(&self) -> &Self::Deployments;
    /// CloudWatch.
    fn metrics(&self) -> &Self::Metrics;
    /// The ledger.
    fn ledger(&self) -> &Self::Ledger;
    /// SNS.
    fn notifications(&self) -> &Self::Notifications;
    /// Parameter Store, where suites are.
    fn parameters(&self) -> &Self::Parameters;
    /// S3, where the manifests of releases are, which hold suites.
    fn objects(&self) -> &Self::Objects;
    /// Lambda, for the watch's own requests.
    fn functions(&self) -> &Self::Functions;
    /// Lambda, as far as it tells what hooks are like.
    fn hooks(&self) -> &Self::Hooks;
    /// CloudWatch Logs, where hooks write.
    fn logs(&self) -> &Self::Logs;
}

/// The ports of the real AWS, one client for each service.
#[derive(Debug, Clone)]
pub struct AwsPorts {
    deployments: AwsDeployments,
    metrics: AwsMetrics,
    ledger: AwsLedger,
    notifications: AwsNotifications,
    parameters: AwsParameters,
    objects: AwsObjects,
    functions: AwsFunctions,
    logs: AwsLogLines,
}

impl AwsPorts {
    /// One client per service, all over one connector.
    pub fn new(aws: &AwsSettings, settings: &Settings) -> Self {
        Self {
            deployments: AwsDeployments::new(aws::codedeploy(aws)),
            metrics: AwsMetrics::new(aws::cloudwatch(aws)),
            ledger: AwsLedger::new(aws::dynamodb(aws), &settings.ledger_table),
            notifications: AwsNotifications::new(aws::sns(aws)),
            parameters: AwsParameters::new(aws::ssm(aws)),
            objects: AwsObjects::new(aws::s3(aws), aws),
            functions: AwsFunctions::new(aws::lambda(aws)),
            logs: AwsLogLines::new(aws::cloudwatchlogs(aws)),
        }
    }
}

impl Ports for AwsPorts {
    type Deployments = AwsDeployments;
    type Metrics = AwsMetrics;
    type Ledger = AwsLedger;
    type Notifications = AwsNotifications;
    type Parameters = AwsParameters;
    type Objects = AwsObjects;
    type Functions = AwsFunctions;
    type Hooks = AwsFunctions;
    type Logs = AwsLogLines;

    fn deployments(&self) -> &AwsDeployments {
        &self.deployments
    }

    fn metrics(&self) -> &AwsMetrics {
        &self.metrics
    }

    fn ledger(&self) -> &AwsLedger {
        &self.ledger
    }

    fn notifications(&self) -> &AwsNotifications {
        &self.notifications
    }

    fn parameters(&self) -> &AwsParameters {
        &self.parameters
    }

    fn objects(&self) -> &AwsObjects {
        &self.objects
    }

    fn functions(&self) -> &AwsFunctions {
        &self.functions
    }

    fn hooks(&self) -> &AwsFunctions {
        &self.functions
    }

    fn logs(&self) -> &AwsLogLines {
        &self.logs
    }
}
