//! Everything a deploy trigger may do, which is what its role in `template.yaml` allows.

use slipway_shared::aws::{
    self, AwsDeploymentOutcomes, AwsNotifications, AwsObjects, AwsParameters, AwsPipelines, AwsSettings, AwsStacks,
};
use slipway_shared::clock::{Clock, SystemClock};
use slipway_shared::deployment_outcomes::GetDeploymentOutcome;
use slipway_shared::ledger::{AwsLedger, ReadGathering, ReadLedger, WriteGathering};
use slipway_shared::notifications::PublishNotification;
use slipway_shared::objects::{CreateObject, DownloadObject, HeadObject, ObjectUrl};
use slipway_shared::overrides::ReadOverrides;
use slipway_shared::parameters::PutParameter;
use slipway_shared::pipelines::{GetPipelineExecution, ListActionExecutions, ListPipelineExecutions};
use slipway_shared::release::{AwsReleases, ReadReleases, WriteReleases};
use slipway_shared::stacks::{
    CreateChangeSet, DeleteChangeSet, DescribeChangeSet, DescribeStack, DescribeStackEvents, ExecuteChangeSet,
    GetTemplate,
};

use crate::settings::Settings;

/// The systems a deploy trigger talks to. The bounds are its IAM policy.
pub trait Ports: Sync {
    /// Parameter Store.
    type Parameters: PutParameter + Sync;
    /// CloudFormation.
    type Stacks: DescribeStack
        + DescribeStackEvents
        + CreateChangeSet
        + DescribeChangeSet
        + GetTemplate
        + ExecuteChangeSet
        + DeleteChangeSet
        + Sync;
    /// S3.
    type Objects: DownloadObject + HeadObject + CreateObject + ObjectUrl + Sync;
    /// CodePipeline.
    type Pipelines: GetPipelineExecution + ListActionExecutions + ListPipelineExecutions + Sync;
    /// The table of releases.
    type Releases: ReadReleases + WriteReleases + Sync;
    /// CodeDeploy.
    type Deployments: GetDeploymentOutcome + Sync;
    /// The ledger of verdicts, and of people's overrides of alarms.
    type Ledger: ReadLedger + ReadOverrides + ReadGathering + WriteGathering + Sync;
    /// SNS.
    type Notifications: PublishNotification + Sync;
    /// Time.
    type Clock: Clock + Sync;

    /// Parameter Store.
    fn parameters(&self) -> &Self::Parameters;
    /// CloudFormation.
    fn stacks(&self) -> &Self::Stacks;
    /// S3.
    fn objects(&self) -> &Self::Objects;
    /// CodePipeline.
    fn pipelines(&self) -> &Self::Pipelines;
    /// The table of releases.
    fn releases(&self) -> &Self::Releases;
    /// CodeDeploy.
    fn deployments(&self) -> &Self::Deployments;
    /// The ledger; none if the stack that has it does not exist yet.
    fn ledger(&self) -> Option<&Self::Ledger>;
    /// SNS.
    fn notifications(&self) -> &Self::Notifications;
    /// Time.
    fn clock(&self) -> &Self::Clock;
}

/// The ports of the real AWS, one client for each service.
#[derive(Debug, Clone)]
pub struct AwsPorts {
    parameters: AwsParameters,
    stacks: AwsStacks,
    objects: AwsObjects,
    pipelines: AwsPipelines,
    releases: AwsReleases,
    deployments: AwsDeploymentOutcomes,
    ledger: Option<AwsLedger>,
    notifications: AwsNotifications,
    clock: SystemClock,
}

impl AwsPorts {
    /// One client per service, all over one connector.
    pub fn new(settings: &AwsSettings, trigger: &Settings) -> Self {
        let dynamodb = aws::dynamodb(settings);
        Self {
            parameters: AwsParameters::new(aws::ssm(settings)),
            stacks: AwsStacks::new(aws::cloudformation(settings)),
            objects: AwsObjects::new(aws::s3(settings), settings),
            pipelines: AwsPipelines::new(aws::codepipeline(settings)),
            deployments: AwsDeploymentOutcomes::new(aws::codedeploy(settings)),
            ledger: trigger.ledger_table.as_ref().map(|table| AwsLedger::new(dynamodb.clone(), table)),
            releases: AwsReleases::new(dynamodb, &trigger.releases_table),
            notifications: AwsNotifications::new(aws::sns(settings)),
            clock: SystemClock,
        }
    }
}

impl Ports for AwsPorts {
    type Parameters = AwsParameters;
    type Stacks = AwsStacks;
    type Objects = AwsObjects;
    type Pipelines = AwsPipelines;
    type Releases = AwsReleases;
    type Deployments = AwsDeploymentOutcomes;
    type Ledger = AwsLedger;
    type Notifications = AwsNotifications;
    type Clock = SystemClock;

    fn parameters(&self) -> &AwsParameters {
        &self.parameters
    }

    fn stacks(&self) -> &AwsStacks {
        &self.stacks
    }

    fn objects(&self) -> &AwsObjects {
        &self.objects
    }

    fn pipelines(&self) -> &AwsPipelines {
        &self.pipelines
    }

    fn releases(&self) -> &AwsReleases {
        &self.releases
    }

    fn deployments(&self) -> &AwsDeploymentOutcomes {
        &self.deployments
    }

    fn ledger(&self) -> Option<&AwsLedger> {
        self.ledger.as_ref()
    }

    fn notifications(&self) -> &AwsNotifications {
        &self.notifications
    }

    fn clock(&self) -> &SystemClock {
        &self.clock
    }
}
