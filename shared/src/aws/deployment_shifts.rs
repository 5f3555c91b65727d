//! CodeDeploy behind the ports of whoever watches a shift.

use std::time::Duration;

use aws_sdk_codedeploy::error::SdkError;
use aws_sdk_codedeploy::types::{
    DeploymentStatus, DeploymentTarget, LifecycleEvent, LifecycleEventStatus, TimeRange, TrafficRoutingConfig,
    TrafficRoutingType,
};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::codedeploy::AwsDeployments;
use super::time::timestamp;
use super::translate;
use crate::call::CallError;
use crate::deployments::{FindDeployments, ReadShift, ShiftState, StopDeployment, Stopped, TrafficRouting};
use crate::hook::{Shift, shift};
use crate::identity::DeploymentId;

impl FindDeployments for AwsDeployments {
    async fn list_groups(&self, application: &str) -> Result<Vec<String>, CallError> {
        let request = self.client.list_deployment_groups().application_name(application);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| translate("ListDeploymentGroups", error))?;
            found.extend(page.deployment_groups.unwrap_or_default());
        }
        Ok(found)
    }

    async fn list_deployments(
        &self,
        application: &str,
        group: &str,
        statuses: &[&str],
        since: Timestamp,
    ) -> Result<Vec<DeploymentId>, CallError> {
        let request = self.client.list_deployments().application_name(application).deployment_group_name(group);
        let statuses = statuses.iter().map(|status| DeploymentStatus::from(*status)).collect();
        let created = TimeRange::builder().start(DateTime::from_secs(since.as_second())).build();
        let request = request.set_include_only_statuses(Some(statuses)).create_time_range(created);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| translate("ListDeployments", error))?;
            found.extend(page.deployments.unwrap_or_default().iter().filter_map(|id| id.parse().ok()));
        }
        Ok(found)
    }
}

impl ReadShift for AwsDeployments {
    async fn read_shift(&self, id: &DeploymentId) -> Result<ShiftState, CallError> {
        let output = self.client.get_deployment().deployment_id(id.as_str()).send().await;
        let info = output.map_err(|error| translate("GetDeployment", error))?.deployment_info;
        let info = info.ok_or_else(|| CallError::Unexpected {
            operation: "GetDeployment",
            source: "the answer holds no deploymentInfo".into(),
        })?;
        let targets = self.targets(id).await?;
        let event = targets.iter().find_map(allow_traffic);
        let time = |time: Option<&DateTime>| time.and_then(timestamp);
        let undone = info.rollback_info.and_then(|info| info.rollback_triggering_deployment_id);
        Ok(ShiftState {
            application: info.application_name.unwrap_or_default(),
            group: info.deployment_group_name.unwrap_or_default(),
            shift: targets.iter().find_map(told),
            undoes: undone.is_some_and(|id| !id.is_empty()),
            status: info.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            creator: info.creator.map(|creator| creator.as_str().to_owned()).unwrap_or_default(),
            config: info.deployment_config_name.unwrap_or_default(),
            began: time(event.and_then(LifecycleEvent::start_time)),
            ended: time(event.and_then(LifecycleEvent::end_time)),
            called: targets.iter().find_map(called),
        })
    }

    async fn read_routing(&self, config: &str) -> Result<TrafficRouting, CallError> {
        let output = self.client.get_deployment_config().deployment_config_name(config).send().await;
        let output = output.map_err(|error| translate("GetDeploymentConfig", error))?;
        Ok(output
            .deployment_config_info
            .and_then(|info| info.traffic_routing_config)
            .map_or(TrafficRouting::AllAtOnce, |routing| to_routing(&routing)))
    }
}

impl StopDeployment for AwsDeployments {
    async fn stop_deployment(&self, id: &DeploymentId) -> Result<Stopped, CallError> {
        let request = self.client.stop_deployment().deployment_id(id.as_str()).auto_rollback_enabled(true);
        match request.send().await {
            Ok(_) => Ok(Stopped::Accepted),
            Err(SdkError::ServiceError(error)) if error.err().is_deployment_already_completed_exception() => {
                Ok(Stopped::AlreadyOver)
            }
            Err(error) => Err(translate("StopDeployment", error)),
        }
    }
}

/// The shift that a target tells of.
fn told(target: &DeploymentTarget) -> Option<Shift> {
    let info = target.lambda_target()?.lambda_function_info()?;
    shift(info.function_name(), info.function_alias(), info.current_version(), info.target_version()).ok()
}

/// The event during which traffic shifts. It has no hook.
fn allow_traffic(target: &DeploymentTarget) -> Option<&LifecycleEvent> {
    let events = target.lambda_target()?.lifecycle_events();
    events.iter().find(|event| event.lifecycle_event_name() == Some("AllowTraffic"))
}

/// The event that is in progress and has a hook.
fn called(target: &DeploymentTarget) -> Option<(crate::hook::LifecycleEvent, Timestamp)> {
    let in_progress = |event: &&LifecycleEvent| event.status() == Some(&LifecycleEventStatus::InProgress);
    target.lambda_target()?.lifecycle_events().iter().filter(in_progress).find_map(|event| {
        let known = crate::hook::LifecycleEvent::from_name(event.lifecycle_event_name()?)?;
        Some((known, timestamp(event.start_time()?)?))
    })
}

fn to_routing(routing: &TrafficRoutingConfig) -> TrafficRouting {
    let minutes = |minutes: i32| Duration::from_secs(60 * u64::try_from(minutes).unwrap_or_default());
    match routing.r#type() {
        Some(TrafficRoutingType::TimeBasedCanary) => TrafficRouting::Canary {
            interval: minutes(routing.time_based_canary().map_or(0, |canary| canary.canary_interval)),
        },
        Some(TrafficRoutingType::TimeBasedLinear) => {
            let linear = routing.time_based_linear();
            TrafficRouting::Linear {
                percentage: linear.and_then(|linear| u32::try_from(linear.linear_percentage).ok()).unwrap_or_default(),
                interval: minutes(linear.map_or(0, |linear| linear.linear_interval)),
            }
        }
        _ => TrafficRouting::AllAtOnce,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Connection, settings};
    use super::*;

    fn deployments(connection: &Connection) -> AwsDeployments {
        AwsDeployments::new(super::super::codedeploy(&settings(connection)))
    }

    fn id() -> DeploymentId {
        "d-ABCDEF123".parse().unwrap()
    }

    #[tokio::test]
    async fn a_shift_is_read_from_the_deployment_and_its_target() {
        let connection = Connection::answering(
            200,
            &json!({"deploymentInfo": {"status": "InProgress", "creator": "CloudFormation", "deploymentConfigName": "c"}}),
        )
        .then(200, &json!({"targetIds": ["api:live"]}))
        .then(
            200,
            &json!({"deploymentTargets": [{"deploymentTargetType": "LambdaTarget", "lambdaTarget": {
                "lambdaFunctionInfo": {"functionName": "api", "functionAlias": "live", "currentVersion": "1", "targetVersion": "2"},
                "lifecycleEvents": [
                {"lifecycleEventName": "BeforeAllowTraffic", "status": "Succeeded", "startTime": 1.0, "endTime": 2.0},
                {"lifecycleEventName": "AllowTraffic", "status": "InProgress", "startTime": 3.0},
            ]}}]}),
        );
        let state = deployments(&connection).read_shift(&id()).await.unwrap();
        assert!(state.is_active() && !state.is_rollback());
        assert_eq!((state.began.map(Timestamp::as_second), state.ended, state.config.as_str()), (Some(3), None, "c"));
        assert_eq!(state.called, None, "the shift itself calls no hook");
    }

    #[tokio::test]
    async fn a_hook_that_has_not_answered_is_told_with_its_time() {
        let events = json!([{"lifecycleEventName": "BeforeAllowTraffic", "status": "InProgress", "startTime": 7.0}]);
        let target = json!({"deploymentTargetType": "LambdaTarget", "lambdaTarget": {"lifecycleEvents": events}});
        let connection = Connection::answering(200, &json!({"deploymentInfo": {"status": "InProgress"}}))
            .then(200, &json!({"targetIds": ["api:live"]}))
            .then(200, &json!({"deploymentTargets": [target]}));
        let called = deployments(&connection).read_shift(&id()).await.unwrap().called.unwrap();
        assert_eq!((called.0.as_str(), called.1.as_second()), ("BeforeAllowTraffic", 7));
    }

    #[tokio::test]
    async fn a_stop_asks_for_the_rollback() {
        let connection = Connection::answering(200, &json!({"status": "Succeeded"}));
        assert_eq!(deployments(&connection).stop_deployment(&id()).await.unwrap(), Stopped::Accepted);
        let body = connection.only_request().json();
        assert_eq!(body, json!({"deploymentId": "d-ABCDEF123", "autoRollbackEnabled": true}));
    }

    #[tokio::test]
    async fn a_deployment_that_is_over_need_not_be_stopped() {
        let connection = Connection::answering(400, &json!({"__type": "DeploymentAlreadyCompletedException"}));
        assert_eq!(deployments(&connection).stop_deployment(&id()).await.unwrap(), Stopped::AlreadyOver);
    }

    #[tokio::test]
    async fn deployments_are_asked_for_by_status_and_time() {
        let connection = Connection::answering(200, &json!({"deployments": ["d-ABCDEF123", "no id"]}));
        let since = Timestamp::from_second(7).unwrap();
        let found = deployments(&connection).list_deployments("app", "group", &["InProgress"], since).await.unwrap();
        assert_eq!(found, [id()]);
        let body = connection.only_request().json();
        assert_eq!(body["includeOnlyStatuses"], json!(["InProgress"]));
        assert_eq!(body["createTimeRange"]["start"].as_f64(), Some(7.0));
    }

    #[tokio::test]
    async fn the_routing_of_a_configuration_is_read() {
        let linear =
            json!({"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 3}});
        let connection = Connection::answering(200, &json!({"deploymentConfigInfo": {"trafficRoutingConfig": linear}}));
        let routing = deployments(&connection).read_routing("c").await.unwrap();
        assert_eq!(routing, TrafficRouting::Linear { percentage: 10, interval: Duration::from_secs(180) });
    }
}
