//! What AWS knows of an alarm that is to be overridden, and of who does it.

use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::overrides::AlarmResource;
use slipway_shared::telemetry::Chain;

use crate::failure::Failure;

/// `BatchGetDeploymentGroups` takes at most so many names
/// (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeploymentGroups.html>).
const GROUPS: usize = 100;

/// An alarm, and the caller.
#[derive(Debug)]
pub(super) struct Facts {
    /// The place of the alarm in the stack that made it.
    pub(super) resource: Option<AlarmResource>,
    /// The deployment groups that read the alarm, as `application/group`.
    pub(super) groups: Vec<String>,
    /// The caller's ARN.
    pub(super) caller: String,
}

/// # Errors
/// Fails if there is no metric alarm of that name, or if AWS cannot be asked.
pub(super) async fn read(settings: &AwsSettings, alarm: &str) -> Result<Facts, Failure> {
    exists(settings, alarm).await?;
    Ok(Facts {
        resource: resource(settings, alarm).await,
        groups: groups(settings, alarm).await?,
        caller: caller(settings).await?,
    })
}

fn unanswered(service: &str, error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::environment(format!("{service} cannot be asked"), Chain(error))
}

/// CodeDeploy reads metric alarms alone.
async fn exists(settings: &AwsSettings, alarm: &str) -> Result<(), Failure> {
    let request = aws::cloudwatch(settings).describe_alarms().alarm_names(alarm);
    let found = request.send().await.map_err(|error| unanswered("CloudWatch", &error))?;
    if found.metric_alarms().is_empty() {
        return Err(Failure::SaidNo(format!("there is no metric alarm {alarm}")));
    }
    Ok(())
}

/// The alarm's place in a stack; none if CloudFormation knows of none, which it says by an error.
async fn resource(settings: &AwsSettings, alarm: &str) -> Option<AlarmResource> {
    let request = aws::cloudformation(settings).describe_stack_resources().physical_resource_id(alarm);
    let found = request.send().await.ok()?.stack_resources.unwrap_or_default();
    let own = found.into_iter().find(|resource| resource.physical_resource_id.as_deref() == Some(alarm))?;
    Some(AlarmResource { stack: own.stack_name?, logical_id: own.logical_resource_id? })
}

async fn groups(settings: &AwsSettings, alarm: &str) -> Result<Vec<String>, Failure> {
    let client = aws::codedeploy(settings);
    let refused = |error: &(dyn std::error::Error + 'static)| unanswered("CodeDeploy", error);
    let mut applications = client.list_applications().into_paginator().items().send();
    let mut reading = Vec::new();
    while let Some(application) = applications.next().await {
        let application = application.map_err(|error| refused(&error))?;
        let listed = client.list_deployment_groups().application_name(&application).into_paginator().items().send();
        let names = listed.collect::<Result<Vec<_>, _>>().await.map_err(|error| refused(&error))?;
        for some in names.chunks(GROUPS) {
            let request = client.batch_get_deployment_groups().application_name(&application);
            let described = request.set_deployment_group_names(Some(some.to_vec())).send().await;
            let described = described.map_err(|error| refused(&error))?.deployment_groups_info.unwrap_or_default();
            let reads = described.iter().filter(|group| {
                let configuration = group.alarm_configuration();
                let alarms = configuration.filter(|its| its.enabled).map(|its| its.alarms()).unwrap_or_default();
                alarms.iter().any(|its| its.name() == Some(alarm))
            });
            reading.extend(reads.filter_map(|group| Some(format!("{application}/{}", group.deployment_group_name()?))));
        }
    }
    Ok(reading)
}

async fn caller(settings: &AwsSettings) -> Result<String, Failure> {
    let identity = aws::sts(settings).get_caller_identity().send().await.map_err(|error| unanswered("STS", &error))?;
    identity.arn.ok_or_else(|| Failure::Environment("STS does not say who calls".to_owned()))
}
