//! The systems of a hook in a dry run: the public URL and the functions that somebody names. Everything else is asked of nobody.

use serde_json::Value;
use slipway_shared::aws::{AwsFunctions, AwsLogLines, HttpPublicUrl};
use slipway_shared::call::CallError;
use slipway_shared::hook::{
    Alarm, Answer, Configuration, DeploymentInfo, DeploymentTarget, HookPorts, HookStatus, InvokeVersion, LogLines,
    ReadAlarms, ReadConfiguration, ReadDeployment, ReadGroupAlarms, ReadLogLines, ReportAddress, ReportHookStatus,
    Reported, Revision,
};
use slipway_shared::identity::{DeploymentId, FunctionName, FunctionVersion};
use slipway_shared::ledger::AwsLedger;
use slipway_shared::objects::{GetObject, GetObjectVersion, ObjectLocation};
use slipway_shared::parameters::{Parameter, ReadParameter};

use super::target::Target;

/// The systems of a hook in a dry run.
pub struct DryPorts {
    /// Sends the requests.
    pub site: HttpPublicUrl,
    /// The function that is invoked.
    pub functions: Functions,
    /// Its log.
    pub logs: Logs,
    /// The public URL.
    pub parameters: Given,
}

/// The function that is invoked for the version that is judged; none if nobody says which.
pub struct Functions(pub Option<(AwsFunctions, Target)>);

/// The log of a published version; none if nobody names one.
pub struct Logs(pub Option<AwsLogLines>);

/// The public URL where a hook reads its parameter.
pub struct Given {
    /// The URL.
    pub url: Option<String>,
}

/// It is asked, and answers that it is not there.
pub struct Nobody;

fn nobody<T>(operation: &'static str) -> Result<T, CallError> {
    Err(CallError::Unexpected { operation, source: "it is not called in a dry run".into() })
}

impl HookPorts for DryPorts {
    type Deployments = Nobody;
    type Parameters = Given;
    type Functions = Functions;
    type Configurations = Functions;
    type Alarms = Nobody;
    type Logs = Logs;
    type Site = HttpPublicUrl;
    type Objects = Nobody;
    type Ledger = AwsLedger;

    fn deployments(&self) -> &Nobody {
        &Nobody
    }

    fn parameters(&self) -> &Given {
        &self.parameters
    }

    fn functions(&self) -> &Functions {
        &self.functions
    }

    fn configurations(&self) -> &Functions {
        &self.functions
    }

    fn alarms(&self) -> &Nobody {
        &Nobody
    }

    fn logs(&self) -> &Logs {
        &self.logs
    }

    fn site(&self) -> &HttpPublicUrl {
        &self.site
    }

    fn objects(&self) -> &Nobody {
        &Nobody
    }

    fn ledger(&self) -> Option<&AwsLedger> {
        None
    }
}

impl InvokeVersion for Functions {
    /// Invokes what was named. The version that answers is told where one was: an alias may lead to either of two.
    async fn invoke_version(&self, _: &FunctionName, _: &FunctionVersion, event: &Value) -> Result<Answer, CallError> {
        let Some((lambda, target)) = &self.0 else { return nobody("Invoke") };
        let answer = lambda.invoke(&target.function, target.qualifier.as_deref(), event).await?;
        let executed_version = answer.executed_version.filter(|_| target.version().is_some());
        Ok(Answer { executed_version, ..answer })
    }
}

impl ReadParameter for Given {
    /// The public URL is the only parameter that a check reads.
    async fn read_parameter(&self, name: &str) -> Result<Parameter, CallError> {
        match &self.url {
            Some(url) => Ok(Parameter { name: name.to_owned(), value: url.clone(), version: 1 }),
            None => nobody("GetParameter"),
        }
    }
}

impl ReportHookStatus for Nobody {
    async fn report_hook_status(&self, _: &ReportAddress, _: HookStatus) -> Result<Reported, CallError> {
        nobody("PutLifecycleEventHookExecutionStatus")
    }
}

impl ReadDeployment for Nobody {
    async fn read_deployment(&self, _: &DeploymentId) -> Result<DeploymentInfo, CallError> {
        nobody("GetDeployment")
    }

    async fn read_targets(&self, _: &DeploymentId) -> Result<Vec<DeploymentTarget>, CallError> {
        nobody("ListDeploymentTargets")
    }

    async fn read_revision(&self, _: &str, _: &Revision) -> Result<Option<String>, CallError> {
        nobody("GetApplicationRevision")
    }
}

impl ReadGroupAlarms for Nobody {
    async fn read_group_alarms(&self, _: &str, _: &str) -> Result<Vec<String>, CallError> {
        nobody("GetDeploymentGroup")
    }
}

impl ReadConfiguration for Functions {
    async fn read_configuration(
        &self,
        name: &FunctionName,
        version: &FunctionVersion,
    ) -> Result<Configuration, CallError> {
        match &self.0 {
            Some((lambda, _)) => lambda.read_configuration(name, version).await,
            None => nobody("GetFunctionConfiguration"),
        }
    }
}

impl ReadAlarms for Nobody {
    async fn read_alarms(&self, _: &[String]) -> Result<Vec<Alarm>, CallError> {
        nobody("DescribeAlarms")
    }
}

impl ReadLogLines for Logs {
    async fn read_log_lines(&self, wanted: &LogLines) -> Result<Vec<String>, CallError> {
        match &self.0 {
            Some(logs) => logs.read_log_lines(wanted).await,
            None => nobody("FilterLogEvents"),
        }
    }
}

impl GetObject for Nobody {
    async fn get_object(&self, _: &ObjectLocation) -> Result<Vec<u8>, CallError> {
        nobody("GetObject")
    }
}

impl GetObjectVersion for Nobody {
    async fn get_object_version(&self, _: &ObjectLocation, _: &str) -> Result<Vec<u8>, CallError> {
        nobody("GetObjectVersion")
    }
}
