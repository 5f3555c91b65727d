//! The events of `events/codepipeline`, `events/cloudformation` and `events/schedule`, each as the function receives it.

use std::fs;
use std::path::{Path, PathBuf};

use deploy_trigger::Report;
use serde_json::Value;
use slipway_shared::pipeline_events::PipelineEvent;
use slipway_shared::release::ReleaseState;
use slipway_shared::stack_events::StackStatusChange;
use test_case::test_case;

use crate::world::{EXECUTION, STACK, World};

const CODEPIPELINE: [&str; 9] = [
    "action-started",
    "action-without-version",
    "pipeline-failed",
    "pipeline-started",
    "pipeline-succeeded",
    "pipeline-succeeded-elsewhere",
    "pipeline-succeeded-minimal",
    "stage-started-without-stage",
    "stage-version-string",
];
const CLOUDFORMATION: [&str; 7] = [
    "update-complete",
    "update-complete-by-a-person",
    "update-complete-cleanup-in-progress",
    "update-complete-elsewhere",
    "update-complete-without-token",
    "update-in-progress",
    "update-rollback-complete",
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(name)
}

pub(crate) fn event(folder_name: &str, case: &str) -> Value {
    let text = fs::read_to_string(folder(folder_name).join(case).with_extension("json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_codepipeline_event_is_read_whatever_its_versions_look_like() {
    let read: Vec<PipelineEvent> =
        CODEPIPELINE.iter().map(|case| PipelineEvent::from_envelope(&event("codepipeline", case)).unwrap()).collect();
    insta::assert_debug_snapshot!(read);
}

#[test]
fn every_cloudformation_event_is_read() {
    let read: Vec<StackStatusChange> = CLOUDFORMATION
        .iter()
        .map(|case| StackStatusChange::from_envelope(&event("cloudformation", case)).unwrap())
        .collect();
    insta::assert_debug_snapshot!(read);
}

#[test_case("pipeline-succeeded")]
#[test_case("pipeline-succeeded-minimal")]
#[tokio::test]
async fn a_pipelines_success_starts_a_release(case: &str) {
    let world = World::ready();
    let report = world.receive(&event("codepipeline", case)).await.unwrap();
    assert_eq!(
        report,
        Report::Release { execution_id: EXECUTION.into(), state: ReleaseState::Executing, reason: None }
    );
    assert_eq!(world.stacks.executions(), [EXECUTION]);
}

#[test_case("action-started")]
#[test_case("action-without-version")]
#[test_case("pipeline-failed")]
#[test_case("pipeline-started")]
#[test_case("pipeline-succeeded-elsewhere")]
#[test_case("stage-started-without-stage")]
#[test_case("stage-version-string")]
#[tokio::test]
async fn another_codepipeline_event_touches_nothing(case: &str) {
    let world = World::ready();
    let report = world.receive(&event("codepipeline", case)).await.unwrap();
    assert!(matches!(report, Report::Ignored { .. }), "{report:?}");
    assert_eq!(world.fuse.calls(), [""; 0]);
}

#[test_case("update-complete", Some(ReleaseState::Succeeded))]
#[test_case("update-complete-without-token", Some(ReleaseState::Succeeded))]
#[test_case("update-rollback-complete", Some(ReleaseState::Failed))]
#[test_case("update-complete-by-a-person", None)]
#[test_case("update-complete-cleanup-in-progress", None)]
#[test_case("update-complete-elsewhere", None)]
#[test_case("update-in-progress", None)]
#[tokio::test]
async fn a_stacks_status_closes_the_release_it_ends(case: &str, end: Option<ReleaseState>) {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    // CloudFormation has long written down what its event tells, or has not yet.
    if case == "update-complete-without-token" {
        let _ = world.stacks.end(STACK, "UPDATE_COMPLETE");
    }
    let report = world.receive(&event("cloudformation", case)).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, end.unwrap_or(ReleaseState::Executing));
    if end.is_some() {
        assert!(matches!(report, Report::Release { .. } | Report::Ignored { .. }), "{report:?}");
    }
    assert_eq!(world.notifications.sent().len(), usize::from(end.is_some()));
}

#[test_case("rule")]
#[test_case("scheduler")]
#[tokio::test]
async fn a_schedule_reconciles(case: &str) {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    let _ = world.stacks.end(STACK, "UPDATE_COMPLETE");
    let report = world.receive(&event("schedule", case)).await.unwrap();
    assert_eq!(report, Report::Reconciled { found: 0 });
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Succeeded);
}
