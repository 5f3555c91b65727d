//! CodeDeploy behind the hooks' ports.

use aws_sdk_codedeploy::Client;
use aws_sdk_codedeploy::error::SdkError;
use aws_sdk_codedeploy::types::{
    AppSpecContent, DeploymentTarget as SdkTarget, EcsTarget as SdkEcsTarget, LambdaTarget as SdkLambdaTarget,
    LifecycleEvent as SdkLifecycleEvent, LifecycleEventStatus, RevisionLocation, RevisionLocationType,
};

use super::time::timestamp;
use super::translate;
use crate::call::CallError;
use crate::hook::{
    DeploymentInfo, DeploymentTarget, EcsTarget, HookStatus, LambdaTarget, LifecycleEvent, Progress, ReadDeployment,
    ReadGroupAlarms, ReportAddress, ReportHookStatus, Reported, Revision, RevisionKind,
};
use crate::identity::DeploymentId;
use crate::objects::ObjectLocation;

/// CodeDeploy over its SDK client.
#[derive(Debug, Clone)]
pub struct AwsDeployments {
    pub(super) client: Client,
}

impl AwsDeployments {
    /// Over a client of [`super::codedeploy()`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// All targets of a deployment.
    pub(super) async fn targets(&self, id: &DeploymentId) -> Result<Vec<SdkTarget>, CallError> {
        let mut ids = Vec::new();
        let mut token = None;
        loop {
            let request = self.client.list_deployment_targets().deployment_id(id.as_str()).set_next_token(token);
            let page = request.send().await.map_err(|error| translate("ListDeploymentTargets", error))?;
            ids.extend(page.target_ids.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
        let mut targets = Vec::new();
        // BatchGetDeploymentTargets takes at most 25 ids.
        for some in ids.chunks(25) {
            let request = self.client.batch_get_deployment_targets().deployment_id(id.as_str());
            let output = request.set_target_ids(Some(some.to_vec())).send().await;
            let output = output.map_err(|error| translate("BatchGetDeploymentTargets", error))?;
            targets.extend(output.deployment_targets.unwrap_or_default());
        }
        Ok(targets)
    }
}

impl ReportHookStatus for AwsDeployments {
    async fn report_hook_status(&self, address: &ReportAddress, status: HookStatus) -> Result<Reported, CallError> {
        let request = self
            .client
            .put_lifecycle_event_hook_execution_status()
            .deployment_id(&address.deployment_id)
            .lifecycle_event_hook_execution_id(address.execution_id.as_str())
            .status(match status {
                HookStatus::Succeeded => LifecycleEventStatus::Succeeded,
                HookStatus::Failed => LifecycleEventStatus::Failed,
            });
        match request.send().await {
            Ok(_) => Ok(Reported::Accepted),
            Err(SdkError::ServiceError(error)) if error.err().is_lifecycle_event_already_completed_exception() => {
                Ok(Reported::AlreadyCompleted)
            }
            Err(error) => Err(translate("PutLifecycleEventHookExecutionStatus", error)),
        }
    }
}

impl ReadDeployment for AwsDeployments {
    async fn read_deployment(&self, id: &DeploymentId) -> Result<DeploymentInfo, CallError> {
        const OPERATION: &str = "GetDeployment";
        let output = self.client.get_deployment().deployment_id(id.as_str()).send().await;
        let info = output.map_err(|error| translate(OPERATION, error))?.deployment_info;
        let info = info.ok_or_else(|| lacking(OPERATION, "deploymentInfo"))?;
        Ok(DeploymentInfo {
            application: info.application_name.ok_or_else(|| lacking(OPERATION, "applicationName"))?,
            group: info.deployment_group_name.unwrap_or_default(),
            compute_platform: info.compute_platform.map(|platform| platform.as_str().to_owned()),
            revision: info.revision.and_then(revision_from_sdk),
            creator: info.creator.map(|creator| creator.as_str().to_owned()),
            began: info.create_time.as_ref().and_then(timestamp),
            undoes: info.rollback_info.and_then(|rollback| rollback.rollback_triggering_deployment_id),
        })
    }

    async fn read_targets(&self, id: &DeploymentId) -> Result<Vec<DeploymentTarget>, CallError> {
        Ok(self.targets(id).await?.into_iter().filter_map(target_from_sdk).collect())
    }

    async fn read_revision(&self, application: &str, revision: &Revision) -> Result<Option<String>, CallError> {
        let request = self.client.get_application_revision().application_name(application);
        let output = request.revision(revision_to_sdk(revision)).send().await;
        let output = output.map_err(|error| translate("GetApplicationRevision", error))?;
        match output.revision.and_then(revision_from_sdk) {
            Some(Revision::Text { content, .. }) => Ok(content),
            Some(Revision::Object { .. }) | None => Ok(None),
        }
    }
}

impl ReadGroupAlarms for AwsDeployments {
    async fn read_group_alarms(&self, application: &str, group: &str) -> Result<Vec<String>, CallError> {
        let request = self.client.get_deployment_group().application_name(application).deployment_group_name(group);
        let output = request.send().await.map_err(|error| translate("GetDeploymentGroup", error))?;
        let watched =
            output.deployment_group_info.and_then(|info| info.alarm_configuration).filter(|alarms| alarms.enabled);
        let alarms = watched.and_then(|alarms| alarms.alarms).unwrap_or_default();
        Ok(alarms.into_iter().filter_map(|alarm| alarm.name).collect())
    }
}

fn lacking(operation: &'static str, member: &'static str) -> CallError {
    CallError::Unexpected { operation, source: format!("the answer holds no {member}").into() }
}

#[expect(deprecated, reason = "CodeDeploy deprecated RawString, but CloudFormation's deployments still carry it")]
fn revision_from_sdk(location: RevisionLocation) -> Option<Revision> {
    use aws_sdk_codedeploy::types::RawString;
    if let Some(RawString { content, sha256, .. }) = location.string {
        return Some(Revision::Text { kind: RevisionKind::String, content, sha256 });
    }
    if let Some(AppSpecContent { content, sha256, .. }) = location.app_spec_content {
        return Some(Revision::Text { kind: RevisionKind::AppSpecContent, content, sha256 });
    }
    let object = location.s3_location?;
    Some(Revision::Object {
        location: ObjectLocation::new(object.bucket?, object.key?),
        version: object.version,
        bundle: object.bundle_type.map(|kind| kind.as_str().to_owned()),
    })
}

#[expect(deprecated, reason = "CodeDeploy deprecated RawString, but CloudFormation's deployments still carry it")]
fn revision_to_sdk(revision: &Revision) -> RevisionLocation {
    use aws_sdk_codedeploy::types::RawString;
    let location = RevisionLocation::builder();
    let Revision::Text { kind, content, sha256 } = revision else {
        return location.revision_type(RevisionLocationType::S3).build();
    };
    let (content, sha256) = (content.clone(), sha256.clone());
    match kind {
        RevisionKind::String => location
            .revision_type(RevisionLocationType::String)
            .string(RawString::builder().set_content(content).set_sha256(sha256).build()),
        RevisionKind::AppSpecContent => location
            .revision_type(RevisionLocationType::AppSpecContent)
            .app_spec_content(AppSpecContent::builder().set_content(content).set_sha256(sha256).build()),
    }
    .build()
}

fn target_from_sdk(target: SdkTarget) -> Option<DeploymentTarget> {
    if let Some(SdkEcsTarget { target_arn, lifecycle_events, .. }) = target.ecs_target {
        return Some(EcsTarget { service_arn: target_arn, events: events(lifecycle_events) }.into());
    }
    let SdkLambdaTarget { lambda_function_info, lifecycle_events, .. } = target.lambda_target?;
    let info = lambda_function_info?;
    let target = LambdaTarget {
        function: info.function_name,
        alias: info.function_alias,
        current_version: info.current_version,
        target_version: info.target_version,
        events: events(lifecycle_events),
    };
    Some(target.into())
}

fn events(told: Option<Vec<SdkLifecycleEvent>>) -> Vec<(LifecycleEvent, Progress)> {
    told.unwrap_or_default().iter().filter_map(event_from_sdk).collect()
}

fn event_from_sdk(event: &SdkLifecycleEvent) -> Option<(LifecycleEvent, Progress)> {
    let progress = match event.status.as_ref()? {
        LifecycleEventStatus::InProgress => Progress::InProgress,
        LifecycleEventStatus::Succeeded | LifecycleEventStatus::Failed | LifecycleEventStatus::Skipped => {
            Progress::Finished
        }
        _ => Progress::Pending,
    };
    Some((LifecycleEvent::from_name(event.lifecycle_event_name.as_deref()?)?, progress))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Connection, settings};
    use super::*;

    fn deployments(connection: &Connection) -> AwsDeployments {
        AwsDeployments::new(super::super::codedeploy(&settings(connection)))
    }

    fn address() -> ReportAddress {
        ReportAddress { deployment_id: "d-ABC".into(), execution_id: "token".parse().unwrap() }
    }

    #[tokio::test]
    async fn reports_with_the_two_ids_and_the_status() {
        let connection = Connection::answering(200, &json!({"lifecycleEventHookExecutionId": "token"}));
        let reported = deployments(&connection).report_hook_status(&address(), HookStatus::Failed).await;
        assert_eq!(reported.unwrap(), Reported::Accepted);
        let request = connection.only_request();
        assert_eq!(request.target.as_deref(), Some("CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus"));
        assert_eq!(
            request.json(),
            json!({"deploymentId": "d-ABC", "lifecycleEventHookExecutionId": "token", "status": "Failed"})
        );
    }

    #[tokio::test]
    async fn an_event_completed_before_is_no_error() {
        let connection = Connection::answering(400, &json!({"__type": "LifecycleEventAlreadyCompletedException"}));
        let reported = deployments(&connection).report_hook_status(&address(), HookStatus::Succeeded).await;
        assert_eq!(reported.unwrap(), Reported::AlreadyCompleted);
    }

    #[tokio::test]
    async fn a_denial_is_denied() {
        let connection = Connection::answering(400, &json!({"__type": "AccessDeniedException"}));
        let reported = deployments(&connection).report_hook_status(&address(), HookStatus::Succeeded).await;
        assert!(matches!(reported, Err(CallError::Denied { .. })));
    }

    #[tokio::test]
    async fn reads_targets_through_all_pages() {
        let target = json!({"deploymentTargets": [{"deploymentTargetType": "LambdaTarget", "lambdaTarget": {
            "deploymentId": "d-ABC",
            "lifecycleEvents": [
                {"lifecycleEventName": "BeforeAllowTraffic", "status": "InProgress"},
                {"lifecycleEventName": "AllowTraffic", "status": "Pending"}],
            "lambdaFunctionInfo": {"functionName": "fn", "functionAlias": "live", "currentVersion": "1", "targetVersion": "2"}}}]});
        let connection = Connection::answering(200, &json!({"targetIds": ["a"], "nextToken": "more"}))
            .then(200, &json!({"targetIds": ["b"]}))
            .then(200, &target);
        let targets = deployments(&connection).read_targets(&"d-ABC".parse().unwrap()).await.unwrap();
        assert_eq!(connection.requests()[2].json(), json!({"deploymentId": "d-ABC", "targetIds": ["a", "b"]}));
        assert_eq!(
            targets,
            [DeploymentTarget::Lambda(LambdaTarget {
                function: Some("fn".into()),
                alias: Some("live".into()),
                current_version: Some("1".into()),
                target_version: Some("2".into()),
                events: vec![(LifecycleEvent::BeforeAllowTraffic, Progress::InProgress)],
            })]
        );
    }

    #[tokio::test]
    async fn asks_for_a_revision_as_the_deployment_named_it() {
        let named = json!({"revisionType": "String", "string": {"sha256": "ab"}});
        let connection = Connection::answering(
            200,
            &json!({"deploymentInfo": {"applicationName": "app", "computePlatform": "Lambda", "revision": named}}),
        )
        .then(200, &json!({"revision": {"revisionType": "String", "string": {"sha256": "ab", "content": "{}"}}}));
        let deployments = deployments(&connection);
        let info = deployments.read_deployment(&"d-ABC".parse().unwrap()).await.unwrap();
        let content = deployments.read_revision(&info.application, &info.revision.unwrap()).await.unwrap();
        assert_eq!(content.as_deref(), Some("{}"));
        assert_eq!(connection.requests()[1].json(), json!({"applicationName": "app", "revision": named}));
    }
}
