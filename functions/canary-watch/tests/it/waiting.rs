//! Deployments of which nothing is to be judged.

use std::time::Duration;

use canary_watch::{Did, Report};
use serde_json::json;
use slipway_shared::deployments::TrafficRouting;

use crate::world::{FUNCTION, ID, Traffic, World, at, well};

#[tokio::test]
async fn without_deployments_there_is_nothing_to_do() {
    assert_eq!(World::empty().tick(1).await.unwrap(), Report::default());
}

#[tokio::test]
async fn a_hook_that_is_still_at_it_is_waited_for() {
    let world = World::with_canary();
    world.shifts.change(ID, |state| state.began = None);
    assert_eq!(world.did(3).await, Did::NothingShared);
}

#[tokio::test]
async fn all_at_once_shares_nothing() {
    let world = World::empty();
    world.shifts.begin(ID, FUNCTION, TrafficRouting::AllAtOnce, at(0));
    assert_eq!(world.did(3).await, Did::NothingShared);
}

#[tokio::test]
async fn a_rollback_is_never_stopped() {
    let world = World::with_canary();
    world.traffic(0..10, well(900), Traffic { failures: 100, ..well(100) });
    world.shifts.change(ID, |state| state.creator = "codeDeployRollback".into());
    assert_eq!(world.did(9).await, Did::LeftARollback);
    assert_eq!(world.shifts.status(ID), "InProgress");
}

#[tokio::test]
async fn a_linear_shift_is_judged_until_its_last_step() {
    let world = World::with_canary();
    let interval = Duration::from_secs(60);
    world.shifts.begin(ID, FUNCTION, TrafficRouting::Linear { percentage: 10, interval }, at(0));
    world.traffic(0..10, well(500), well(500));
    assert_eq!((world.did(7).await, world.did(8).await), (Did::Judged, Did::Passed));
}

#[tokio::test]
async fn a_deployment_event_is_as_good_as_the_schedule() {
    let world = World::with_canary();
    let event = json!({
        "source": "aws.codedeploy", "detail-type": "CodeDeploy Deployment State-change Notification",
        "time": at(2).to_string(), "detail": { "deploymentId": ID, "state": "START" },
    });
    let report = canary_watch::handle(&world, &world.settings, &event).await.unwrap();
    assert_eq!(report.looked[0].did, Did::Judged);
}

#[tokio::test]
async fn an_event_without_a_time_is_an_error() {
    let world = World::with_canary();
    let error = canary_watch::handle(&world, &world.settings, &json!({})).await.unwrap_err();
    assert_eq!(error.error_type(), "Watch.BadEvent");
}

#[tokio::test]
async fn one_deployment_that_cannot_be_looked_at_leaves_the_others_theirs() {
    let world = World::with_canary();
    world.shifts.begin("d-A", FUNCTION, TrafficRouting::Canary { interval: Duration::from_secs(600) }, at(0));
    world.shifts.change("d-A", |state| state.config = "gone".into());
    world.traffic(0..10, well(900), Traffic { failures: 30, ..well(100) });
    let error = world.tick(8).await.unwrap_err();
    assert!(error.to_string().contains("1 of 2") && error.to_string().contains("d-A"), "{error}");
    assert_eq!(world.shifts.status(ID), "Stopped");
}
