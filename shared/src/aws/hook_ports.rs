//! The systems of a hook on the real AWS.

use super::{
    AwsAlarms, AwsDeployments, AwsFunctions, AwsLogLines, AwsObjects, AwsParameters, AwsSettings, HttpPublicUrl,
};
use crate::hook::HookPorts;
use crate::ledger::AwsLedger;

/// One client for each service, all over one connector.
#[derive(Debug, Clone)]
pub struct AwsHookPorts {
    deployments: AwsDeployments,
    parameters: AwsParameters,
    functions: AwsFunctions,
    site: HttpPublicUrl,
    objects: AwsObjects,
    alarms: AwsAlarms,
    logs: AwsLogLines,
    ledger: Option<AwsLedger>,
}

impl AwsHookPorts {
    /// The clients of these settings, with the ledger in a table, if its name is known.
    #[must_use]
    pub fn new(settings: &AwsSettings, ledger_table: Option<&str>) -> Self {
        Self {
            deployments: AwsDeployments::new(super::codedeploy(settings)),
            parameters: AwsParameters::new(super::ssm(settings)),
            functions: AwsFunctions::new(super::lambda(settings)),
            site: HttpPublicUrl::new(settings),
            alarms: AwsAlarms::new(super::cloudwatch(settings)),
            logs: AwsLogLines::new(super::cloudwatchlogs(settings)),
            objects: AwsObjects::new(super::s3(settings), settings),
            ledger: ledger_table.map(|table| AwsLedger::new(super::dynamodb(settings), table)),
        }
    }
}

impl HookPorts for AwsHookPorts {
    type Deployments = AwsDeployments;
    type Parameters = AwsParameters;
    type Functions = AwsFunctions;
    type Configurations = AwsFunctions;
    type Alarms = AwsAlarms;
    type Logs = AwsLogLines;
    type Site = HttpPublicUrl;
    type Objects = AwsObjects;
    type Ledger = AwsLedger;

    fn deployments(&self) -> &AwsDeployments {
        &self.deployments
    }

    fn parameters(&self) -> &AwsParameters {
        &self.parameters
    }

    fn functions(&self) -> &AwsFunctions {
        &self.functions
    }

    fn configurations(&self) -> &AwsFunctions {
        &self.functions
    }

    fn alarms(&self) -> &AwsAlarms {
        &self.alarms
    }

    fn logs(&self) -> &AwsLogLines {
        &self.logs
    }

    fn site(&self) -> &HttpPublicUrl {
        &self.site
    }

    fn objects(&self) -> &AwsObjects {
        &self.objects
    }

    fn ledger(&self) -> Option<&AwsLedger> {
        self.ledger.as_ref()
    }
}
