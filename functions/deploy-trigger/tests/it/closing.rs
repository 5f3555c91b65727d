//! The ends of releases, and the people who are told of them.

use deploy_trigger::Report;
use slipway_shared::deployment_outcomes::DeploymentOutcome;
use slipway_shared::ledger::contract::sample;
use slipway_shared::ledger::{Basis, Entry, Gate, WriteLedger};
use slipway_shared::release::ReleaseState;
use slipway_shared::stack_events::{StackStatus, StackStatusChange};

use crate::world::{EXECUTION, STACK, World, commit};

async fn failing_canary() -> World {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    world.stacks.add_event(STACK, "ApiAlias", "UPDATE_IN_PROGRESS", "CodeDeploy deployment d-ABCDEF123 in progress");
    world.stacks.add_event(STACK, "ApiAlias", "UPDATE_FAILED", "Deployment d-ABCDEF123 failed");
    let failed = DeploymentOutcome {
        status: "Stopped".into(),
        error_code: Some("HOOK_EXECUTION_FAILURE".into()),
        error_message: Some("the hook for BeforeAllowTraffic reported a failure".into()),
    };
    world.deployments.add("d-ABCDEF123", failed);
    let entry = |gate, verdict: &str, reasons: &[&str]| Entry {
        verdict: verdict.into(),
        reasons: reasons.iter().map(|&reason| reason.into()).collect(),
        ..sample("d-ABCDEF123", gate)
    };
    let before = entry(Gate::BeforeAllowTraffic, "failed", &["health: statusCode 500, expected 200"]);
    for entry in [before, entry(Gate::AfterAllowTraffic, "passed", &[])] {
        world.ledger.write_entry(&entry, Basis::Nothing).await.unwrap();
    }
    world
}

#[tokio::test]
async fn a_failure_is_explained_by_cloudformation_codedeploy_and_the_hook() {
    let world = failing_canary().await;
    world.close(&world.stacks.end(STACK, "UPDATE_ROLLBACK_COMPLETE")).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(
        record.reason.as_deref(),
        Some(
            "ApiAlias (AWS::Lambda::Alias): Deployment d-ABCDEF123 failed; deployment d-ABCDEF123: \
             HOOK_EXECUTION_FAILURE: the hook for BeforeAllowTraffic reported a failure; \
             BeforeAllowTraffic: failed: health: statusCode 500, expected 200"
        )
    );
    assert_eq!(record.deployment_id.as_deref(), Some("d-ABCDEF123"));
    assert_eq!(record.stack_status.as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    let sent = world.notifications.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].subject, format!("slipway-production: release failed ({})", commit(EXECUTION)));
    assert!(sent[0].body.contains("statusCode 500"), "{}", sent[0].body);
}

#[tokio::test]
async fn a_failure_is_explained_by_what_the_watch_found_too() {
    let world = failing_canary().await;
    let entry = sample("d-ABCDEF123", Gate::AllowTraffic);
    world.ledger.write_entry(&entry, Basis::Nothing).await.unwrap();
    world.close(&world.stacks.end(STACK, "UPDATE_ROLLBACK_COMPLETE")).await.unwrap();
    let reason = world.record(EXECUTION).reason.unwrap();
    assert!(reason.ends_with("AllowTraffic: failed: more failures"), "{reason}");
}

#[tokio::test]
async fn a_deployment_that_cannot_be_read_does_not_keep_a_release_open() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    world.stacks.add_event(STACK, "ApiAlias", "UPDATE_FAILED", "Deployment d-UNKNOWN12 failed");
    world.close(&world.stacks.end(STACK, "UPDATE_ROLLBACK_COMPLETE")).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Failed);
    assert!(record.reason.unwrap().contains("d-UNKNOWN12 could not be read"));
}

#[tokio::test]
async fn a_success_is_recorded_and_told_once_however_often_the_event_comes() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    let event = world.stacks.end(STACK, "UPDATE_COMPLETE");
    world.close(&event).await.unwrap();
    let record = world.record(EXECUTION);
    for _ in 0..3 {
        let report = world.close(&event).await.unwrap();
        assert_eq!(report, Report::Duplicate { execution_id: EXECUTION.into(), state: ReleaseState::Succeeded });
        world.succeed(EXECUTION).await.unwrap();
    }
    assert_eq!(world.record(EXECUTION), record);
    assert_eq!(world.notifications.sent().len(), 1);
    assert_eq!(world.notifications.sent()[0].subject, format!("slipway-production: released ({})", commit(EXECUTION)));
}

#[tokio::test]
async fn an_update_by_a_person_closes_no_release() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    for token in [Some("Console-UpdateStack-1".into()), None] {
        let event = StackStatusChange {
            stack_id: format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{STACK}/4f1c2a30"),
            status: StackStatus::new("UPDATE_COMPLETE"),
            reason: None,
            client_request_token: token,
        };
        assert!(matches!(world.close(&event).await.unwrap(), Report::Ignored { .. }));
    }
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Executing);
}

#[tokio::test]
async fn a_release_without_a_topic_is_told_by_the_reconcile_of_the_function_it_made() {
    let mut world = World::ready();
    let topic = world.settings.topic_arn.take();
    world.succeed(EXECUTION).await.unwrap();
    world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    assert_eq!(world.notifications.sent(), []);
    world.settings.topic_arn = topic;
    world.reconcile().await.unwrap();
    world.reconcile().await.unwrap();
    assert_eq!(world.notifications.sent().len(), 1);
}
